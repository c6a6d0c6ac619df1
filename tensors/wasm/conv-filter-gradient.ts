import * as tf from '@tensorflow/tfjs-core';

type Attributes = {readonly strides: [number, number] | number; readonly pad: 'valid' | 'same' | number; readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'; readonly filterShape: [number, number, number, number]};

/** The gradient of a convolution with respect to its filter. */
export const convFilterGradient: tf.KernelConfig = {
	kernelName: tf.Conv2DBackpropFilter,
	backendName: 'wasm',
	kernelFunc({inputs, attrs}) {
		const x = inputs.x as tf.Tensor4D;
		const dy = inputs.dy as tf.Tensor4D;
		const {strides, pad, dimRoundingMode, filterShape} = attrs as unknown as Attributes;
		const {padInfo, strideHeight, strideWidth, filterHeight, filterWidth} = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
		return tf.tidy(() => {
			const columns = tf.transpose(x, [3, 1, 2, 0]);
			const filter = tf.transpose(dy, [1, 2, 0, 3]);
			const {top, bottom, left, right} = padInfo;
			const product = tf.conv2d(columns, filter, 1, [[0, 0], [top, bottom], [left, right], [0, 0]], 'NHWC', [strideHeight, strideWidth]);
			return tf.transpose(tf.slice(product, [0, 0, 0, 0], [product.shape[0], filterHeight, filterWidth, product.shape[3]]), [1, 2, 0, 3]);
		});
	},
};
