import type * as tf from '@tensorflow/tfjs-core';
import {softmaxCrossEntropyKernel} from '../softmax-cross-entropy-kernel.ts';
import {backendName, execute} from './operation.ts';

const attributes = {T: {type: 'float32'}} as const;

/** One operation in place of a dozen: for small batches, calling them takes longer than computing. */
export const softmaxCrossEntropy: tf.KernelConfig = {
	kernelName: softmaxCrossEntropyKernel,
	backendName,
	kernelFunc: ({inputs}) => execute('SoftmaxCrossEntropyWithLogits', attributes, [inputs.logits!, inputs.targets!], 2),
};
