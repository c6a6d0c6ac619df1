import * as tf from '@tensorflow/tfjs-core';
import {backendName, execute} from './operation.ts';

/** The package's own kernels for the gradients of a convolution refuse paddings that are given in numbers; the library does not. */
export const convInputGradient: tf.KernelConfig = {
	kernelName: tf.Conv2DBackpropInput,
	backendName,
	kernelFunc({inputs, attrs}) {
		const [dy, filter] = [inputs.dy!, inputs.filter!];
		const {inputShape} = attrs as unknown as tf.Conv2DBackpropInputAttrs;
		return gradient(tf.Conv2DBackpropInput, {input: inputShape, filter: filter.shape, attributes: attrs as unknown as tf.Conv2DBackpropInputAttrs}, sizes => [sizes, filter, dy], inputShape);
	},
};

export const convFilterGradient: tf.KernelConfig = {
	kernelName: tf.Conv2DBackpropFilter,
	backendName,
	kernelFunc({inputs, attrs}) {
		const [x, dy] = [inputs.x!, inputs.dy!];
		const {filterShape} = attrs as unknown as tf.Conv2DBackpropFilterAttrs;
		return gradient(tf.Conv2DBackpropFilter, {input: x.shape, filter: filterShape, attributes: attrs as unknown as tf.Conv2DBackpropFilterAttrs}, sizes => [x, sizes, dy], filterShape);
	},
};

type Convolution = {
	readonly input: readonly number[];
	readonly filter: readonly number[];
	readonly attributes: Pick<tf.Conv2DBackpropInputAttrs, 'strides' | 'pad' | 'dimRoundingMode'>;
};

/** @param sizes the shape of the result, which the library takes as a tensor */
function gradient(name: string, {input, filter, attributes: {strides, pad, dimRoundingMode}}: Convolution, inputsOf: (sizes: tf.Tensor) => tf.TensorInfo[], sizes: readonly number[]): tf.TensorInfo {
	const {padInfo, strideHeight, strideWidth} = tf.backend_util.computeConv2DInfo(input as [number, number, number, number], filter as [number, number, number, number], strides, 1, pad, dimRoundingMode);
	const shape = tf.tensor1d([...sizes], 'int32');
	const [result] = execute(name, {
		T: {type: 'float32'},
		strides: {int: [1, strideHeight, strideWidth, 1]},
		use_cudnn_on_gpu: {bool: true},
		dilations: {int: [1, 1, 1, 1]},
		data_format: {string: 'NHWC'},
		padding: {string: padInfo.type},
		...(padInfo.type === 'EXPLICIT' && {explicit_paddings: {int: [0, 0, padInfo.top, padInfo.bottom, padInfo.left, padInfo.right, 0, 0]}}),
	}, inputsOf(shape));
	shape.dispose();
	return result!;
}
