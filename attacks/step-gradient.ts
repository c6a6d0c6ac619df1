import * as tf from '@tensorflow/tfjs-core';
import {classifierInputOf} from '../models/image-range.ts';
import {disposeAbandonedTape} from '../tensors/abandoned-tape.ts';
import type {RandomStream} from '../tensors/random.ts';
import {resizedWindow} from '../tensors/resize.ts';
import {randomCrops} from '../training/augmentation.ts';
import {drawWholeCrop} from '../training/whole-crop.ts';
import type {LatentBatch} from './latent-batches.ts';
import {attackLosses, type AttackLossName} from './losses.ts';
import {type ImageGenerator, shownImages, type TargetModel} from './networks.ts';
import {ofClasses} from './scoring.ts';
import {imageStreams} from './views.ts';

/** What is descended. */
export type StepOptions = {
	/** What is minimised; `poincare` when absent. */
	readonly loss?: AttackLossName | undefined;
	/** Smallest and largest share of the image area that the random crop of each step keeps. */
	readonly cropScale: readonly [number, number];
	/**
	 * `image`: every image has a random crop of its own, and losses are summed, so that latents do not know of each other. `batch`, as in the authors'
	 * code: all images of a batch share a crop of whole pixels, resized with antialiasing, and the mean of their losses is minimised. `image` when absent.
	 */
	readonly draws?: 'image' | 'batch' | undefined;
};

/** Who is attacked, with what. */
export type StepWork = {
	readonly generator: ImageGenerator;
	readonly targetModel: TargetModel;
	readonly options: StepOptions;
	/** Of the batch. */
	readonly targetClasses: Int32Array;
};

/** What a step computes: the gradient of the loss of the batch with respect to its latents, and per latent what was computed on the way. */
type Step = {readonly gradient: tf.Tensor2D; readonly values: {readonly losses: tf.Tensor1D; readonly confidences: tf.Tensor1D; readonly logits: tf.Tensor2D}};

/** Which step of which batch. */
type Place = {readonly stream: RandomStream; readonly batch: LatentBatch; readonly microBatch: number};

/** The gradient of one step of a batch, with its numbers; it fails as a whole, leaving nothing behind. The caller owns the tensors. */
export async function stepGradient(latents: tf.Tensor2D, place: Place, work: StepWork) {
	const step = place.microBatch < place.batch.count ? gradientByPieces(latents, place, work) : gradientOf(latents, {...place, from: 0}, work);
	const {gradient, values} = step;
	try {
		const [losses, confidences, slopes] = await Promise.all([values.losses.data<'float32'>(), values.confidences.data<'float32'>(), gradient.data<'float32'>()]);
		return {...step, read: {losses, confidences, slopes}};
	} catch (error) {
		tf.dispose([gradient, values]);
		throw error;
	}
}

/** The same step, some latents at a time: the loss of the batch is a sum over its latents, so that each piece has its own part of the gradient. */
function gradientByPieces(latents: tf.Tensor2D, place: Place, work: StepWork): Step {
	const {batch: {count}, microBatch} = place;
	const pieces: Step[] = [];
	try {
		for (let from = 0; from < count; from += microBatch) {
			const part = tf.slice(latents, [from, 0], [Math.min(microBatch, count - from), -1]);
			try {
				pieces.push(gradientOf(part, {...place, from}, work));
			} finally {
				part.dispose();
			}
		}

		return {
			gradient: tf.concat(pieces.map(({gradient}) => gradient)),
			values: {
				losses: tf.concat(pieces.map(({values}) => values.losses)),
				confidences: tf.concat(pieces.map(({values}) => values.confidences)),
				logits: tf.concat(pieces.map(({values}) => values.logits)),
			},
		};
	} finally {
		tf.dispose(pieces.map(({gradient, values}) => [gradient, values.losses, values.confidences, values.logits]));
	}
}

/** The step of some latents of a batch, from the given row on. The caller owns the tensors. */
function gradientOf(latents: tf.Tensor2D, {stream, batch: {start, count}, from}: Place & {readonly from: number}, {generator, targetModel, options: {cropScale, draws = 'image', loss = 'poincare'}, targetClasses}: StepWork): Step {
	const first = start + from;
	const ownClasses = targetClasses.subarray(from, from + latents.shape[0]);
	const noise = stream.split('noise');
	const crop = (images: tf.Tensor4D) => {
		if (draws === 'image') {
			return randomCrops(images, imageStreams(stream, first), {scale: cropScale, flip: 0, perImage: true});
		}

		const [, height, width] = images.shape;
		return resizedWindow(images, drawWholeCrop([height, width], {scale: cropScale, flip: 0}, stream.split(`batch ${start}`)), [height, width]);
	};

	const kept: tf.Tensor[] = [];
	const keep = <Kept extends tf.Tensor>(tensor: Kept): Kept => {
		kept.push(tf.keep(tensor));
		return tensor;
	};

	let values: Step['values'] | undefined;
	try {
		return tf.tidy(() => {
			const classes = tf.tensor1d(ownClasses, 'int32');
			const gradient = tf.grad(z => {
				const images = crop(shownImages(generator, z as tf.Tensor2D));
				const logits = targetModel.logits(classifierInputOf(images, generator.range), row => noise.split(`image ${first + row}`));
				const losses = attackLosses[loss](logits, classes);
				values = {losses: keep(losses), confidences: keep(ofClasses(tf.softmax(logits), ownClasses)), logits: keep(logits)};
				return draws === 'batch' ? tf.div(tf.sum(losses), count) : tf.sum(losses);
			})(latents) as tf.Tensor2D;
			return {gradient, values: values!};
		});
	} catch (error) {
		tf.dispose(kept);
		disposeAbandonedTape();
		throw error;
	}
}
