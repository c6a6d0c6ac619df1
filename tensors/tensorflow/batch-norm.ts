import * as tf from '@tensorflow/tfjs-core';
import {batchNormTrainingGradientKernel, batchNormTrainingKernel} from '../batch-norm-kernels.ts';
import {
	backendName, constant, execute, usesGpu, type Attributes, type Constant,
} from './operation.ts';

const attributesByEpsilon = new Map<number, Attributes>();

function attributesOf({epsilon}: {epsilon: number}): Attributes {
	let attributes = attributesByEpsilon.get(epsilon);
	if (!attributes) {
		attributes = {T: {type: 'float32'}, U: {type: 'float32'}, epsilon: {float: epsilon}, data_format: {string: 'NHWC'}, is_training: {bool: true}};
		attributesByEpsilon.set(epsilon, attributes);
	}

	return attributes;
}

let nothing: Constant | undefined;

/** Besides y, the library gives mean and unbiased variance, and what it reserves for its backward pass: the mean, and on processors the biased variance, on GPUs one over its root with ε added. */
export const batchNormTraining: tf.KernelConfig = {
	kernelName: batchNormTrainingKernel,
	backendName,
	kernelFunc({inputs, attrs}) {
		const x = inputs.x!;
		nothing ??= constant(new Float32Array(0));
		const [y, mean, unbiased, reservedMean, reservedSpread] = execute('FusedBatchNormV2', attributesOf(attrs as {epsilon: number}), [x, inputs.scale!, inputs.offset!, nothing, nothing], 5);
		if (!usesGpu()) {
			tf.dispose([mean!, unbiased!]);
			return [y!, reservedMean!, reservedSpread!];
		}

		const count = tf.util.sizeFromShape(x.shape) / x.shape.at(-1)!;
		const variance = tf.mul(unbiased!, Math.max(1, count - 1) / count);
		tf.dispose([unbiased!, reservedMean!, reservedSpread!]);
		return [y!, mean!, variance];
	},
};

export const batchNormTrainingGradient: tf.KernelConfig = {
	kernelName: batchNormTrainingGradientKernel,
	backendName,
	kernelFunc({inputs, attrs}) {
		const {epsilon} = attrs as {epsilon: number};
		const variance = inputs.variance as tf.Tensor;
		const spread = usesGpu() ? tf.tidy(() => tf.rsqrt(tf.add(variance, epsilon))) : undefined;
		const [dx, dScale, dOffset, ...unused] = execute('FusedBatchNormGradV2', attributesOf({epsilon}), [inputs.dy!, inputs.x!, inputs.scale!, inputs.mean!, spread ?? variance], 5);
		tf.dispose([spread ?? [], ...unused]);
		return [dx!, dScale!, dOffset!];
	},
};
