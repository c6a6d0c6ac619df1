/** Whether a last incomplete batch is kept: when it has more than a quarter of the batch size, always, or never. */
export type LastBatch = 'dropped' | 'kept' | 'large';

/**
 * Splits the order of an epoch into batches. The only batch is kept however small it is. By default a last incomplete batch needs more than a quarter of
 * the batch size: batch normalization over fewer images would be noise.
 */
export function batchesOf(order: Int32Array, batchSize: number, lastBatch: LastBatch = 'large'): Int32Array[] {
	const fewest = {large: Math.floor(batchSize / 4) + 1, kept: 1, dropped: batchSize}[lastBatch];
	const batches: Int32Array[] = [];
	for (let start = 0; start < order.length; start += batchSize) {
		const batch = order.slice(start, start + batchSize);
		if (batch.length >= fewest || start === 0) {
			batches.push(batch);
		}
	}

	return batches;
}
