import * as tf from '@tensorflow/tfjs-core';
import {adopt, allocate, position} from './wasm/heap.ts';
import {stepAdam} from './wasm/native.ts';

/** The numbers of Adam that stay the same for a whole training. */
export type AdamOptions = {
	/** Decay of the mean of gradients, in [0, 1). */
	readonly beta1: number;
	/** Decay of the mean of squared gradients, in [0, 1). */
	readonly beta2: number;
	/** Added to the root of the second mean, after its bias correction. */
	readonly epsilon: number;
};

/** An Adam optimizer with its state. */
export type Adam = {
	/**
	 * One step. Variables without a gradient stay as they are; the gradients remain the caller's.
	 *
	 * @throws {Error} when a gradient has no variable of its name, or another shape.
	 */
	update(variables: Readonly<Record<string, tf.Variable>>, gradients: Readonly<Record<string, tf.Tensor>>, learningRate: number): void;
	/** Frees the state. */
	dispose(): void;
};

/**
 * Adam (Kingma and Ba 2015, Algorithm 1) as PyTorch computes it: w ← w − lr/(1 − β₁ᵗ) · m / (√(v/(1 − β₂ᵗ)) + ε). All variables share the step count t.
 */
export function adam(options: AdamOptions): Adam {
	const states = new Map<string, Moments>();
	let steps = 0;
	return {
		update(variables, gradients, learningRate) {
			steps++;
			const correction = {
				rate: learningRate / (1 - (options.beta1 ** steps)),
				root: Math.sqrt(1 - (options.beta2 ** steps)),
			};
			for (const [name, gradient] of Object.entries(gradients)) {
				const variable = variables[name];
				if (!variable || !tf.util.arraysEqual(variable.shape, gradient.shape)) {
					throw new Error(`Internal error: expected a variable "${name}" of shape [${gradient.shape.join(', ')}] but was ${variable ? `[${variable.shape.join(', ')}]` : 'absent'}`);
				}

				let moments = states.get(name);
				if (!moments) {
					moments = tf.getBackend() === 'wasm' ? heapMoments(variable.size, options) : tensorMoments(variable.shape, options);
					states.set(name, moments);
				}

				moments.update(variable, gradient, correction);
			}
		},
		dispose() {
			for (const moments of states.values()) {
				moments.dispose();
			}

			states.clear();
		},
	};
}

/** Learning rate and root of the second moment with their bias corrections. */
type Correction = {readonly rate: number; readonly root: number};

/** The two running means of one variable. */
type Moments = {
	update(variable: tf.Variable, gradient: tf.Tensor, correction: Correction): void;
	dispose(): void;
};

/** One pass over the WASM heap: the many small kernels of the other way take longer than the arithmetic. */
function heapMoments(size: number, {beta1, beta2, epsilon}: AdamOptions): Moments {
	const firsts = tf.keep(tf.zeros([size]));
	const seconds = tf.keep(tf.zeros([size]));
	return {
		update(variable, gradient, {rate, root}) {
			// A new tensor, because the backend caches what it computed from the old one.
			const output = allocate(variable.shape);
			stepAdam({
				weights: position(variable),
				gradient: position(gradient),
				first: position(firsts),
				second: position(seconds),
				result: position(output),
				size,
				beta1,
				beta2,
				rate,
				root,
				epsilon,
			});
			assign(variable, adopt(output));
		},
		dispose() {
			tf.dispose([firsts, seconds]);
		},
	};
}

function tensorMoments(shape: number[], {beta1, beta2, epsilon}: AdamOptions): Moments {
	let firsts = tf.keep(tf.zeros(shape));
	let seconds = tf.keep(tf.zeros(shape));
	return {
		update(variable, gradient, {rate, root}) {
			const {first, second, weights} = tf.tidy(() => {
				const first = tf.add(tf.mul(firsts, beta1), tf.mul(gradient, 1 - beta1));
				const second = tf.add(tf.mul(seconds, beta2), tf.mul(tf.square(gradient), 1 - beta2));
				const denominator = tf.add(tf.div(tf.sqrt(second), root), epsilon);
				return {first, second, weights: tf.sub(variable, tf.div(tf.mul(first, rate), denominator))};
			});
			tf.dispose([firsts, seconds]);
			firsts = tf.keep(first);
			seconds = tf.keep(second);
			assign(variable, weights);
		},
		dispose() {
			tf.dispose([firsts, seconds]);
		},
	};
}

function assign(variable: tf.Variable, weights: tf.Tensor): void {
	variable.assign(weights);
	weights.dispose();
}
