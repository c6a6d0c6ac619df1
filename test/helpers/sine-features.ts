/** Deterministic features that `test/fixtures/metrics.py` makes too: [count, size] in float32, without randomness. */
export function sineFeatures({count, size, frequency, offset}: {count: number; size: number; frequency: number; offset: number}) {
	return {
		values: Float32Array.from({length: count * size}, (_, index) => Math.sin((frequency * index) + (0.001 * index * index)) + offset),
		size,
	};
}
