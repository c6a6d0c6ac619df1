import * as tf from '@tensorflow/tfjs-core';
import type {
	AdamOptions, Correction, Moments, MomentValues,
} from '../adam-moments.ts';
import {
	constant, execute, release, usesGpu, type Attributes, type Constant,
} from './operation.ts';
import {resource, type Resource} from './resource.ts';

/**
 * The library's own step, one operation in place of a dozen. It computes w ← w − lr·√(1 − β₂ᵗ)/(1 − β₁ᵗ) · m / (√v + ε̂), so √(1 − β₂ᵗ) goes into the rate and into ε̂ = ε·√(1 − β₂ᵗ) here,
 * and the powers that it would derive it from, less exactly, are 0.
 */
export function libraryMoments(start: MomentValues, shape: number[], options: AdamOptions): Moments {
	return start.first.length <= fewNumbers && !usesGpu() ? plainMoments(start, shape, options) : resourceMoments(start, shape, options);
}

/** Up to so many numbers, as in biases and batch normalization, two calls of the library take longer than reading the gradient and computing the step here. */
const fewNumbers = 2048;

function plainMoments({first, second}: MomentValues, shape: number[], {beta1, beta2, epsilon}: AdamOptions): Moments {
	const [firsts, seconds] = [first.slice(), second.slice()];
	let weights = new Float32Array(first.length);
	let result: object | undefined;
	return {
		values: async () => ({first: firsts.slice(), second: seconds.slice()}),
		update(variable, gradient, {rate, root}) {
			const before = variable.dataId === result ? weights : variable.dataSync<'float32'>();
			const slopes = gradient.dataSync<'float32'>();
			weights = new Float32Array(before.length);
			for (let index = 0; index < weights.length; index++) {
				const slope = slopes[index]!;
				firsts[index] = (beta1 * firsts[index]!) + ((1 - beta1) * slope);
				seconds[index] = (beta2 * seconds[index]!) + ((1 - beta2) * slope * slope);
				weights[index] = before[index]! - (rate * firsts[index]! / ((Math.sqrt(seconds[index]!) / root) + epsilon));
			}

			const updated = tf.tensor(weights.slice(), shape);
			variable.assign(updated);
			updated.dispose();
			result = variable.dataId;
		},
		dispose() {}, // eslint-disable-line @typescript-eslint/no-empty-function -- nothing lies in the library
	};
}

function resourceMoments({first, second}: MomentValues, shape: number[], {beta1, beta2, epsilon}: AdamOptions): Moments {
	const [weights, firsts, seconds] = [new Float32Array(first.length), first, second].map(values => resource(values, shape)) as [Resource, Resource, Resource];
	const [zero, decay1, decay2] = [0, beta1, beta2].map(value => scalar(value)) as [Constant, Constant, Constant];
	/** What the variable holds if nobody else has changed it since the last step. */
	let result: object | undefined;
	return {
		values: async () => ({first: await valuesOf(firsts.read()), second: await valuesOf(seconds.read())}),
		update(variable, gradient, correction) {
			if (variable.dataId !== result) {
				weights.assign(variable);
			}

			const {rate, spread} = scalarsOf(correction, epsilon);
			execute('ResourceApplyAdam', attributes, [weights.handle, firsts.handle, seconds.handle, zero, zero, rate, decay1, decay2, spread, gradient], 0);
			const updated = weights.read();
			variable.assign(updated);
			updated.dispose();
			result = variable.dataId;
		},
		dispose() {
			tf.dispose([weights.handle, firsts.handle, seconds.handle]);
			for (const value of [zero, decay1, decay2]) {
				release(value);
			}
		},
	};
}

const attributes: Attributes = {T: {type: 'float32'}, use_locking: {bool: false}, use_nesterov: {bool: false}};

function scalar(value: number): Constant {
	return constant(Float32Array.of(value), []);
}

type Scalars = {readonly rate: Constant; readonly spread: Constant};

/** Those of the last step, which all variables of an optimizer share. */
let last: (Scalars & {readonly correction: Correction}) | undefined;

/** The rate and ε̂ of a step. */
function scalarsOf(correction: Correction, epsilon: number): Scalars {
	if (last?.correction !== correction) {
		if (last) {
			release(last.rate);
			release(last.spread);
		}

		last = {correction, rate: scalar(correction.rate * correction.root), spread: scalar(epsilon * correction.root)};
	}

	return last;
}

async function valuesOf(read: tf.Tensor): Promise<Float32Array> {
	try {
		return await read.data<'float32'>();
	} finally {
		read.dispose();
	}
}
