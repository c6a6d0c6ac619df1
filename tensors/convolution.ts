import * as tf from '@tensorflow/tfjs-core';

/** How a convolution goes over images. */
export type ConvolveOptions = {
	readonly strides: number;
	/** Zeros before and after each axis. */
	readonly pad: tf.backend_util.ExplicitPadding;
	/** Groups of channels that do not see each other; divides the channels of x and of the result. */
	readonly groups: number;
};

/**
 * A convolution, which may be grouped; differentiable. The WASM kernel takes groups as they are; elsewhere they are convolved one by one.
 *
 * @param x [n, height, width, channels]
 * @param filter [rows, columns, channels / groups, outChannels]; output channels are group after group
 */
export function convolve(x: tf.Tensor4D, filter: tf.Tensor4D, {strides, pad, groups}: ConvolveOptions): tf.Tensor4D {
	if (groups === 1) {
		return tf.conv2d(x, filter, strides, pad);
	}

	if (tf.getBackend() === 'wasm') {
		// The kernel infers the groups from the channels of the filter, which tf.conv2d itself refuses.
		return tf.engine().runKernel(tf.Conv2D, {x, filter}, {strides: [strides, strides], pad, dataFormat: 'NHWC', dilations: [1, 1]});
	}

	const filters = tf.split<tf.Tensor4D>(filter, groups, 3);
	return tf.concat(tf.split<tf.Tensor4D>(x, groups, 3).map((part, group) => tf.conv2d<tf.Tensor4D>(part, filters[group]!, strides, pad)), 3);
}
