import * as tf from '@tensorflow/tfjs-core';
import {registerBatchNormGradient} from '../batch-norm-kernels.ts';
import {register} from '../gradients/gradient.ts';
import {batchNormTraining, batchNormTrainingGradient} from './batch-norm.ts';
import {conv, convFilterGradient, convInputGradient} from './conv.ts';
import {fusedGradients} from './gradients.ts';
import {matMul} from './mat-mul.ts';
import {prelu} from './prelu.ts';
import {softmaxCrossEntropy} from './softmax-cross-entropy.ts';

/** Registers the kernels that the TensorFlow backend lacks, does slowly or does not get to work. Call it after the backend is set. */
export function registerTensorFlowKernels(): void {
	for (const config of [conv, convInputGradient, convFilterGradient, matMul, batchNormTraining, batchNormTrainingGradient, prelu, softmaxCrossEntropy]) {
		if (tf.getKernel(config.kernelName, config.backendName)) {
			tf.unregisterKernel(config.kernelName, config.backendName);
		}

		tf.registerKernel(config);
	}

	registerBatchNormGradient();
	for (const gradient of fusedGradients) {
		register(gradient);
	}
}
