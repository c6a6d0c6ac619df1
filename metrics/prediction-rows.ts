import * as tf from '@tensorflow/tfjs-core';
import type {Predictions} from '../artifacts/predictions.ts';
import {logHalved, withinMemory} from '../attacks/memory.ts';
import {concatenate} from '../attacks/scoring.ts';
import {UserError} from '../engine/error.ts';
import type {Resumable} from '../engine/stage.ts';
import type {RowStreams} from '../models/bottleneck.ts';
import {classifierInput, predictionSeed} from '../models/classifier.ts';
import type {JudgeNetwork} from '../models/judge.ts';
import {randomStream} from '../tensors/random.ts';

/** What can be kept of a model's answers. */
export type Answer = 'logits' | 'features';

/** Images that are made when they are looked at. */
export type JudgedImages = {
	/** [count]; their classes. */
	readonly labels: Int32Array;
	/** `count` images from a place on, [count, height, width, channels], black −1 and white 1; the caller owns them. */
	imagesAt(start: number, count: number): tf.Tensor4D;
};

/** How a model goes through images. */
export type PredictionOptions = Resumable<PredictionState> & {
	readonly keep: readonly Answer[];
	/** `official`: images are normalised once more than the model expects, so that it sees [−3, 1], as the FID network of the authors' code does. `standard` when absent. */
	readonly input?: 'standard' | 'official' | undefined;
	/** Images at a time; halved while memory is short. */
	readonly batchSize: number;
	/** Hears when memory was short. */
	readonly log?: ((message: string) => void) | undefined;
};

/** Where a model is after a batch: all that decides how it goes on. */
export type PredictionState = {
	/** Of the batches that are finished. */
	readonly parts: Readonly<Record<Answer, readonly Float32Array[]>>;
	/** Images in them. */
	readonly start: number;
	/** Images at a time of the next batch. */
	readonly size: number;
};

/** Images and pixels that a model looks at at a time, at most. */
const limits = {images: 100, pixels: 2 ** 21};

/** How many images of a size a model looks at at a time; only speed and memory depend on it. */
export function judgeBatchSize([height, width]: readonly [height: number, width: number, channels: number]): number {
	return Math.max(1, Math.min(limits.images, Math.floor(limits.pixels / (height * width))));
}

/**
 * A model's logits and features of images, batch by batch, so that there are never more images than those of a batch.
 *
 * @throws {UserError} when there are no images, the model yields numbers that are not finite, or one image does not fit into the memory
 */
export async function predictRows(network: JudgeNetwork, {labels, imagesAt}: JudgedImages, {keep, input, batchSize, onStep, resume, log}: PredictionOptions): Promise<Predictions> {
	const total = labels.length;
	if (total === 0) {
		throw new UserError('no-samples', 'There are no images to judge', {
			hint: 'Every stage must hand on at least one image: look at "sampling.perClass", "selection.keepPerClass", "subsample.perClass" and "dataset.testPerIdentity".',
		});
	}

	const noise = randomStream(predictionSeed);
	const parts: Record<Answer, Float32Array[]> = {logits: [...resume?.parts.logits ?? []], features: [...resume?.parts.features ?? []]};
	let size = resume?.size ?? batchSize;
	for (let start = resume?.start ?? 0; start < total;) {
		const from = start;
		const {value: rows, size: fitting} = await withinMemory(size, async most => {
			const answers = tf.tidy(() => {
				const images = imagesAt(from, Math.min(most, total - from));
				const shown = input === 'official' ? classifierInput(images) : images;
				return answersOf(network, shown, {keep, streams: row => noise.split(`image ${from + row}`)});
			});
			try {
				return await Promise.all(answers.map(async answer => answer.data<'float32'>()));
			} finally {
				tf.dispose(answers);
			}
		}, {onHalved: logHalved(log, 'images'), param: 'the number of images at a time, which follows from "imageSize",'});
		size = fitting;
		start = Math.min(total, from + size);
		for (const [index, answer] of keep.entries()) {
			parts[answer].push(finite(rows[index]!, answer, {from, count: start - from}));
		}

		const next = {start, size};
		await onStep(start, total, 'image', () => ({parts: {logits: [...parts.logits], features: [...parts.features]}, ...next}));
	}

	return {labels, logits: concatenate(parts.logits), features: concatenate(parts.features)};
}

/** In the order in which they are kept. */
function answersOf(network: JudgeNetwork, images: tf.Tensor4D, {keep, streams}: Pick<PredictionOptions, 'keep'> & {readonly streams: RowStreams}): tf.Tensor2D[] {
	const known = network.both && keep.length > 1 ? network.both(images, streams) : undefined;
	return keep.map(answer => (answer === 'logits' ? known?.[0] ?? network.logits(images, streams) : known?.[1] ?? network.features(images)));
}

function finite(rows: Float32Array, answer: Answer, {from, count}: {readonly from: number; readonly count: number}): Float32Array {
	const wrong = rows.findIndex(value => !Number.isFinite(value));
	if (wrong !== -1) {
		throw new UserError('prediction-not-finite', `Expected finite numbers as ${answer}, got ${rows[wrong]} for image ${from + Math.floor(wrong * count / rows.length)}`, {
			hint: 'The training of the model, or that of the generator, diverged: lower its learning rate, or bring alpha nearer to 0.',
		});
	}

	return rows;
}
