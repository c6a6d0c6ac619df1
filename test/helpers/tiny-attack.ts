import * as tf from '@tensorflow/tfjs-core';
import type {LatentSet} from '../../artifacts/latents.ts';
import type {OnStep} from '../../engine/stage.ts';
import {randomStream, type RandomStream} from '../../tensors/random.ts';

/*
A generator of 4×4 grey images from 3 numbers and a linear classifier with 3 classes, the same as in `test/fixtures/attack.py`.
*/

export const latentSize = 3;
export const numClasses = 3;
const imageSize = 4;
const pixels = imageSize * imageSize;

const generatorWeights = Float32Array.from({length: latentSize * pixels}, (_, index) => Math.sin(1 + (index ** 2)));
const generatorBias = Float32Array.from({length: pixels}, (_, index) => 0.1 * Math.cos(index));
const classifierWeights = Float32Array.from({length: pixels * numClasses}, (_, index) => Math.sin(2 + (index ** 2)));

export const tinyGenerator = {
	generate: (latents: tf.Tensor2D): tf.Tensor4D => tf.tidy(() => tf.reshape(
		tf.sigmoid(tf.add(tf.matMul(latents, tf.tensor2d(generatorWeights, [latentSize, pixels])), tf.tensor1d(generatorBias))),
		[-1, imageSize, imageSize, 1],
	)),
};

export const tinyTargetModel = {
	logits: (images: tf.Tensor4D): tf.Tensor2D => tf.tidy(() =>
		tf.matMul(tf.reshape(images, [-1, pixels]), tf.tensor2d(classifierWeights, [pixels, numClasses]))),
};

/** The same with noise on its logits, as a bottleneck makes it. */
export const noisyTargetModel = {
	logits: (images: tf.Tensor4D, streams?: (row: number) => RandomStream): tf.Tensor2D => tf.tidy(() => {
		const noise = Array.from({length: images.shape[0]}, (_, row) => [...streams!(row).normals(numClasses)]);
		return tf.add(tinyTargetModel.logits(images), tf.tensor2d(noise));
	}),
};

/** What the tiny networks say about one latent, without views, in float64: for tests that need an answer from elsewhere. */
export function tinyConfidences(latent: ArrayLike<number>): number[] {
	const image = Array.from({length: pixels}, (_, pixel) => {
		const sum = Array.from({length: latentSize}, (_, index) => latent[index]! * generatorWeights[(index * pixels) + pixel]!).reduce((a, b) => a + b);
		return 1 / (1 + Math.exp(-(sum + generatorBias[pixel]!)));
	});
	const exponentials = Array.from({length: numClasses}, (_, classIndex) =>
		Math.exp(image.reduce((sum, value, pixel) => sum + (((2 * value) - 1) * classifierWeights[(pixel * numClasses) + classIndex]!), 0)));
	const total = exponentials.reduce((a, b) => a + b);
	return exponentials.map(value => value / total);
}

/** Two latents per class: sines, as in `test/fixtures/attack.py`. */
export const tinyInitial: LatentSet = {
	latents: Float32Array.from({length: 6 * latentSize}, (_, index) => Math.sin(3 + (index ** 2))),
	latentSize,
	targetClasses: new Int32Array([0, 0, 1, 1, 2, 2]),
	scores: new Float32Array(6),
};

export const context = (seed = 'attack', onStep: OnStep<unknown> = async () => undefined) => ({stream: randomStream(seed), onStep});
