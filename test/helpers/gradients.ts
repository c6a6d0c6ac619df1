import * as tf from '@tensorflow/tfjs-core';
import {randomStream} from '../../tensors/random.ts';

/** Slope of a function at x along a fixed random direction: from its gradient, and as a central difference. */
export function slopesOf(compute: (x: tf.Tensor) => tf.Scalar, x: tf.Tensor, step: number): {readonly slope: number; readonly difference: number} {
	return tf.tidy(() => {
		const direction = tf.tensor(randomStream('direction').normals(x.size), x.shape);
		const slope = tf.sum(tf.mul(tf.grad(compute)(x), direction)).dataSync()[0]!;
		const [above, below] = [step, -step].map(size => compute(tf.add(x, tf.mul(direction, size))).dataSync()[0]!);
		return {slope, difference: (above! - below!) / (2 * step)};
	});
}
