import * as tf from '@tensorflow/tfjs-core';
import {backendName} from './load.ts';

/** The backend's own kernel, found before it is replaced. */
const own = tf.getKernel(tf.Cast, backendName);

/** The backend's own kernel takes booleans and whole numbers for float32 as they lie in memory, which other kernels then cannot compile for. */
export const cast: tf.KernelConfig = {
	kernelName: tf.Cast,
	backendName,
	kernelFunc(call) {
		const x = call.inputs.x!;
		const {dtype} = call.attrs as unknown as tf.CastAttrs;
		if (dtype !== 'float32' || x.dtype === 'float32') {
			return own.kernelFunc(call);
		}

		return tf.tidy(() => tf.engine().runKernel<tf.Tensor>(tf.Multiply, {a: x as tf.Tensor, b: tf.scalar(1)}));
	},
};
