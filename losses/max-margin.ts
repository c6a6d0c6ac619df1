import * as tf from '@tensorflow/tfjs-core';

/**
 * Max-margin loss of each sample: the largest logit of the other classes minus that of the target class (Yuan et al., Pseudo Label-Guided Model Inversion
 * Attack via Conditional GAN, AAAI 2023; `max_margin_loss` of its published code, before averaging over samples).
 * Below 0 where the target class wins, and without a lowest value. Where several other classes share the largest logit, the gradient is that of the first.
 *
 * @param logits - [n, numClasses], finite, at least two classes.
 * @param targetClasses - [n], int32, 0 to numClasses − 1.
 * @returns [n]
 * @throws {RangeError} when there is no other class.
 */
export function maxMarginLoss(logits: tf.Tensor2D, targetClasses: tf.Tensor1D): tf.Tensor1D {
	const numClasses = logits.shape[1];
	if (numClasses < 2) {
		throw new RangeError(`Expected at least 2 classes for a margin, got ${numClasses}`);
	}

	return tf.tidy(() => {
		const target = tf.cast(tf.oneHot(targetClasses, numClasses), 'float32');
		const loss = tf.customGrad((...inputs) => {
			const [x, save] = inputs as [tf.Tensor2D, (saved: tf.Tensor[]) => void];
			const others = tf.where(tf.cast(target, 'bool'), tf.fill(x.shape, -Infinity), x);
			// +1 at the strongest other class, −1 at the target class.
			const direction = tf.sub(tf.cast(tf.oneHot(tf.argMax(others, 1), numClasses), 'float32'), target);
			save([direction]);
			return {
				value: tf.sum(tf.mul(x, direction), 1),
				gradFunc: (dy, [saved]) => tf.mul(saved!, tf.expandDims(dy, 1)),
			};
		});
		return loss(logits) as tf.Tensor1D;
	});
}
