import * as tf from '@tensorflow/tfjs-core';

/** The one-hot point is moved this far inside the unit ball, on whose border every distance is infinite. */
const targetLength = 0.9999;

/** 1 − ‖v‖₂² for the target point v. */
const targetGap = 1 - (targetLength ** 2);

/** Smallest value of δ in arcosh(1 + δ). */
const minDelta = 1e-7;

/**
 * Poincaré distance between the L1-normalised logits of each sample and its target class: the objective of the attack (Struppek et al. 2024, Eq. 16).
 *
 * With u = o / ‖o‖₁, v = 0.9999 at the target class and 0 elsewhere: arcosh(1 + δ), δ = 2‖u − v‖² / ((1 − ‖u‖²)(1 − ‖v‖²)).
 * Two precautions for float32: 1 − ‖u‖² is computed as Σ|u|(1 − |u|), which is equal because ‖u‖₁ = 1, and never below 0;
 * and δ is at least 1e−7, which rounding alone could undercut, since ‖v‖₁ ≠ 1.
 *
 * @param logits - [n, numClasses], finite.
 * @param targetClasses - [n], int32, 0 to numClasses − 1.
 * @returns [n], above 0. As in the formula it is +∞ where a single logit differs from 0, and NaN where none does; callers must check.
 */
export function poincareLoss(logits: tf.Tensor2D, targetClasses: tf.Tensor1D): tf.Tensor1D {
	return tf.tidy(() => {
		const target = tf.mul(tf.oneHot(targetClasses, logits.shape[1]), targetLength);
		// A custom gradient, because the automatic one takes three times as many operations, and these tensors are so small that each costs its overhead.
		const loss = tf.customGrad((...inputs) => {
			const [x, save] = inputs as [tf.Tensor, (saved: tf.Tensor[]) => void];
			const norm = tf.sum(tf.abs(x), 1, true);
			const u = tf.div(x, norm);
			const size = tf.abs(u);
			const difference = tf.sub(u, target);
			// [n, 1] each: D/A with D = ‖u − v‖² and A = 1 − ‖u‖²; then δ, and √(δ(δ + 2)) = sinh(loss).
			const gap = tf.sum(tf.mul(size, tf.sub(1, size)), 1, true);
			const ratio = tf.div(tf.sum(tf.square(difference), 1, true), gap);
			const delta = tf.maximum(tf.mul(ratio, 2 / targetGap), minDelta);
			const sinh = tf.sqrt(tf.mul(delta, tf.add(delta, 2)));
			save([norm, u, difference, gap, ratio, sinh]);
			return {value: tf.squeeze(tf.log1p(tf.add(delta, sinh)), [1]), gradFunc: (dy, saved) => poincareGradient(dy as tf.Tensor1D, saved)};
		});
		return loss(logits) as tf.Tensor1D;
	});
}

/**
 * ∂/∂u = (4 / (A·B)) · ((u − v) + (D/A)·u) / √(δ(δ + 2)) with B = 1 − ‖v‖², then through the normalisation:
 * ∂/∂o = (∂/∂u − (∂/∂u · u) sign(o)) / ‖o‖₁.
 */
function poincareGradient(dy: tf.Tensor1D, saved: tf.Tensor[]): tf.Tensor {
	const [norm, u, difference, gap, ratio, sinh] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
	const factor = tf.div(tf.mul(tf.expandDims(dy, 1), 4 / targetGap), tf.mul(gap, sinh));
	const byU = tf.mul(factor, tf.add(difference, tf.mul(ratio, u)));
	return tf.div(tf.sub(byU, tf.mul(tf.sum(tf.mul(byU, u), 1, true), tf.sign(u))), norm);
}
