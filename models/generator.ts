import * as tf from '@tensorflow/tfjs-core';
import type {Generator} from '../artifacts/generator.ts';
import {applyLinear, linearLayer, weightOf} from './layers.ts';

/** An image prior as a function. */
export type GeneratorNetwork = Disposable & {
	/** Latents [n, latentSize] → images [n, height, width, channels] in [0, 1]; differentiable. */
	generate(latents: tf.Tensor2D): tf.Tensor4D;
	/** Frees the weights. */
	dispose(): void;
};

/** Slope of the leaky ReLU below 0. */
const slope = 0.2;

/** The hidden layers and the last one; also used while training. */
export function decode(latents: tf.Tensor2D, layers: ReadonlyArray<Parameters<typeof applyLinear>[1]>): tf.Tensor2D {
	let x = latents;
	for (const [index, layer] of layers.entries()) {
		const y = applyLinear(x, layer);
		x = index === layers.length - 1 ? y : tf.leakyRelu(y, slope);
	}

	return x;
}

/**
 * Latent → coefficients of principal components → image: G(z) = clamp(mean + decoder(z) · basis, 0, 1).
 * The gradient passes where the image is inside the range. The caller disposes of the network.
 */
export function buildGenerator({imageShape, weights}: Generator): GeneratorNetwork {
	const layerNames = Object.keys(weights).filter(name => name.endsWith('/kernel')).map(name => name.slice(0, -'/kernel'.length)).toSorted();
	const layers = layerNames.map(name => linearLayer(name, weights));
	const {shape, data} = weightOf(weights, 'basis');
	const basis = tf.keep(tf.tensor2d(data, shape as [number, number]));
	const mean = tf.keep(tf.tensor1d(weightOf(weights, 'mean').data));
	const dispose = () => {
		tf.dispose([basis, mean, ...layers.flatMap(({kernel, bias}) => [kernel, bias])]);
	};

	return {
		generate: latents => tf.tidy(() => {
			const pixels = tf.add(tf.matMul(decode(latents, layers), basis), mean);
			return tf.reshape(tf.clipByValue(pixels, 0, 1), [latents.shape[0], ...imageShape]);
		}),
		dispose,
		[Symbol.dispose]: dispose,
	};
}
