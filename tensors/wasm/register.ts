import * as tf from '@tensorflow/tfjs-core';
import {batchNormTraining, batchNormTrainingGradient, registerBatchNormGradient} from './batch-norm.ts';
import {convFilterGradient} from './conv-filter-gradient.ts';

/** Registers the kernels for training that the WASM backend lacks or does slowly. Call it after the backend is set. */
export function registerWasmKernels(): void {
	for (const config of [convFilterGradient, batchNormTraining, batchNormTrainingGradient]) {
		if (tf.getKernel(config.kernelName, config.backendName)) {
			tf.unregisterKernel(config.kernelName, config.backendName);
		}

		tf.registerKernel(config);
	}

	registerBatchNormGradient();
}
