/** A density over an axis, as a curve. */
export type Density = {
	/** Ascending, evenly spaced from the smallest to the largest value. */
	readonly at: readonly number[];
	/** Density at each place, 0 or more. */
	readonly density: readonly number[];
};

/** Narrowest kernel as a share of the axis 0–1, for values that are all the same. */
const minBandwidth = 1e-3;

/**
 * Gaussian kernel density with Scott's bandwidth, n^(−1/5) times the sample standard deviation, as in SciPy's `gaussian_kde`.
 *
 * @param values - At least one, finite.
 * @param points - Places of the curve, at least 2.
 */
export function kernelDensity(values: readonly number[], points = 80): Density {
	const count = values.length;
	const mean = values.reduce((sum, value) => sum + value, 0) / count;
	const variance = values.reduce((sum, value) => sum + ((value - mean) ** 2), 0) / Math.max(1, count - 1);
	const bandwidth = Math.max(minBandwidth, Math.sqrt(variance) * (count ** -0.2));
	const ordered = values.toSorted((a, b) => a - b);
	const [low, high] = [ordered[0]!, ordered.at(-1)!];
	const at = Array.from({length: points}, (_, index) => low + ((high - low) * index / (points - 1)));
	const scale = 1 / (count * bandwidth * Math.sqrt(2 * Math.PI));
	return {at, density: at.map(place => scale * values.reduce((sum, value) => sum + Math.exp(-0.5 * (((place - value) / bandwidth) ** 2)), 0))};
}
