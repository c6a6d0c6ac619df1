import * as tf from '@tensorflow/tfjs-core';
import type {LatentPool} from '../artifacts/latents.ts';
import type {UpperLatents} from '../models/generator.ts';

/** Consecutive latents that are computed together. */
export type LatentBatch = {
	/** Index of the first one. */
	readonly start: number;
	readonly count: number;
	/** A new tensor [count, latentSize]. */
	readonly toTensor: () => tf.Tensor2D;
	/** What the last layers read instead, in a new tensor; undefined when they read the same. */
	readonly toUpper: () => UpperLatents | undefined;
};

/** Cuts a set into batches of at most `batchSize`, in order. */
export function latentBatches(pool: LatentPool, batchSize: number): readonly LatentBatch[] {
	const total = pool.latents.length / pool.latentSize;
	return Array.from({length: Math.ceil(total / batchSize)}, (_, index) => latentBatch(pool, index * batchSize, batchSize));
}

/** The batch that starts at a latent, of at most `size`. */
export function latentBatch({latents, latentSize, upper}: LatentPool, start: number, size: number): LatentBatch {
	const count = Math.min(size, (latents.length / latentSize) - start);
	const rows = (values: Float32Array) => tf.tensor2d(values.slice(start * latentSize, (start + count) * latentSize), [count, latentSize]);
	return {
		start, count, toTensor: () => rows(latents), toUpper: () => upper && {firstLayer: upper.firstLayer, latents: rows(upper.latents)},
	};
}
