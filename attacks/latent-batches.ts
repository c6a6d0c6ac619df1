import * as tf from '@tensorflow/tfjs-core';
import type {LatentPool} from '../artifacts/latents.ts';

/** Consecutive latents that are computed together. */
export type LatentBatch = {
	/** Index of the first one. */
	readonly start: number;
	readonly count: number;
	/** A new tensor [count, latentSize]. */
	readonly toTensor: () => tf.Tensor2D;
};

/** Cuts a set into batches of at most `batchSize`, in order. */
export function latentBatches({latents, latentSize}: LatentPool, batchSize: number): readonly LatentBatch[] {
	const total = latents.length / latentSize;
	return Array.from({length: Math.ceil(total / batchSize)}, (_, index) => {
		const start = index * batchSize;
		const count = Math.min(batchSize, total - start);
		return {start, count, toTensor: () => tf.tensor2d(latents.slice(start * latentSize, (start + count) * latentSize), [count, latentSize])};
	});
}
