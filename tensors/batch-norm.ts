import * as tf from '@tensorflow/tfjs-core';
import {batchNormTrainingKernel} from './batch-norm-kernels.ts';

/** What batch normalization computes from a batch. All three belong to the caller. */
export type BatchNormalized<X extends tf.Tensor> = {
	/** The shape of the input. */
	readonly y: X;
	/** Mean per channel, [channels]; for moving averages, not differentiable. */
	readonly mean: tf.Tensor1D;
	/** Biased variance per channel (divided by the number of values, not one less), [channels]; for moving averages, not differentiable. */
	readonly variance: tf.Tensor1D;
};

/**
 * Batch normalization with the moments of the batch (Ioffe and Szegedy 2015, Algorithm 1), differentiable with respect to x, scale and offset.
 *
 * @param x [n, height, width, channels] or [n, channels]
 * @param scale the paper's γ, [channels]
 * @param offset the paper's β, [channels]
 * @param epsilon is added to the variance; above 0.
 */
export function batchNormTraining<X extends tf.Tensor>(x: X, scale: tf.Tensor1D, offset: tf.Tensor1D, epsilon: number): BatchNormalized<X> {
	return tf.getKernel(batchNormTrainingKernel, tf.getBackend()) ? fused(x, scale, offset, epsilon) : composed(x, scale, offset, epsilon);
}

function fused<X extends tf.Tensor>(x: X, scale: tf.Tensor1D, offset: tf.Tensor1D, epsilon: number): BatchNormalized<X> {
	const [y, mean, variance] = tf.engine().runKernel<tf.Tensor[]>(batchNormTrainingKernel, {x, scale, offset}, {epsilon});
	return {y: y as X, mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D};
}

function composed<X extends tf.Tensor>(x: X, scale: tf.Tensor1D, offset: tf.Tensor1D, epsilon: number): BatchNormalized<X> {
	return tf.tidy(() => {
		const axes = Array.from({length: x.rank - 1}, (_, axis) => axis);
		const mean = tf.mean<tf.Tensor1D>(x, axes);
		const centred = tf.sub(x, mean);
		const variance = tf.mean<tf.Tensor1D>(tf.square(centred), axes);
		const y = tf.add<X>(tf.mul(centred, tf.mul(tf.rsqrt(tf.add(variance, epsilon)), scale)), offset);
		return {y, mean, variance};
	});
}
