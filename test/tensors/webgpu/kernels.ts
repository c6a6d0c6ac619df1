import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {useBackend} from '../../../tensors/backend.ts';
import {webGpuIsMissing} from '../../helpers/backends.ts';
import {differentiable} from '../../helpers/differentiable.ts';
import {relativeDifference} from '../../helpers/golden.ts';
import {wave} from '../../helpers/tensors.ts';

/** Drivers may round the functions of the shading language by some units in the last place, and sums of some hundred products go in another order. */
const tolerance = 2e-5;

/** A function, its gradient in the direction of fixed weights, and how many tensors they left behind. */
async function evaluate(f: (x: tf.Tensor) => tf.Tensor) {
	const x = tf.tidy(() => tf.mul(2, wave([2, 4, 2, 3], 1.7, 0.4)));
	const before = tf.memory().numTensors;
	const [y, gradient] = tf.tidy<[tf.Tensor, tf.Tensor]>(() => {
		const y = f(x);
		const weights = wave(y.shape, 1, Math.PI / 2);
		return [y, tf.grad(input => tf.sum(tf.mul(f(input), weights)))(x)];
	});
	const numbers = {value: await y.data(), gradient: await gradient.data()};
	tf.dispose([y, gradient]);
	const leaked = tf.memory().numTensors - before;
	x.dispose();
	return {...numbers, leaked};
}

const agrees = test.macro({
	async exec(t, name: string) {
		await useBackend('cpu');
		const expected = await evaluate(differentiable[name]!);
		await useBackend('webgpu');
		// Small tensors would be left to plain JavaScript otherwise.
		tf.env().set('WEBGPU_CPU_FORWARD', false);
		const actual = await evaluate(differentiable[name]!);
		t.true(relativeDifference(actual.value, [...expected.value]) < tolerance, `value: got ${String(actual.value)}, expected ${String(expected.value)}`);
		t.true(relativeDifference(actual.gradient, [...expected.gradient]) < tolerance, `gradient: got ${String(actual.gradient)}, expected ${String(expected.gradient)}`);
		t.is(actual.leaked, 0);
	},
	title: (_, name: string) => `${name} and its gradient are those of plain JavaScript on webgpu`,
});

if (webGpuIsMissing === undefined) {
	for (const name of Object.keys(differentiable)) {
		test.serial(agrees, name);
	}
} else {
	test(`not run: the kernels of webgpu, since ${webGpuIsMissing}`, t => {
		t.pass();
	});
}
