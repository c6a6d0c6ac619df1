import * as tf from '@tensorflow/tfjs-core';
import type {LatentPool} from '../artifacts/latents.ts';
import type {OnStep} from '../engine/stage.ts';
import type {Stylegan2Network} from '../models/networks/stylegan2.ts';
import {latentBatches} from './latent-batches.ts';
import {concatenate} from './scoring.ts';

/** How far vectors are drawn to the mean of all, where the generator is most reliable. */
export type Truncation = {
	/** Ψ: 1 leaves them, 0 makes them the mean. */
	readonly psi: number;
	/** Layers, from the first one, that read truncated vectors while the pool is scored; all when absent. */
	readonly cutoff?: number | undefined;
};

/** Latents mapped at a time; the mapping is small. */
const batchSize = 1000;

/**
 * The pool in the space that the attack searches: w of every z, truncated. With a cutoff, the layers behind it are scored with w before truncation; the
 * vector that is kept is the truncated one all the same, as in the authors' code, which keeps the vector of the first layer.
 */
export async function mapLatents(pool: LatentPool, network: Pick<Stylegan2Network, 'map' | 'truncate' | 'numLayers'>, {truncation, onStep}: {readonly truncation?: Truncation | undefined; readonly onStep: OnStep}): Promise<LatentPool> {
	const batches = latentBatches(pool, batchSize);
	let latentSize = 0;
	const mapped: Float32Array[] = [];
	const truncated: Float32Array[] = [];
	for (const [index, {toTensor}] of batches.entries()) {
		const tensors = tf.tidy(() => {
			const w = network.map(toTensor());
			return {w, moved: truncation ? network.truncate(w, truncation.psi) : tf.clone(w)};
		});
		try {
			mapped.push(await tensors.w.data<'float32'>());
			truncated.push(await tensors.moved.data<'float32'>());
			[, latentSize] = tensors.w.shape;
		} finally {
			tf.dispose([tensors.w, tensors.moved]);
		}

		await onStep(index + 1, batches.length, 'batch');
	}

	const cutoff = truncation?.cutoff ?? network.numLayers;
	return {
		latents: concatenate(truncated),
		latentSize,
		...(truncation && cutoff < network.numLayers && {upper: {firstLayer: cutoff, latents: concatenate(mapped)}}),
	};
}
