import * as tf from '@tensorflow/tfjs-core';
import {softmaxCrossEntropyKernel} from '../tensors/softmax-cross-entropy-kernel.ts';
import {logSoftmax} from './log-softmax.ts';

/**
 * The mean cross-entropy −Σ_k y_k log p_k of a batch, p being the softmax of the logits, with the gradient (p − y)/n.
 *
 * @param logits - [n, numClasses], any finite numbers.
 * @param targets - y, [n, numClasses], rows that sum to 1.
 */
export function meanCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
	const count = logits.shape[0];
	const isFused = tf.getKernel(softmaxCrossEntropyKernel, tf.getBackend()) !== undefined;
	const loss = tf.customGrad((...args) => {
		const [x, save] = args as [tf.Tensor2D, (tensors: tf.Tensor[]) => void];
		if (isFused) {
			const [losses, slopes] = tf.engine().runKernel<tf.Tensor[]>(softmaxCrossEntropyKernel, {logits: x, targets});
			save([slopes!]);
			return {
				value: tf.mul(tf.sum(losses!), 1 / count),
				gradFunc: (dy, [slope]) => tf.mul(slope!, tf.mul(dy, 1 / count)),
			};
		}

		const logProbabilities = logSoftmax(x);
		save([logProbabilities, targets]);
		return {
			value: tf.mul(tf.sum(tf.mul(targets, logProbabilities)), -1 / count),
			gradFunc: (dy, [logP, y]) => tf.mul(tf.sub(tf.exp(logP!), y!), tf.mul(dy, 1 / count)),
		};
	});
	return loss(logits) as tf.Scalar;
}
