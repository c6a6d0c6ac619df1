import * as tf from '@tensorflow/tfjs-core';
import {registerBatchNormGradient} from '../batch-norm-kernels.ts';
import {register} from '../gradients/gradient.ts';
import {batchNormTraining, batchNormTrainingGradient} from './batch-norm.ts';
import {cast} from './cast.ts';
import {convFilterGradient} from './conv.ts';
import {ownGradients} from './gradients.ts';
import {maxPoolGradient} from './max-pool.ts';
import {pad} from './pad.ts';
import {reductions} from './reduction.ts';

/** Registers the kernels that the WebGPU backend lacks, does slowly or does not get right. Call it after the backend is set. */
export function registerWebGpuKernels(): void {
	// Below this number of programs the backend's products of matrices would add with atomic operations, whose order, and thus rounding, differs from run to run.
	tf.env().set('WEBGPU_THRESHOLD_TO_INCREASE_WORKGROUPS_FOR_MATMUL', 0.25);
	// The gradient of a convolution's input as a product of matrices in tiles, in place of one program per number.
	tf.env().set('WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE', false);
	for (const config of [batchNormTraining, batchNormTrainingGradient, cast, convFilterGradient, maxPoolGradient, pad, ...reductions]) {
		if (tf.getKernel(config.kernelName, config.backendName)) {
			tf.unregisterKernel(config.kernelName, config.backendName);
		}

		tf.registerKernel(config);
	}

	registerBatchNormGradient();
	for (const gradient of ownGradients) {
		register(gradient);
	}
}
