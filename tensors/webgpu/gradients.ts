import * as tf from '@tensorflow/tfjs-core';
import {type Gradient} from '../gradients/gradient.ts';

/** Derivatives that go another way here. */
export const ownGradients: readonly Gradient[] = [
	{
		// One axis after another: the backend knows at most six axes.
		kernel: tf.Tile,
		inputs: ['x'],
		derive: (dy, [x], {reps}) => ({
			x() {
				let rest = tf.clone(dy);
				for (const [axis, size] of x!.shape.entries()) {
					const [before, after] = [rest.shape.slice(0, axis), rest.shape.slice(axis + 1)];
					const split = tf.reshape(rest, [tf.util.sizeFromShape(before), reps[axis]!, size * tf.util.sizeFromShape(after)]);
					rest = tf.reshape(tf.sum(split, 1), [...before, size, ...after]);
				}

				return rest;
			},
		}),
	},
	{
		// The backend adds what goes to the same place in the order in which it happens to arrive.
		kernel: tf.GatherV2,
		inputs: ['x', 'indices'],
		derive: (dy, [x, indices], {axis, batchDims}) => ({
			x() {
				if (batchDims) {
					throw new Error(`tf.gather has no gradient for batchDims ${batchDims}; use batchDims 0`);
				}

				const [gathered] = tf.util.parseAxisParam(axis, x!.shape);
				const before = tf.util.sizeFromShape(x!.shape.slice(0, gathered));
				const after = tf.util.sizeFromShape(x!.shape.slice(gathered! + 1));
				const places = tf.cast(tf.oneHot(tf.cast(tf.reshape(indices!, [-1]), 'int32'), x!.shape[gathered!]!), 'float32');
				return tf.reshape(tf.matMul(places, tf.reshape(dy, [before, indices!.size, after]), true), x!.shape);
			},
			indices: () => tf.zeros(indices!.shape),
		}),
	},
];
