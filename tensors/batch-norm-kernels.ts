import * as tf from '@tensorflow/tfjs-core';

/** Name of the fused kernel: inputs x, scale, offset; attribute epsilon; outputs y, mean and biased variance. */
export const batchNormTrainingKernel = 'BatchNormTraining';

/** Name of its backward pass: inputs dy, x, scale, mean, variance; attribute epsilon; outputs the gradients of x, scale and offset. */
export const batchNormTrainingGradientKernel = 'BatchNormTrainingGradient';

/** Lets tf.grads and tf.variableGrads go through the fused kernel, for backends that have both. */
export function registerBatchNormGradient(): void {
	tf.registerGradient({
		kernelName: batchNormTrainingKernel,
		inputsToSave: ['x', 'scale'],
		outputsToSave: [false, true, true],
		gradFunc(dy, [x, scale, mean, variance], attributes) {
			const inputs = {
				dy: (dy as tf.Tensor[])[0]!, x: x!, scale: scale!, mean: mean!, variance: variance!,
			};
			const [dx, dScale, dOffset] = tf.engine().runKernel<tf.Tensor[]>(batchNormTrainingGradientKernel, inputs, attributes);
			return {x: () => dx!, scale: () => dScale!, offset: () => dOffset!};
		},
	});
}
