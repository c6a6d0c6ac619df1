import * as tf from '@tensorflow/tfjs-core';
import type {Weights} from '../artifacts/classifier.ts';

/** A linear layer: [in, out] and [out]. */
export type Linear = {readonly kernel: tf.Tensor2D; readonly bias: tf.Tensor1D};

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

/** @throws {Error} when the weights lack this name. */
export function weightOf(weights: Weights, name: string): Weights[string] {
	const weight = weights[name];
	if (!weight) {
		throw new Error(`Internal error: expected a weight "${name}" but there are ${Object.keys(weights).join(', ')}`);
	}

	return weight;
}
