import * as tf from '@tensorflow/tfjs-core';
import {type Attributes, type Gradient, unbroadcast} from './gradient.ts';

function run(kernel: string, inputs: Record<string, tf.Tensor>, attributes: tf.NamedAttrMap): tf.Tensor {
	return tf.engine().runKernel(kernel, inputs, attributes);
}

function requireNoDilation({dilations}: Attributes): void {
	if ([dilations].flat().some(dilation => dilation !== 1)) {
		throw new Error(`tf.conv2d has a gradient for dilation 1 only, got ${String(dilations)}`);
	}
}

/** Matrix products, convolutions, pooling and batch normalization with given moments. */
export const productGradients: readonly Gradient[] = [
	{
		kernel: tf.BatchMatMul,
		inputs: ['a', 'b'],
		derive: (dy, [a, b], {transposeA, transposeB}) => ({
			a: () => unbroadcast(transposeA ? tf.matMul(b!, dy, Boolean(transposeB), true) : tf.matMul(dy, b!, false, !transposeB), a!.shape),
			b: () => unbroadcast(transposeB ? tf.matMul(dy, a!, true, Boolean(transposeA)) : tf.matMul(a!, dy, !transposeA, false), b!.shape),
		}),
	},
	{
		kernel: tf.Conv2D,
		inputs: ['x', 'filter'],
		derive(dy, [x, filter], attributes) {
			requireNoDilation(attributes);
			const {strides, pad, dataFormat, dimRoundingMode} = attributes;
			const shared = {
				strides, pad, dataFormat, dimRoundingMode,
			};
			return {
				x: () => run(tf.Conv2DBackpropInput, {dy, filter: filter!}, {...shared, inputShape: x!.shape}),
				filter: () => run(tf.Conv2DBackpropFilter, {x: x!, dy}, {...shared, filterShape: filter!.shape}),
			};
		},
	},
	{
		// The kernel behind tf.conv2dTranspose.
		kernel: tf.Conv2DBackpropInput,
		inputs: ['dy', 'filter'],
		derive(gradient, [dy, filter], {strides, pad, dataFormat, dimRoundingMode}) {
			const shared = {
				strides, pad, dataFormat, dimRoundingMode,
			};
			return {
				dy: () => run(tf.Conv2D, {x: gradient, filter: filter!}, {...shared, dilations: 1}),
				filter: () => run(tf.Conv2DBackpropFilter, {x: gradient, dy: dy!}, {...shared, filterShape: filter!.shape}),
			};
		},
	},
	{
		kernel: tf.AvgPool,
		inputs: ['x'],
		derive: (dy, [x], {filterSize, strides, pad}) => ({x: () => run(tf.AvgPoolGrad, {dy, input: x!}, {filterSize, strides, pad})}),
	},
	{
		kernel: tf.MaxPool,
		inputs: ['x'],
		output: true,
		derive: (dy, [x, y], {filterSize, strides, pad}) => ({x: () => run(tf.MaxPoolGrad, {dy, input: x!, output: y!}, {filterSize, strides, pad})}),
	},
	{
		kernel: tf.FusedBatchNorm,
		inputs: ['x', 'mean', 'variance', 'scale'],
		derive(dy, [x, mean, variance, scale], {varianceEpsilon}) {
			const factor = () => tf.rsqrt(tf.add(variance!, varianceEpsilon));
			const scaled = () => tf.mul(scale ?? tf.scalar(1), factor());
			const centred = () => tf.sub(x!, mean!);
			return {
				x: () => tf.mul(dy, scaled()),
				mean: () => tf.neg(unbroadcast(tf.mul(dy, scaled()), mean!.shape)),
				variance: () => unbroadcast(tf.mul(tf.mul(dy, centred()), tf.mul(-0.5, tf.mul(scaled(), tf.square(factor())))), variance!.shape),
				scale: () => unbroadcast(tf.mul(dy, tf.mul(centred(), factor())), mean!.shape),
				offset: () => unbroadcast(dy, mean!.shape),
			};
		},
	},
];
