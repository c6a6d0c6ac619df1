import * as tf from '@tensorflow/tfjs-core';
import {logSoftmax} from './log-softmax.ts';

/**
 * Cross-entropy with smoothed labels, averaged over the batch (Struppek et al. 2024, Eq. 3): −Σ_k y_k log p_k with
 * y = (1 − α)·onehot + α/C. Negative α makes it unbounded below; nothing is clamped.
 * As printed, Eq. 3 counts the uniform part C times; the weight of each class in it is α/C, as in the authors' code.
 *
 * @param logits - [n, numClasses], any finite numbers.
 * @param labels - [n], int32, 0 to numClasses − 1.
 * @param alpha - the smoothing factor α, at most 1, of either sign.
 * @returns A scalar; its gradient with respect to the logits is (p − y)/n (appendix A).
 */
export function labelSmoothingLoss(logits: tf.Tensor2D, labels: tf.Tensor1D, alpha: number): tf.Scalar {
	return tf.tidy(() => {
		const [count, numClasses] = logits.shape;
		const uniform = alpha / numClasses;
		const targets = tf.add(tf.mul(tf.oneHot(labels, numClasses), 1 - alpha), uniform);
		const loss = tf.customGrad((...args) => {
			const [x, save] = args as [tf.Tensor2D, (tensors: tf.Tensor[]) => void];
			const logProbabilities = logSoftmax(x);
			save([logProbabilities, targets]);
			return {
				value: tf.mul(tf.sum(tf.mul(targets, logProbabilities)), -1 / count),
				gradFunc: (dy, [logP, y]) => tf.mul(tf.sub(tf.exp(logP!), y!), tf.mul(dy, 1 / count)),
			};
		});
		return loss(logits) as tf.Scalar;
	});
}
