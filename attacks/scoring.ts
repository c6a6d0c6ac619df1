import * as tf from '@tensorflow/tfjs-core';
import type {LatentPool} from '../artifacts/latents.ts';
import {UserError} from '../engine/error.ts';
import type {Resumable} from '../engine/stage.ts';
import type {RandomStream} from '../tensors/random.ts';
import {classifierInputOf} from '../models/image-range.ts';
import {type LatentBatch, latentBatch} from './latent-batches.ts';
import {logHalved, withinMemory} from './memory.ts';
import {type ImageGenerator, shownImages, type TargetModel} from './networks.ts';
import type {View} from './views.ts';

/** How latents are scored. */
export type Scoring = Resumable<ScoringState> & {
	readonly generator: ImageGenerator;
	readonly targetModel: TargetModel;
	/** Of the noise of a target model that answers with noise: drawn anew for every view, and belonging to the place of the image among all images. */
	readonly noise: RandomStream;
	/** At least one. */
	readonly views: readonly View[];
	/** Images at a time; halved while memory is short. */
	readonly batchSize: number;
	/** Whether images are clamped to their range before they are looked at. */
	readonly isClamped?: boolean;
	/** Hears when memory was short. */
	readonly log?: ((message: string) => void) | undefined;
	/** The class to read the confidence of, per latent; absent: all classes. */
	readonly targetClasses?: Int32Array;
};

/** Where the scoring is after a view of a batch: all that decides how it goes on. */
export type ScoringState = {
	/** Of the batches that are finished. */
	readonly parts: readonly Float32Array[];
	/** Latents in them. */
	readonly start: number;
	/** Images at a time of the next batch. */
	readonly size: number;
	/** What is summed of the next batch. */
	readonly sum: BatchSum;
};

/** Probabilities added over the views that are finished, row-major [count, numClasses]. */
type BatchSum = {readonly views: number; readonly values: Float32Array};

/**
 * The target model's softmax of the images of latents, averaged over views: how robustly it recognises them (Struppek et al. 2024, Sec. 2).
 *
 * @returns [count] when there are target classes, else row-major [count, numClasses].
 * @throws {UserError} when the target model yields NaN, or there is not enough memory for one image.
 */
export async function meanConfidences(pool: LatentPool, scoring: Scoring): Promise<Float32Array> {
	const {views, batchSize, onStep, resume, log} = scoring;
	const total = pool.latents.length / pool.latentSize;
	const parts = [...resume?.parts ?? []];
	let size = resume?.size ?? batchSize;
	for (let start = resume?.start ?? 0; start < total;) {
		const from = start;
		const attempt = async (most: number) => {
			const batch = latentBatch(pool, from, most);
			const all = views.length * (parts.length + Math.ceil((total - from) / most));
			const confidences = await batchConfidences(batch, scoring, {
				resume: from === resume?.start && most === resume.size ? resume.sum : undefined,
				onStep: async (view, _total, _unit, takeSum) => onStep((parts.length * views.length) + view, all, 'view', takeSum && (async () => ({
					parts: [...parts], start: from, size: most, sum: await takeSum(),
				}))),
			});
			return {batch, confidences};
		};

		const {value: {batch, confidences}, size: fitting} = await withinMemory(size, attempt, {onHalved: logHalved(log, 'images'), param: '"batchSize" of this stage'});
		requireNumbers(confidences, batch);
		parts.push(confidences);
		start += batch.count;
		size = fitting;
	}

	return concatenate(parts);
}

async function batchConfidences({start, count, toTensor, toUpper}: LatentBatch, {generator, targetModel, noise, views, targetClasses, isClamped}: Scoring, {onStep, resume}: Resumable<BatchSum>): Promise<Float32Array> {
	const images = tf.tidy(() => shownImages(generator, toTensor(), {upper: toUpper(), isClamped}));
	let sum: tf.Tensor = resume ? tf.tensor2d(resume.values, [count, resume.values.length / count]) : tf.scalar(0);
	try {
		for (let index = resume?.views ?? 0; index < views.length; index++) {
			const stream = noise.split(`view ${index}`);
			const next = addTo(sum, () => tf.softmax(targetModel.logits(classifierInputOf(views[index]!(images, start), generator.range), row => stream.split(`image ${start + row}`))));
			sum = next;
			await onStep(index + 1, views.length, 'view', async () => ({views: index + 1, values: await next.data<'float32'>()}));
		}

		return await readAndDispose(meanOf(sum, views.length, targetClasses?.subarray(start, start + count)));
	} finally {
		tf.dispose([images, sum]);
	}
}

/** The sum of two tensors, the first of which is disposed of. */
function addTo(sum: tf.Tensor, term: () => tf.Tensor): tf.Tensor {
	const next = tf.tidy(() => tf.add(sum, term()));
	sum.dispose();
	return next;
}

/** The mean of `count` added probabilities [n, numClasses], of each row's class only if there are classes. */
function meanOf(sum: tf.Tensor, count: number, classes: Int32Array | undefined): tf.Tensor {
	return tf.tidy(() => {
		const mean: tf.Tensor2D = tf.div(sum, count);
		return classes ? ofClasses(mean, classes) : mean;
	});
}

async function readAndDispose(tensor: tf.Tensor): Promise<Float32Array> {
	try {
		return await tensor.data<'float32'>();
	} finally {
		tensor.dispose();
	}
}

/** One number per row: that of the row's class. Must run inside `tf.tidy`. */
export function ofClasses(values: tf.Tensor2D, classes: Int32Array): tf.Tensor1D {
	return tf.sum(tf.mul(values, tf.oneHot(tf.tensor1d(classes, 'int32'), values.shape[1])), 1);
}

function requireNumbers(confidences: Float32Array, {start, count}: LatentBatch): void {
	const wrong = confidences.findIndex(confidence => Number.isNaN(confidence));
	if (wrong !== -1) {
		throw new UserError('confidence-nan', `The target model's confidence is not a number for the image of latent ${start + Math.floor(wrong * count / confidences.length)}`, {
			hint: 'Its training or that of the generator diverged: lower the learning rate there.',
		});
	}
}

/** Arrays one after the other. */
export function concatenate(parts: readonly Float32Array[]): Float32Array {
	const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
	let start = 0;
	for (const part of parts) {
		whole.set(part, start);
		start += part.length;
	}

	return whole;
}
