import * as tf from '@tensorflow/tfjs-core';

/**
 * Kullback-Leibler divergence of N(mean, deviation²) from the standard normal distribution, summed over the coordinates and averaged over the batch: the price that
 * mutual information regularisation puts on what a bottleneck lets through (Wang et al. 2021, "Improving Robustness to Model Inversion Attacks via Mutual Information
 * Regularization"): −½ Σ_j (1 + 2 ln σ_j − μ_j² − σ_j²). Differentiable with respect to both.
 *
 * @param mean - [n, width]
 * @param deviation - [n, width], above 0.
 * @returns A scalar of at least 0, but for rounding.
 */
export function divergenceFromNormal(mean: tf.Tensor2D, deviation: tf.Tensor2D): tf.Scalar {
	return tf.tidy(() => {
		const terms = tf.sub(tf.add(tf.square(mean), tf.square(deviation)), tf.add(tf.mul(tf.log(deviation), 2), 1));
		return tf.mul(tf.sum(terms), 0.5 / mean.shape[0]);
	});
}
