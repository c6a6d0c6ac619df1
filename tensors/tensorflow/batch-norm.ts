import * as tf from '@tensorflow/tfjs-core';
import {batchNormTrainingGradientKernel, batchNormTrainingKernel} from '../batch-norm-kernels.ts';
import {backendName, execute, usesGpu} from './operation.ts';

const attributes = (epsilon: number) => ({
	T: {type: 'float32'}, U: {type: 'float32'}, epsilon: {float: epsilon}, data_format: {string: 'NHWC'}, is_training: {bool: true},
} as const);

export const batchNormTraining: tf.KernelConfig = {
	kernelName: batchNormTrainingKernel,
	backendName,
	kernelFunc({inputs, attrs}) {
		const [x, scale, offset] = [inputs.x!, inputs.scale!, inputs.offset!];
		const epsilon = attrs!.epsilon as number;
		const empty = tf.tensor1d([]);
		const [y, mean, unbiased, ...reserved] = execute('FusedBatchNormV2', attributes(epsilon), [x, scale, offset, empty, empty], 5);
		const count = tf.util.sizeFromShape(x.shape) / x.shape.at(-1)!;
		const variance = tf.mul(unbiased!, Math.max(1, count - 1) / count);
		tf.dispose([empty, unbiased!, ...reserved]);
		return [y!, mean!, variance];
	},
};

/** What the forward pass reserves for this one are the mean, and on processors the biased variance, on GPUs one over its root with ε added. */
export const batchNormTrainingGradient: tf.KernelConfig = {
	kernelName: batchNormTrainingGradientKernel,
	backendName,
	kernelFunc({inputs, attrs}) {
		const epsilon = attrs!.epsilon as number;
		const variance = inputs.variance as tf.Tensor;
		const spread = usesGpu() ? tf.tidy(() => tf.rsqrt(tf.add(variance, epsilon))) : tf.clone(variance);
		const [dx, dScale, dOffset, ...unused] = execute('FusedBatchNormGradV2', attributes(epsilon), [inputs.dy!, inputs.x!, inputs.scale!, inputs.mean!, spread], 5);
		tf.dispose([spread, ...unused]);
		return [dx!, dScale!, dOffset!];
	},
};
