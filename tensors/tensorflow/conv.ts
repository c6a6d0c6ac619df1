import * as tf from '@tensorflow/tfjs-core';
import {
	backendName, constant, execute, usesGpu, type Attributes, type Constant,
} from './operation.ts';

export const conv: tf.KernelConfig = {
	kernelName: tf.Conv2D,
	backendName,
	kernelFunc({inputs, attrs}) {
		const [x, filter] = [inputs.x!, inputs.filter!];
		const {attributes, padding} = planOf(x.shape, filter.shape, attrs as unknown as Options);
		const padded = padding && pad(x, padding);
		const [y] = execute(tf.Conv2D, attributes, [padded ?? x, filter]);
		padded?.dispose();
		return y!;
	},
};

/** The package's own kernels for the gradients of a convolution refuse paddings that are given in numbers; the library does not. */
export const convInputGradient: tf.KernelConfig = {
	kernelName: tf.Conv2DBackpropInput,
	backendName,
	kernelFunc({inputs, attrs}) {
		const [dy, filter] = [inputs.dy!, inputs.filter!];
		const {inputShape} = attrs as unknown as tf.Conv2DBackpropInputAttrs;
		const {attributes, inputSizes, padding} = planOf(inputShape, filter.shape, attrs as unknown as Options);
		const [dx] = execute(tf.Conv2DBackpropInput, attributes, [inputSizes, filter, dy]);
		if (!padding) {
			return dx!;
		}

		const [inner] = execute('Slice', sliceAttributes, [dx!, padding.before, padding.size]);
		dx!.dispose();
		return inner!;
	},
};

export const convFilterGradient: tf.KernelConfig = {
	kernelName: tf.Conv2DBackpropFilter,
	backendName,
	kernelFunc({inputs, attrs}) {
		const [x, dy] = [inputs.x!, inputs.dy!];
		const {filterShape} = attrs as unknown as tf.Conv2DBackpropFilterAttrs;
		const {attributes, filterSizes, padding} = planOf(x.shape, filterShape, {...attrs as unknown as Options, isAnySizeLarge: filterShape[2] <= fewChannels});
		const padded = padding && pad(x, padding);
		const [dFilter] = execute(tf.Conv2DBackpropFilter, attributes, [padded ?? x, filterSizes, dy]);
		padded?.dispose();
		return dFilter!;
	},
};

type Options = Pick<tf.Conv2DAttrs, 'strides' | 'pad' | 'dimRoundingMode'> & {readonly dilations?: [number, number] | number; readonly isAnySizeLarge?: boolean};

/** How the library is asked for a convolution and its gradients. */
type Plan = {
	readonly attributes: Attributes;
	/** Shapes of the input, padded where it is, and of the filter. */
	readonly inputSizes: Constant;
	readonly filterSizes: Constant;
	/** What is to be done around the operation. */
	readonly padding: Padding | undefined;
};

type Padding = {readonly paddings: Constant; readonly before: Constant; readonly size: Constant};

/** Multiplications, in the forward pass, from which on the library's fastest code is worth preparing for. */
const largeWork = 2e7;

/** For gradients of filters that see so few channels, it is the fastest at any size. */
const fewChannels = 4;

const padAttributes: Attributes = {T: {type: 'float32'}, Tpaddings: {type: 'int32'}};
const sliceAttributes: Attributes = {T: {type: 'float32'}, Index: {type: 'int32'}};

const plans = new Map<string, Plan>();

function planOf(inputShape: number[], filterShape: number[], options: Options): Plan {
	const {strides, pad: asked, dimRoundingMode, dilations = 1, isAnySizeLarge = false} = options;
	const key = `${inputShape.join(',')} ${filterShape.join(',')} ${String(strides)} ${String(asked)} ${String(dimRoundingMode)} ${String(dilations)} ${isAnySizeLarge}`;
	let plan = plans.get(key);
	if (!plan) {
		plan = makePlan(inputShape, filterShape, options);
		plans.set(key, plan);
	}

	return plan;
}

function makePlan(inputShape: number[], filterShape: number[], {strides, pad: asked, dimRoundingMode, dilations = 1, isAnySizeLarge = false}: Options): Plan {
	type Shape = [number, number, number, number];
	const info = tf.backend_util.computeConv2DInfo(inputShape as Shape, filterShape as Shape, strides, dilations, asked, dimRoundingMode);
	const {padInfo: {top, bottom, left, right}, strideHeight, strideWidth, dilationHeight, dilationWidth} = info;
	const around = [0, 0, top, bottom, left, right, 0, 0];
	const name = nameOfPadding(info, isAnySizeLarge ? 0 : largeWork);
	const sizes = (shape: readonly number[]) => constant(Int32Array.from(shape));
	return {
		attributes: {
			T: {type: 'float32'},
			strides: {int: [1, strideHeight, strideWidth, 1]},
			use_cudnn_on_gpu: {bool: true},
			dilations: {int: [1, dilationHeight, dilationWidth, 1]},
			data_format: {string: 'NHWC'},
			padding: {string: name ?? 'VALID'},
			...(name === 'EXPLICIT' && {explicit_paddings: {int: around}}),
		},
		inputSizes: sizes(name === undefined ? [inputShape[0]!, top + inputShape[1]! + bottom, left + inputShape[2]! + right, inputShape[3]!] : inputShape),
		filterSizes: sizes(filterShape),
		padding: name === undefined ? {paddings: constant(Int32Array.from(around), [4, 2]), before: sizes([0, top, left, 0]), size: sizes(inputShape)} : undefined,
	};
}

/**
 * How the library calls a padding; undefined where it must become an operation of its own. On processors, oneDNN convolves fastest by far from some size on, and with named
 * paddings only; below, it takes longer than the code for paddings in numbers.
 */
function nameOfPadding({padInfo, inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth, effectiveFilterHeight, effectiveFilterWidth, outShape, inChannels, filterHeight, filterWidth}: tf.backend_util.Conv2DInfo, large: number): 'SAME' | 'VALID' | 'EXPLICIT' | undefined {
	const {type, top, bottom, left, right} = padInfo;
	if (type !== 'EXPLICIT') {
		return type as 'SAME' | 'VALID';
	}

	if (usesGpu() || tf.util.sizeFromShape(outShape) * filterHeight * filterWidth * inChannels < large) {
		return 'EXPLICIT';
	}

	if (Math.max(top, bottom, left, right) === 0) {
		return 'VALID';
	}

	/** Whether TensorFlow's `same` would pad an axis so. */
	const isSame = ([before, after]: readonly [number, number], {size, count, stride, reach}: {readonly size: number; readonly count: number; readonly stride: number; readonly reach: number}) => {
		const needed = Math.max(0, ((count - 1) * stride) + reach - size);
		return count === Math.ceil(size / stride) && before === Math.floor(needed / 2) && after === needed - before;
	};

	return isSame([top, bottom], {size: inHeight, count: outHeight, stride: strideHeight, reach: effectiveFilterHeight})
		&& isSame([left, right], {size: inWidth, count: outWidth, stride: strideWidth, reach: effectiveFilterWidth})
		? 'SAME'
		: undefined;
}

function pad(x: tf.TensorInfo, {paddings}: Padding): tf.Tensor {
	return execute('Pad', padAttributes, [x, paddings])[0]!;
}
