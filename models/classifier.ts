import * as tf from '@tensorflow/tfjs-core';
import type {Classifier} from '../artifacts/classifier.ts';
import {imageAt, type ImageSet} from '../artifacts/image-set.ts';
import type {OnStep} from '../engine/stage.ts';
import {randomStream} from '../tensors/random.ts';
import {passBottleneck, splitBottleneck, type RowStreams} from './bottleneck.ts';
import {networkOf} from './classifier-weights.ts';
import {inferenceLayers} from './inference-layers.ts';
import {bottleneckLayer} from './outline.ts';
import {asImages, asVectors} from './tensor-layers.ts';

/** A trained classifier that computes: inference mode, differentiable with respect to the images. What it returns belongs to the caller. */
export type ClassifierNetwork = Disposable & {
	/**
	 * Images as `classifierInput` makes them → [n, numClasses]. A bottleneck that keeps its noise draws from the given streams, one per image; every
	 * other network ignores them. Without streams, its mean is passed on.
	 */
	logits(images: tf.Tensor4D, streams?: RowStreams): tf.Tensor2D;
	/** Images as `classifierInput` makes them → the features before the last layer, [n, size]; of length 1 where the architecture has an embedding; of a bottleneck, its mean. */
	features(images: tf.Tensor4D): tf.Tensor2D;
	/** `logits` and `features` of the same images, in one pass. */
	both(images: tf.Tensor4D, streams?: RowStreams): readonly [logits: tf.Tensor2D, features: tf.Tensor2D];
	/** Images as `classifierInput` makes them → the outputs of the hidden layers, first one first: of the four stages in the large networks. */
	hidden(images: tf.Tensor4D): tf.Tensor4D[];
	/** Frees the weights. */
	dispose(): void;
};

/** How to go through a set of images. */
export type PredictionOptions = {
	/** Images per step; it changes speed and memory, not the result. */
	readonly batchSize: number;
	readonly onStep?: OnStep;
};

/** The noise of predictions: the same for an image of the same place in its set, whatever the model, so that models are compared under equal draws. */
export const predictionSeed = 'noise of predictions';

/** Added to the squared length of an embedding, so that one of length 0 stays finite. */
const lengthEpsilon = 1e-12;

/**
 * Turns weights into a network.
 *
 * @throws {UserError} when there is no architecture of its name, or the images are too small for it.
 */
export function buildClassifier(classifier: Classifier): ClassifierNetwork {
	const {numClasses, weights, bottleneck: behaviour, transformInput} = classifier;
	const {network, outline} = networkOf(classifier, {withAuxiliaryHead: false});
	const {layers, dispose} = inferenceLayers(outline, weights, network.format);
	const trunk = (images: tf.Tensor4D) => network.trunk<tf.Tensor>(layers, images, {transformInput});

	const ends = (images: tf.Tensor4D) => asVectors(trunk(images).features);
	const penultimate = (end: tf.Tensor2D, streams?: RowStreams) => (outline.bottleneckWidth === undefined
		? end
		: passBottleneck(splitBottleneck(asVectors(layers.linear(end, bottleneckLayer, {outputs: 2 * outline.bottleneckWidth}))), streams));
	const logitsOf = (end: tf.Tensor2D, streams?: RowStreams) => asVectors(layers.linear(penultimate(end, behaviour?.noiseAtEvaluation ? streams : undefined), network.head, {outputs: numClasses}));
	const featuresOf = (end: tf.Tensor2D) => (network.isEmbedding ? unitLength(penultimate(end)) : penultimate(end));

	return {
		logits: (images, streams) => tf.tidy(() => logitsOf(ends(images), streams)),
		features: images => tf.tidy(() => featuresOf(ends(images))),
		both: (images, streams) => tf.tidy((): [tf.Tensor2D, tf.Tensor2D] => {
			const end = ends(images);
			return [logitsOf(end, streams), featuresOf(end)];
		}),
		hidden: images => tf.tidy(() => trunk(images).hidden.map(activations => asImages(activations))),
		dispose,
		[Symbol.dispose]: dispose,
	};
}

/** Images in [0, 1] → what classifiers read, in [−1, 1]. */
export function classifierInput(images: tf.Tensor4D): tf.Tensor4D {
	return tf.tidy(() => tf.sub(tf.mul(images, 2), 1));
}

/** Some images of a set, in [0, 1], [indices.length, height, width, channels]. */
export function imageBatch(set: ImageSet, indices: ArrayLike<number>): tf.Tensor4D {
	const [, height, width, channels] = set.shape;
	const size = height * width * channels;
	const pixels = new Float32Array(indices.length * size);
	for (const [position, index] of Int32Array.from(indices).entries()) {
		const image = imageAt(set, index);
		for (let offset = 0; offset < size; offset++) {
			pixels[(position * size) + offset] = image[offset]! / 255;
		}
	}

	return tf.tensor4d(pixels, [indices.length, height, width, channels]);
}

/** Logits of every image, row-major [count, numClasses]. */
export async function predictLogits(network: ClassifierNetwork, set: ImageSet, options: PredictionOptions): Promise<Float32Array> {
	const stream = randomStream(predictionSeed);
	return predict((images, start) => network.logits(images, row => stream.split(`image ${start + row}`)), set, options);
}

/** Features of every image, row-major [count, size]. */
export async function predictFeatures(network: ClassifierNetwork, set: ImageSet, options: PredictionOptions): Promise<Float32Array> {
	return predict(images => network.features(images), set, options);
}

async function predict(compute: (images: tf.Tensor4D, start: number) => tf.Tensor2D, set: ImageSet, {batchSize, onStep}: PredictionOptions): Promise<Float32Array> {
	const [count] = set.shape;
	const numBatches = Math.ceil(count / batchSize);
	let rows = new Float32Array(0);
	for (let batch = 0; batch < numBatches; batch++) {
		const start = batch * batchSize;
		const indices = Array.from({length: Math.min(batchSize, count - start)}, (_, position) => start + position);
		const output = tf.tidy(() => compute(classifierInput(imageBatch(set, indices)), start));
		const [, length] = output.shape;
		rows = rows.length === 0 ? new Float32Array(count * length) : rows;
		rows.set(await output.data<'float32'>(), start * length);
		output.dispose();
		await onStep?.(batch + 1, numBatches, 'step');
	}

	return rows;
}

/** Vectors brought to length 1. */
export function unitLength(x: tf.Tensor2D): tf.Tensor2D {
	return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), lengthEpsilon)));
}
