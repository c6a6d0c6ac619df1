import * as tf from '@tensorflow/tfjs-core';
import {type Optimizer, variableFor} from './optimizer.ts';

/** The state of gradient descent as plain values. */
export type SgdState = {
	/** By the names of the variables; empty without momentum. */
	readonly velocities: Readonly<Record<string, Float32Array>>;
};

/**
 * Stochastic gradient descent with momentum as PyTorch computes it, neither damped nor Nesterov's: v ← momentum·v + g, w ← w − lr·v, where the first v is g.
 * @param options.momentum 0 or more, below 1; 0 keeps no state
 * @param start the state to go on from
 */
export function sgd({momentum}: {readonly momentum: number}, start?: SgdState): Optimizer<SgdState> {
	const velocities = new Map<string, tf.Tensor>();

	/** What to subtract, times the learning rate. */
	const directionOf = (name: string, gradient: tf.Tensor): tf.Tensor => {
		if (momentum === 0) {
			return gradient;
		}

		const last = velocities.get(name);
		const values = start?.velocities[name];
		const velocity = tf.keep(tf.tidy(() => {
			const before = last ?? (values && tf.tensor(values, gradient.shape));
			return before ? tf.add(tf.mul(before, momentum), gradient) : tf.clone(gradient);
		}));
		last?.dispose();
		velocities.set(name, velocity);
		return velocity;
	};

	return {
		update(variables, gradients, learningRate) {
			for (const [name, gradient] of Object.entries(gradients)) {
				const variable = variableFor(name, variables, gradient);
				const direction = directionOf(name, gradient);
				const weights = tf.tidy(() => tf.sub(variable, tf.mul(direction, learningRate)));
				variable.assign(weights);
				weights.dispose();
			}
		},
		async state() {
			const entries = [...velocities].map(async ([name, velocity]) => [name, await velocity.data<'float32'>()] as const);
			return {velocities: {...start?.velocities, ...Object.fromEntries(await Promise.all(entries))}};
		},
		dispose() {
			tf.dispose([...velocities.values()]);
			velocities.clear();
		},
	};
}
