import * as tf from '@tensorflow/tfjs-core';
import {backendName} from './operation.ts';

/** The package's own kernel calls methods of tensors that only the union package of TensorFlow.js adds to them. */
export const prelu: tf.KernelConfig = {
	kernelName: tf.Prelu,
	backendName,
	kernelFunc({inputs}) {
		const [x, alpha] = [inputs.x as tf.Tensor, inputs.alpha as tf.Tensor];
		return tf.tidy(() => tf.sub(tf.relu(x), tf.mul(alpha, tf.relu(tf.neg(x)))));
	},
};
