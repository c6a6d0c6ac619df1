import * as tf from '@tensorflow/tfjs-core';
import {assemble, type Assembly} from '../artifacts/assembled-bytes.ts';
import type {ImageSet} from '../artifacts/image-set.ts';
import type {LatentSet} from '../artifacts/latents.ts';
import {UserError} from '../engine/error.ts';
import type {ScratchFile} from '../engine/scratch-files.ts';
import type {OnStep} from '../engine/stage.ts';
import {unitValues} from '../models/image-range.ts';
import {latentBatches} from './latent-batches.ts';
import {type ImageGenerator, shownImages} from './networks.ts';

/** How latents are rendered. */
export type RenderOptions = Assembly & {
	/** One name per class, for the labels. */
	readonly identities: readonly string[];
	/** Images at a time; changes only speed and memory. */
	readonly batchSize: number;
	readonly onStep: OnStep;
};

/** Images and pixels that are rendered at a time, at most. */
const limits = {images: 100, pixels: 2 ** 22};

/** How many images of a generator are rendered at a time. */
export function renderBatchSize({imageShape: [height, width]}: {readonly imageShape: readonly [height: number, width: number, channels: number]}): number {
	return Math.max(1, Math.min(limits.images, Math.floor(limits.pixels / (height * width))));
}

/**
 * The images of latents, 8 bits per value, labelled with their target classes: the reconstructions. Many of them are assembled on the disk.
 *
 * @throws {UserError} when there are no latents or the generator yields NaN.
 */
export async function renderLatents(set: LatentSet, generator: ImageGenerator, {identities, batchSize, onStep, ...assembly}: RenderOptions): Promise<ImageSet> {
	const {targetClasses: labels} = set;
	if (labels.length === 0) {
		throw new UserError('no-latents', 'Expected latents to render, got none', {hint: 'The stages of the attack must keep at least one latent for at least one class.'});
	}

	const batches = latentBatches(set, batchSize);
	let pixels: ScratchFile | undefined;
	let imageShape: readonly number[] = [];
	for (const [index, {start, toTensor}] of batches.entries()) {
		const rendered = tf.tidy(() => shownImages(generator, toTensor()));
		try {
			imageShape = rendered.shape.slice(1);
			pixels ??= assemble(labels.length * tf.util.sizeFromShape([...imageShape]), assembly);
			// Clamps and rounds.
			const values = Uint8ClampedArray.from(scaled(unitValues(await rendered.data<'float32'>(), generator.range), start));
			pixels.add(new Uint8Array(values.buffer));
		} finally {
			rendered.dispose();
		}

		await onStep(index + 1, batches.length, 'batch');
	}

	const [height = 0, width = 0, channels = 0] = imageShape;
	return {
		images: pixels!.finish(), shape: [labels.length, height, width, channels], labels, identities,
	};
}

function scaled(values: Float32Array, start: number): Float32Array {
	if (values.some(value => Number.isNaN(value))) {
		throw new UserError('generator-nan', `Expected numbers from the generator, got NaN in the batch that starts with latent ${start}`, {
			hint: 'Its training diverged: lower "generator.learningRate".',
		});
	}

	return values.map(value => 255 * value);
}
