import * as tf from '@tensorflow/tfjs-core';
import type {AdamOptions, Moments, MomentsFactory, MomentValues} from './adam-moments.ts';
import {type Optimizer, variableFor} from './optimizer.ts';
import {libraryMoments} from './tensorflow/adam.ts';
import {adopt, allocate, position} from './wasm/heap.ts';
import {stepAdam} from './wasm/native.ts';

/** An Adam optimizer with its state. */
export type Adam = Optimizer<AdamState>;

/** The state of an optimizer as plain values. */
export type AdamState = {
	/** Steps that were made. */
	readonly steps: number;
	/** By the names of the variables. */
	readonly moments: Readonly<Record<string, MomentValues>>;
};

/**
 * Adam (Kingma and Ba 2015, Algorithm 1) as PyTorch computes it: w ← w − lr/(1 − β₁ᵗ) · m / (√(v/(1 − β₂ᵗ)) + ε). All variables share the step count t.
 * @param start the state to go on from
 */
export function adam(options: AdamOptions, start?: AdamState): Adam {
	const states = new Map<string, Moments>();
	let steps = start?.steps ?? 0;
	return {
		update(variables, gradients, learningRate) {
			steps++;
			const correction = {
				rate: learningRate / (1 - (options.beta1 ** steps)),
				root: Math.sqrt(1 - (options.beta2 ** steps)),
			};
			for (const [name, gradient] of Object.entries(gradients)) {
				const variable = variableFor(name, variables, gradient);
				let moments = states.get(name);
				if (!moments) {
					const values = start?.moments[name] ?? {first: new Float32Array(variable.size), second: new Float32Array(variable.size)};
					moments = (momentsByBackend[tf.getBackend()] ?? tensorMoments)(values, variable.shape, options);
					states.set(name, moments);
				}

				moments.update(variable, gradient, correction);
			}
		},
		async state() {
			const entries = [...states].map(async ([name, moments]) => [name, await moments.values()] as const);
			return {steps, moments: {...start?.moments, ...Object.fromEntries(await Promise.all(entries))}};
		},
		dispose() {
			for (const moments of states.values()) {
				moments.dispose();
			}

			states.clear();
		},
	};
}

const momentsByBackend: Readonly<Record<string, MomentsFactory>> = {wasm: heapMoments, tensorflow: libraryMoments};

/** One pass over the WASM heap: the many small kernels of the other way take longer than the arithmetic. */
function heapMoments({first, second}: MomentValues, _shape: number[], {beta1, beta2, epsilon}: AdamOptions): Moments {
	const size = first.length;
	const firsts = tf.keep(tf.tensor1d(first));
	const seconds = tf.keep(tf.tensor1d(second));
	return {
		values: async () => valuesOf(firsts, seconds),
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

function tensorMoments(start: MomentValues, shape: number[], {beta1, beta2, epsilon}: AdamOptions): Moments {
	let firsts = tf.keep(tf.tensor(start.first, shape));
	let seconds = tf.keep(tf.tensor(start.second, shape));
	return {
		values: async () => valuesOf(firsts, seconds),
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

async function valuesOf(firsts: tf.Tensor, seconds: tf.Tensor): Promise<MomentValues> {
	return {first: await firsts.data<'float32'>(), second: await seconds.data<'float32'>()};
}

function assign(variable: tf.Variable, weights: tf.Tensor): void {
	variable.assign(weights);
	weights.dispose();
}
