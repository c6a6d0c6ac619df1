import * as tf from '@tensorflow/tfjs-core';
import type {AdamOptions, Moments, MomentValues} from '../adam-moments.ts';
import {execute} from './operation.ts';
import {resource, type Resource} from './resource.ts';

/**
 * The library's own step, one operation in place of a dozen. It computes w ← w − lr·√(1 − β₂ᵗ)/(1 − β₁ᵗ) · m / (√v + ε̂), so √(1 − β₂ᵗ) goes into the rate and into ε̂ = ε·√(1 − β₂ᵗ) here,
 * and the powers that it would derive it from, less exactly, are 0.
 */
export function libraryMoments({first, second}: MomentValues, shape: number[], {beta1, beta2, epsilon}: AdamOptions): Moments {
	const [weights, firsts, seconds] = [new Float32Array(first.length), first, second].map(values => resource(values, shape)) as [Resource, Resource, Resource];
	const [zero, decay1, decay2] = [0, beta1, beta2].map(value => tf.keep(tf.scalar(value))) as [tf.Scalar, tf.Scalar, tf.Scalar];
	/** What the variable holds if nobody else has changed it since the last step. */
	let result: object | undefined;
	return {
		values: async () => ({first: await valuesOf(firsts.read()), second: await valuesOf(seconds.read())}),
		update(variable, gradient, {rate, root}) {
			if (variable.dataId !== result) {
				weights.assign(variable);
			}

			const updated = tf.tidy(() => {
				execute('ResourceApplyAdam', {T: {type: 'float32'}, use_locking: {bool: false}, use_nesterov: {bool: false}}, [
					weights.handle, firsts.handle, seconds.handle, zero, zero, tf.scalar(rate * root), decay1, decay2, tf.scalar(epsilon * root), gradient,
				], 0);
				return weights.read();
			});
			variable.assign(updated);
			updated.dispose();
			result = variable.dataId;
		},
		dispose() {
			tf.dispose([weights.handle, firsts.handle, seconds.handle, zero, decay1, decay2]);
		},
	};
}

async function valuesOf(read: tf.Tensor): Promise<Float32Array> {
	try {
		return await read.data<'float32'>();
	} finally {
		read.dispose();
	}
}
