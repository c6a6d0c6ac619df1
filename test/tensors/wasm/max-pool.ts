import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {useBackend} from '../../../tensors/backend.ts';
import {largestDifference, liveTensors, wave} from '../../helpers/tensors.ts';

/** Sums of a few float32 numbers below 1, in another order. */
const tolerance = 1e-6;

const cases = [[1, 2], [2, 2], [3, 2], [3, 1], [2, 3]].flatMap(([size, stride]) => (['valid', 'same', 1] as const).map(pad => ({size: size!, stride: stride!, pad: size === 1 ? 'valid' as const : pad})));

/** The gradient of the maxima of windows, for a dy of waves. */
function gradientOf({size, stride, pad}: typeof cases[number]): Float32Array {
	return tf.tidy(() => tf.grad(x => {
		const y = tf.maxPool(x as tf.Tensor4D, size, stride, pad);
		return tf.sum(tf.mul(y, wave(y.shape, 2.3)));
	})(wave([2, 6, 7, 8], 1.7)).dataSync<'float32'>());
}

test.serial('gradients of maxima are those of the plain backend', async t => {
	await useBackend('cpu');
	const expected = cases.map(one => gradientOf(one));
	await useBackend('wasm');
	const before = liveTensors();
	for (const [index, one] of cases.entries()) {
		const difference = largestDifference(gradientOf(one), expected[index]!);
		t.true(difference < tolerance, `${JSON.stringify(one)} differs by ${difference}`);
	}

	t.deepEqual(liveTensors(), before);
});

test.serial('of equal numbers the first takes the gradient', async t => {
	await useBackend('wasm');
	t.deepEqual(tf.tidy(() => [...tf.grad(x => tf.sum(tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid')))(tf.ones([1, 2, 2, 1])).dataSync()]), [1, 0, 0, 0]);
});
