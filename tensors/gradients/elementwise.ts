import * as tf from '@tensorflow/tfjs-core';
import {
	type Attributes, type Gradient, mask, unbroadcast,
} from './gradient.ts';

type Unary = (dy: tf.Tensor, value: tf.Tensor, attributes: Attributes) => tf.Tensor;
type Binary = (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** Functions of one number, from their input. */
function ofInput(kernel: string, derive: Unary): Gradient {
	return {kernel, inputs: ['x'], derive: (dy, [x], attributes) => ({x: () => derive(dy, x!, attributes)})};
}

/** Functions of one number whose derivative is simplest in terms of their value. */
function ofOutput(kernel: string, derive: Unary): Gradient {
	return {kernel, output: true, derive: (dy, [y], attributes) => ({x: () => derive(dy, y!, attributes)})};
}

/** Functions of two numbers, broadcast to each other. */
function ofTwo(kernel: string, byA: Binary, byB: Binary): Gradient {
	return {
		kernel,
		inputs: ['a', 'b'],
		derive: (dy, [a, b]) => ({
			a: () => unbroadcast(byA(dy, a!, b!), a!.shape),
			b: () => unbroadcast(byB(dy, a!, b!), b!.shape),
		}),
	};
}

/** Functions that are constant between their jumps. */
function flat(kernel: string): Gradient {
	return {kernel, derive: dy => ({x: () => tf.zerosLike(dy)})};
}

/** Comparisons: constant between their jumps, as far as numbers go in. */
function flatOfTwo(kernel: string): Gradient {
	return {kernel, inputs: ['a', 'b'], derive: (_, [a, b]) => ({a: () => tf.zeros(a!.shape), b: () => tf.zeros(b!.shape)})};
}

/** The point where two arguments are equal counts as the first argument being chosen, as in TensorFlow. */
export const elementwiseGradients: readonly Gradient[] = [
	ofTwo(tf.Add, dy => dy, dy => dy),
	ofTwo(tf.Sub, dy => dy, dy => tf.neg(dy)),
	ofTwo(tf.Multiply, (dy, _, b) => tf.mul(dy, b), (dy, a) => tf.mul(dy, a)),
	ofTwo(tf.RealDiv, (dy, _, b) => tf.div(dy, b), (dy, a, b) => tf.neg(tf.div(tf.mul(dy, a), tf.square(b)))),
	ofTwo(tf.SquaredDifference, (dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(a, b))), (dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(b, a)))),
	ofTwo(tf.Maximum, (dy, a, b) => tf.mul(dy, mask(tf.greaterEqual(a, b))), (dy, a, b) => tf.mul(dy, mask(tf.less(a, b)))),
	ofTwo(tf.Minimum, (dy, a, b) => tf.mul(dy, mask(tf.lessEqual(a, b))), (dy, a, b) => tf.mul(dy, mask(tf.greater(a, b)))),
	{
		kernel: tf.Pow,
		inputs: ['a', 'b'],
		output: true,
		derive: (dy, [base, exponent, power]) => ({
			a: () => unbroadcast(tf.mul(dy, tf.mul(exponent!, tf.pow(base!, tf.sub(exponent!, 1)))), base!.shape),
			// The logarithm of a base of 0 or less has no value; the power does not depend on the exponent there.
			b: () => unbroadcast(tf.mul(dy, tf.mul(power!, tf.where(tf.greater(base!, 0), tf.log(base!), tf.zerosLike(base!)))), exponent!.shape),
		}),
	},
	{
		kernel: tf.AddN,
		inputs: 'all',
		derive: (dy, terms) => Object.fromEntries(terms.map((_, index) => [index, () => tf.clone(dy)])),
	},
	{
		kernel: tf.Select,
		inputs: ['condition'],
		derive: (dy, [condition]) => ({
			condition: () => tf.zeros(condition!.shape),
			t: () => tf.where(condition!, dy, tf.zerosLike(dy)),
			e: () => tf.where(condition!, tf.zerosLike(dy), dy),
		}),
	},
	{
		kernel: tf.Prelu,
		inputs: ['x', 'alpha'],
		derive: (dy, [x, alpha]) => ({
			x: () => tf.where(tf.greater(x!, 0), dy, tf.mul(dy, alpha!)),
			alpha: () => unbroadcast(tf.where(tf.greater(x!, 0), tf.zerosLike(dy), tf.mul(dy, x!)), alpha!.shape),
		}),
	},
	ofInput(tf.Abs, (dy, x) => tf.mul(dy, tf.sign(x))),
	ofInput(tf.Square, (dy, x) => tf.mul(dy, tf.mul(x, 2))),
	ofInput(tf.Log, (dy, x) => tf.div(dy, x)),
	ofInput(tf.Log1p, (dy, x) => tf.div(dy, tf.add(x, 1))),
	ofInput(tf.Sin, (dy, x) => tf.mul(dy, tf.cos(x))),
	ofInput(tf.Cos, (dy, x) => tf.neg(tf.mul(dy, tf.sin(x)))),
	ofInput(tf.Atan, (dy, x) => tf.div(dy, tf.add(tf.square(x), 1))),
	ofInput(tf.Acosh, (dy, x) => tf.div(dy, tf.sqrt(tf.sub(tf.square(x), 1)))),
	ofInput(tf.Asinh, (dy, x) => tf.div(dy, tf.sqrt(tf.add(tf.square(x), 1)))),
	ofInput(tf.Atanh, (dy, x) => tf.div(dy, tf.sub(1, tf.square(x)))),
	ofInput(tf.Erf, (dy, x) => tf.mul(dy, tf.mul(2 / Math.sqrt(Math.PI), tf.exp(tf.neg(tf.square(x)))))),
	ofInput(tf.Softplus, (dy, x) => tf.mul(dy, tf.sigmoid(x))),
	ofInput(tf.Relu, (dy, x) => tf.mul(dy, tf.step(x))),
	ofInput(tf.Relu6, (dy, x) => tf.mul(dy, tf.mul(tf.step(x), mask(tf.lessEqual(x, 6))))),
	ofInput(tf.LeakyRelu, (dy, x, {alpha}) => tf.where(tf.greater(x, 0), dy, tf.mul(dy, alpha))),
	ofInput(tf.ClipByValue, (dy, x, {clipValueMin, clipValueMax}) => tf.where(tf.logicalAnd(tf.greaterEqual(x, clipValueMin), tf.lessEqual(x, clipValueMax)), dy, tf.zerosLike(dy))),
	ofOutput(tf.Exp, (dy, y) => tf.mul(dy, y)),
	ofOutput(tf.Expm1, (dy, y) => tf.mul(dy, tf.add(y, 1))),
	ofOutput(tf.Sqrt, (dy, y) => tf.div(dy, tf.mul(y, 2))),
	ofOutput(tf.Rsqrt, (dy, y) => tf.mul(dy, tf.mul(-0.5, tf.mul(y, tf.square(y))))),
	ofOutput(tf.Reciprocal, (dy, y) => tf.neg(tf.mul(dy, tf.square(y)))),
	ofOutput(tf.Sigmoid, (dy, y) => tf.mul(dy, tf.mul(y, tf.sub(1, y)))),
	ofOutput(tf.Tanh, (dy, y) => tf.mul(dy, tf.sub(1, tf.square(y)))),
	ofOutput(tf.Elu, (dy, y) => tf.where(tf.greater(y, 0), dy, tf.mul(dy, tf.add(y, 1)))),
	{kernel: tf.Neg, derive: dy => ({x: () => tf.neg(dy)})},
	{kernel: tf.Identity, derive: dy => ({x: () => tf.clone(dy)})},
	{kernel: tf.Cast, derive: dy => ({x: () => tf.clone(dy)})},
	flat(tf.Sign),
	flat(tf.Step),
	flat(tf.Floor),
	flat(tf.Ceil),
	flat(tf.Round),
	flatOfTwo(tf.Greater),
	flatOfTwo(tf.GreaterEqual),
	flatOfTwo(tf.Less),
	flatOfTwo(tf.LessEqual),
	flatOfTwo(tf.Equal),
	flatOfTwo(tf.NotEqual),
	flatOfTwo(tf.LogicalAnd),
	flatOfTwo(tf.LogicalOr),
	flat(tf.LogicalNot),
];
