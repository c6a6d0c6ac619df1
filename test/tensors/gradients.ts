import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {type BackendName, useBackend} from '../../tensors/backend.ts';
import {testedBackends} from '../helpers/backends.ts';
import {gradientError, liveTensors, wave} from '../helpers/tensors.ts';

/** Rounding of float32 sums over a step of 0.01, and the curvature that central differences leave out. */
const tolerance = 5e-3;

const moments = () => tf.tensor1d([1, 2, 3]);
const matrix = () => tf.tensor2d(Array.from({length: 12}, (_, index) => (index % 5) - 2), [2, 6]);
const stack = (x: tf.Tensor) => tf.reshape(x, [2, 4, 6]);
const filter = () => wave([3, 3, 3, 2], 0.9) as tf.Tensor4D;
const around = (size: number): tf.backend_util.ExplicitPadding => [[0, 0], [size, size], [size, size], [0, 0]];

/** Functions of a tensor of shape [2, 4, 2, 3] without kinks near its values. */
const functions: Record<string, (x: tf.Tensor) => tf.Tensor> = {
	abs: x => tf.abs(x),
	acosh: x => tf.acosh(tf.add(tf.square(x), 2)),
	'add, broadcast': x => tf.add(x, tf.mul(moments(), tf.mean(x))),
	addN: x => tf.addN([x, tf.square(x), x]),
	asinh: x => tf.asinh(x),
	avgPool: x => tf.avgPool(x as tf.Tensor4D, 2, 2, 'same'),
	batchNorm: x => tf.batchNorm(x, moments(), moments(), moments(), moments(), 0.1),
	clipByValue: x => tf.clipByValue(x, -0.6, 0.7),
	concat: x => tf.concat([x, tf.mul(x, 2)], -1),
	'conv2d, stride 1': x => tf.conv2d(x as tf.Tensor4D, filter(), 1, 'same'),
	'conv2d, stride 2': x => tf.conv2d(x as tf.Tensor4D, filter(), 2, around(1)),
	'conv2d, filter': x => tf.conv2d(wave([1, 5, 5, 3], 2) as tf.Tensor4D, tf.reshape(tf.slice(x, [0, 0, 0, 0], [1, 4, 2, 3]), [2, 2, 3, 2]), 2, around(1)),
	conv2dTranspose: x => tf.conv2dTranspose(x as tf.Tensor4D, wave([3, 3, 2, 3], 0.9) as tf.Tensor4D, [2, 8, 4, 2], 2, 'same'),
	cumsum: x => tf.cumsum(x, 1, true),
	div: x => tf.div(x, tf.add(tf.square(x), 1)),
	elu: x => tf.elu(x),
	exp: x => tf.exp(x),
	expandDims: x => tf.expandDims(x, 1),
	gather: x => tf.gather(x, tf.tensor1d([0, 1, 1], 'int32'), 1),
	leakyRelu: x => tf.leakyRelu(x, 0.2),
	log: x => tf.log(tf.add(tf.square(x), 1)),
	logSoftmax: x => tf.logSoftmax(x),
	logSumExp: x => tf.logSumExp(x, 1),
	matMul: x => tf.matMul(stack(x), wave([2, 6, 3], 2)),
	'matMul, first transposed': x => tf.matMul(stack(x), stack(x), true),
	'matMul, second transposed and broadcast': x => tf.matMul(stack(x), matrix(), false, true),
	'matMul, first transposed and broadcast': x => tf.matMul(matrix(), tf.transpose(stack(x), [0, 2, 1]), false, false),
	max: x => tf.max(x, 1),
	maxPool: x => tf.maxPool(x as tf.Tensor4D, 2, 1, 'valid'),
	'maxPool, windows smaller than their stride': x => tf.maxPool(x as tf.Tensor4D, 1, 2, 'valid'),
	maximum: x => tf.maximum(x, 0.3),
	'mean over space': x => tf.mean(x, [1, 2]),
	min: x => tf.min(x, -1, true),
	minimum: x => tf.minimum(0.3, x),
	norm: x => tf.norm(x, 'euclidean', -1),
	pad: x => tf.pad(x, [[1, 0], [0, 2], [1, 1], [0, 0]]),
	pow: x => tf.pow(tf.add(tf.abs(x), 1), 2.5),
	prelu: x => tf.prelu(x, tf.tensor1d([0.2, -0.4, 1.5])),
	'prelu, slope': x => tf.prelu(wave(x.shape, 2), x),
	relu: x => tf.relu(x),
	reshape: x => tf.reshape(x, [-1, 3]),
	'resizeBilinear, square': x => tf.image.resizeBilinear(tf.reshape<tf.Rank.R4>(x, [1, 4, 4, 3]), [5, 7]),
	reverse: x => tf.mul(tf.reverse(x, 1), x),
	rsqrt: x => tf.rsqrt(tf.add(tf.square(x), 1)),
	sigmoid: x => tf.sigmoid(x),
	slice: x => tf.slice(x, [0, 1, 0, 0], [1, 2, 2, 2]),
	softmax: x => tf.softmax(x),
	softplus: x => tf.softplus(x),
	split: x => tf.split(x, 2, 0)[1]!,
	sqrt: x => tf.sqrt(tf.add(tf.square(x), 1)),
	squaredDifference: x => tf.squaredDifference(x, moments()),
	stack: x => tf.stack([x, x], 1),
	sub: x => tf.sub(moments(), x),
	'sum over one axis': x => tf.sum(x, 1),
	tanh: x => tf.tanh(x),
	tile: x => tf.tile(x, [1, 2, 1, 3]),
	transpose: x => tf.transpose(x, [3, 1, 0, 2]),
	unstack: x => tf.unstack(x, 1)[1]!,
	where: x => tf.where(tf.greater(x, 0), x, tf.mul(x, 3)),
};

const agrees = test.macro({
	async exec(t, backend: BackendName, name: string) {
		await useBackend(backend);
		const x = tf.tidy(() => tf.mul(2, wave([2, 4, 2, 3], 1.7, 0.4)));
		const before = liveTensors();
		const error = gradientError(functions[name]!, x);
		t.true(error < tolerance, `largest error ${error}`);
		t.deepEqual(liveTensors(), before, 'nothing leaks');
		x.dispose();
	},
	title: (_, backend: BackendName, name: string) => `the gradient of ${name} is that of finite differences on ${backend}`,
});

for (const backend of testedBackends) {
	for (const name of Object.keys(functions)) {
		test.serial(agrees, backend, name);
	}
}

test.serial('equal extremes share the gradient', async t => {
	await useBackend('wasm');
	const gradient = tf.tidy(() => [...tf.grad(x => tf.max(x))(tf.tensor1d([1, 3, 3])).dataSync()]);
	t.deepEqual(gradient, [0, 0.5, 0.5]);
});

test.serial('a condition that depends on the input does not stop the gradient', async t => {
	await useBackend('wasm');
	const gradient = tf.tidy(() => [...tf.grad(x => tf.sum(tf.where(tf.logicalAnd(tf.greater(x, 0), tf.lessEqual(x, 1)), tf.mul(x, 3), x)))(tf.tensor1d([-1, 0.5, 2])).dataSync()]);
	t.deepEqual(gradient, [1, 3, 1]);
});
