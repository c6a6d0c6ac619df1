import * as tf from '@tensorflow/tfjs-core';
import {type Gradient, mask} from './gradient.ts';

/** A reduced tensor with the lost axes back, at size 1. */
function withAxes(reduced: tf.Tensor, {shape}: tf.Tensor, axes: readonly number[]): tf.Tensor {
	return tf.reshape(reduced, shape.map((size, axis) => (axes.includes(axis) ? 1 : size)));
}

function axesOf(x: tf.Tensor, axis: number): number[] {
	// At run time the axis may also be a list, or null for all.
	return tf.util.parseAxisParam(axis, x.shape);
}

/** Extreme values that occur several times share the gradient evenly. */
function extreme(kernel: string, attribute: 'axis' | 'reductionIndices'): Gradient {
	return {
		kernel,
		inputs: ['x'],
		output: true,
		derive: (dy, [x, y], attributes) => ({
			x() {
				const axes = axesOf(x!, attributes[attribute]);
				const chosen = mask(tf.equal(x!, withAxes(y!, x!, axes)));
				return tf.mul(chosen, tf.div(withAxes(dy, x!, axes), tf.sum(chosen, axes, true)));
			},
		}),
	};
}

export const reductionGradients: readonly Gradient[] = [
	{
		kernel: tf.Sum,
		inputs: ['x'],
		derive: (dy, [x], {axis}) => ({x: () => tf.broadcastTo(withAxes(dy, x!, axesOf(x!, axis)), x!.shape)}),
	},
	{
		kernel: tf.Mean,
		inputs: ['x'],
		derive: (dy, [x], {axis}) => ({
			x() {
				const axes = axesOf(x!, axis);
				const count = tf.util.sizeFromShape(axes.map(index => x!.shape[index]!));
				return tf.broadcastTo(withAxes(tf.div(dy, count), x!, axes), x!.shape);
			},
		}),
	},
	extreme(tf.Max, 'reductionIndices'),
	extreme(tf.Min, 'axis'),
	{
		kernel: tf.Softmax,
		output: true,
		derive: (dy, [y], {dim}) => ({
			logits() {
				const weighted = tf.mul(dy, y!);
				return tf.sub(weighted, tf.mul(tf.sum(weighted, dim, true), y!));
			},
		}),
	},
	{
		kernel: tf.Cumsum,
		derive: (dy, _, {axis, exclusive, reverse}) => ({x: () => tf.cumsum(dy, axis, exclusive, !reverse)}),
	},
];
