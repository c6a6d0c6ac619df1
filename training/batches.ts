/**
 * Splits the order of an epoch into batches. A last incomplete batch is kept when it has more than a quarter of the batch size, or when it is
 * the only one: batch normalization over fewer images would be noise.
 */
export function batchesOf(order: Int32Array, batchSize: number): Int32Array[] {
	const batches: Int32Array[] = [];
	for (let start = 0; start < order.length; start += batchSize) {
		const batch = order.slice(start, start + batchSize);
		if (batch.length > batchSize / 4 || start === 0) {
			batches.push(batch);
		}
	}

	return batches;
}
