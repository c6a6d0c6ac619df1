import * as tf from '@tensorflow/tfjs-core';
import type {Weights} from '../artifacts/classifier.ts';
import type {Block} from './architectures.ts';

/** Added to the variance in batch normalization, in training and inference. */
export const batchNormEpsilon = 1e-5;

/** A linear layer: [in, out] and [out]. */
export type Linear = {readonly kernel: tf.Tensor2D; readonly bias: tf.Tensor1D};

/** A convolution: [kernelHeight, kernelWidth, in, out] and [out]. */
export type Convolution = {readonly kernel: tf.Tensor4D; readonly bias: tf.Tensor1D};

/** Padding per axis, before and after. */
export type Padding = [[number, number], [number, number], [number, number], [number, number]];

/** Zero padding of half the kernel on every side, also for stride 2, where TensorFlow's `same` would pad one side only. */
export function paddingOf({kernelSize}: Block): Padding {
	const half = (kernelSize - 1) / 2;
	return [[0, 0], [half, half], [half, half], [0, 0]];
}

/** The activations of the last block as one vector per image, [n, size]. */
export function pool(x: tf.Tensor4D, pooling: 'flatten' | 'average'): tf.Tensor2D {
	return pooling === 'flatten' ? tf.reshape(x, [x.shape[0], -1]) : average(x);
}

/** The mean over rows and columns. Its own gradient spreads dy by a product, because the general one copies it tile by tile, which takes long on WASM. */
function average(x: tf.Tensor4D): tf.Tensor2D {
	const [count, height, width, channels] = x.shape;
	const mean = tf.customGrad((...args) => ({
		value: tf.mean(args[0] as tf.Tensor, [1, 2]),
		gradFunc: dy => tf.mul(tf.reshape(dy, [count, 1, 1, channels]), tf.fill([1, height, width, 1], 1 / (height * width))),
	}));
	return mean(x) as tf.Tensor2D;
}

export function applyLinear(x: tf.Tensor2D, {kernel, bias}: Linear): tf.Tensor2D {
	return tf.add(tf.matMul(x, kernel), bias);
}

/** The weights `name/kernel` and `name/bias` as tensors that live until they are disposed of. */
export function linearLayer(name: string, weights: Weights): Linear {
	const kernel = weightOf(weights, `${name}/kernel`);
	return {
		kernel: tf.keep(tf.tensor2d(kernel.data, kernel.shape as [number, number])),
		bias: tf.keep(tf.tensor1d(weightOf(weights, `${name}/bias`).data)),
	};
}

/**
 * A convolution and the batch normalization after it as one convolution, with the moving moments: γ(w∗x − mean)·r + β with r = 1/√(variance + ε) has the kernel
 * w·γ·r and the bias β − mean·γ·r. The tensors live until they are disposed of.
 */
export function foldedConvolution({name, outputChannels}: Block, weights: Weights): Convolution {
	const [kernel, scale, offset, mean, variance] = ['kernel', 'scale', 'offset', 'movingMean', 'movingVariance'].map(part => weightOf(weights, `${name}/${part}`));
	const factors = Float64Array.from({length: outputChannels}, (_, channel) => scale!.data[channel]! / Math.sqrt(variance!.data[channel]! + batchNormEpsilon));
	return {
		// The last axis of a kernel is the output channel.
		kernel: tf.keep(tf.tensor4d(kernel!.data.map((weight, index) => weight * factors[index % outputChannels]!), kernel!.shape as [number, number, number, number])),
		bias: tf.keep(tf.tensor1d(offset!.data.map((shift, channel) => shift - (mean!.data[channel]! * factors[channel]!)))),
	};
}

/** @throws {Error} when the weights lack this name. */
export function weightOf(weights: Weights, name: string): Weights[string] {
	const weight = weights[name];
	if (!weight) {
		throw new Error(`Internal error: expected a weight "${name}" but there are ${Object.keys(weights).join(', ')}`);
	}

	return weight;
}
