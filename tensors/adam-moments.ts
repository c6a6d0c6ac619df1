import type * as tf from '@tensorflow/tfjs-core';

/** The numbers of Adam that stay the same for a whole training. */
export type AdamOptions = {
	/** Decay of the mean of gradients, in [0, 1). */
	readonly beta1: number;
	/** Decay of the mean of squared gradients, in [0, 1). */
	readonly beta2: number;
	/** Added to the root of the second mean, after its bias correction. */
	readonly epsilon: number;
};

/** The two running means of one variable: of its gradients, and of their squares. */
export type MomentValues = {readonly first: Float32Array; readonly second: Float32Array};

/** Learning rate and root of the second moment with their bias corrections: lr/(1 − β₁ᵗ) and √(1 − β₂ᵗ). */
export type Correction = {readonly rate: number; readonly root: number};

/** The two running means of one variable on a backend, and the step that they make. */
export type Moments = {
	update(variable: tf.Variable, gradient: tf.Tensor, correction: Correction): void;
	values(): Promise<MomentValues>;
	dispose(): void;
};

/** Makes the means of a variable of this shape, starting from values. */
export type MomentsFactory = (start: MomentValues, shape: number[], options: AdamOptions) => Moments;
