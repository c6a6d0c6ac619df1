import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {type BackendName, useBackend} from '../../tensors/backend.ts';
import {syncBackends} from '../helpers/backends.ts';
import {differentiable} from '../helpers/differentiable.ts';
import {gradientError, liveTensors, wave} from '../helpers/tensors.ts';

/** Rounding of float32 sums over a step of 0.01, and the curvature that central differences leave out. */
const tolerance = 5e-3;

const agrees = test.macro({
	async exec(t, backend: BackendName, name: string) {
		await useBackend(backend);
		const x = tf.tidy(() => tf.mul(2, wave([2, 4, 2, 3], 1.7, 0.4)));
		const before = liveTensors();
		const error = gradientError(differentiable[name]!, x);
		t.true(error < tolerance, `largest error ${error}`);
		t.deepEqual(liveTensors(), before, 'nothing leaks');
		x.dispose();
	},
	title: (_, backend: BackendName, name: string) => `the gradient of ${name} is that of finite differences on ${backend}`,
});

for (const backend of syncBackends) {
	for (const name of Object.keys(differentiable)) {
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
