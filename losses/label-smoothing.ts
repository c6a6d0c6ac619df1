import * as tf from '@tensorflow/tfjs-core';
import {meanCrossEntropy} from './softmax-cross-entropy.ts';

/**
 * Cross-entropy with smoothed labels, averaged over the batch (Struppek et al. 2024, Eq. 3): −Σ_k y_k log p_k with
 * y = (1 − α)·onehot + α/C. Negative α makes it unbounded below; nothing is clamped.
 * As printed, Eq. 3 counts the uniform part C times; the weight of each class in it is α/C, as in the authors' code.
 *
 * @param logits - [n, numClasses], any finite numbers.
 * @param labels - n numbers, 0 to numClasses − 1.
 * @param alpha - the smoothing factor α, at most 1, of either sign.
 * @returns A scalar; its gradient with respect to the logits is (p − y)/n (appendix A).
 * @throws {RangeError} when there is no class of a label.
 */
export function labelSmoothingLoss(logits: tf.Tensor2D, labels: ArrayLike<number>, alpha: number): tf.Scalar {
	return tf.tidy(() => meanCrossEntropy(logits, smoothedLabels(labels, logits.shape[1], alpha)));
}

/** The targets y, [n, numClasses], in the arithmetic of float32. */
function smoothedLabels(labels: ArrayLike<number>, numClasses: number, alpha: number): tf.Tensor2D {
	const uniform = Math.fround(alpha / numClasses);
	const targets = new Float32Array(labels.length * numClasses).fill(uniform);
	for (const [row, label] of Array.from(labels).entries()) {
		if (!(label >= 0 && label < numClasses)) {
			throw new RangeError(`Labels go from 0 to ${numClasses - 1}, got ${label}`);
		}

		targets[(row * numClasses) + label] = Math.fround(1 - alpha) + uniform;
	}

	return tf.tensor2d(targets, [labels.length, numClasses]);
}
