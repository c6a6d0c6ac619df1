/** Of float32 arithmetic over a few operations, relative to the largest number compared. */
export const float32Tolerance = 1e-5;

/**
 * The largest difference of two lists as a share of the largest expected number, which is what float32 rounding follows where terms cancel out;
 * infinite when their lengths differ or a number is missing.
 */
export function relativeDifference(actual: ArrayLike<number>, expected: readonly number[]): number {
	if (actual.length !== expected.length) {
		return Infinity;
	}

	const largest = Math.max(...expected.map(value => Math.abs(value)));
	const differences = expected.map((value, index) => Math.abs(actual[index]! - value));
	return differences.some(difference => Number.isNaN(difference)) ? Infinity : Math.max(...differences) / (largest === 0 ? 1 : largest);
}
