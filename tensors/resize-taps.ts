/** Which neighbouring inputs make up one output, and with which weights, which sum to 1. */
export type Taps = {readonly first: number; readonly weights: Float64Array};

/**
 * Antialiased bilinear resizing of one axis: a triangle filter as wide as the reduction, cut off at the edges, in float64. It equals PyTorch's
 * `interpolate(mode='bilinear', antialias=True)`.
 */
export function resizeTaps(from: number, to: number): Taps[] {
	const ratio = from / to;
	const reach = Math.max(ratio, 1);
	return Array.from({length: to}, (_, output) => {
		const centre = (output + 0.5) * ratio;
		const first = Math.floor(Math.max(centre - reach + 0.5, 0));
		const end = Math.min(Math.floor(centre + reach + 0.5), from);
		const raw = Float64Array.from({length: end - first}, (_, tap) => Math.max(0, 1 - (Math.abs(first + tap - centre + 0.5) / reach)));
		const sum = raw.reduce((total, weight) => total + weight, 0);
		return {first, weights: raw.map(weight => weight / sum)};
	});
}
