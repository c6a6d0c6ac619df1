/** A number that was measured several times. */
export type Spread = {
	readonly mean: number;
	/** Sample standard deviation (divided by count − 1); `null` when there is one value, which says nothing about spread. */
	readonly deviation: number | null;
	readonly count: number;
};

/**
 * Mean and sample standard deviation, in two passes so that a large mean costs no digits.
 * @throws {RangeError} when there is no value
 */
export function spreadOf(values: readonly number[]): Spread {
	const count = values.length;
	if (count === 0) {
		throw new RangeError('Expected at least one value to average, got none');
	}

	const mean = values.reduce((sum, value) => sum + value, 0) / count;
	const squares = values.reduce((sum, value) => sum + ((value - mean) ** 2), 0);
	return {mean, deviation: count === 1 ? null : Math.sqrt(squares / (count - 1)), count};
}
