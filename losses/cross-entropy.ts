import * as tf from '@tensorflow/tfjs-core';
import {logSoftmax} from './log-softmax.ts';

/**
 * Cross-entropy of each sample, −log p of its target class: the objective of most older attacks, here an alternative to the Poincaré loss.
 * Its gradient p − onehot vanishes where the target model is already sure, which is why the attack prefers the other (Struppek et al. 2022, section 3.3).
 *
 * @param logits - [n, numClasses], finite.
 * @param targetClasses - [n], int32, 0 to numClasses − 1.
 * @returns [n], at least 0.
 */
export function crossEntropyLoss(logits: tf.Tensor2D, targetClasses: tf.Tensor1D): tf.Tensor1D {
	return tf.tidy(() => {
		const target = tf.oneHot(targetClasses, logits.shape[1]);
		const loss = tf.customGrad((...inputs) => {
			const [x, save] = inputs as [tf.Tensor2D, (saved: tf.Tensor[]) => void];
			const logProbabilities = logSoftmax(x);
			save([logProbabilities, target]);
			return {
				value: tf.neg(tf.sum(tf.mul(target, logProbabilities), 1)),
				gradFunc: (dy, [logP, onehot]) => tf.mul(tf.sub(tf.exp(logP!), onehot!), tf.expandDims(dy, 1)),
			};
		});
		return loss(logits) as tf.Tensor1D;
	});
}
