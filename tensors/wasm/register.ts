import * as tf from '@tensorflow/tfjs-core';
import {registerBatchNormGradient} from '../batch-norm-kernels.ts';
import {batchNormTraining, batchNormTrainingGradient} from './batch-norm.ts';
import {conv, convFilterGradient, convInputGradient} from './conv.ts';
import {freeingOnError, refuseWhenFull} from './heap.ts';
import {identity} from './identity.ts';
import {matMul} from './mat-mul.ts';
import {maxPoolGradient} from './max-pool.ts';

/** Registers the kernels for training that the WASM backend lacks or does slowly. Call it after the backend is set. */
export function registerWasmKernels(): void {
	refuseWhenFull();
	for (const config of [conv, convFilterGradient, convInputGradient, matMul, maxPoolGradient, identity, batchNormTraining, batchNormTrainingGradient]) {
		if (tf.getKernel(config.kernelName, config.backendName)) {
			tf.unregisterKernel(config.kernelName, config.backendName);
		}

		tf.registerKernel({...config, kernelFunc: parameters => freeingOnError(() => config.kernelFunc(parameters))});
	}

	registerBatchNormGradient();
}
