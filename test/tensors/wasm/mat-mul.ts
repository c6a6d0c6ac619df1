import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {useBackend} from '../../../tensors/backend.ts';
import {largestDifference, liveTensors, wave} from '../../helpers/tensors.ts';

/** Outer sizes of the stacks, then rows, depth and columns of the product; beyond the block sizes too. */
const cases: Array<[number[], number[], number, number, number]> = [
	[[], [], 1, 1, 1],
	[[], [], 3, 2, 5],
	[[], [], 9, 7, 13],
	[[], [], 6, 300, 140],
	[[4], [4], 5, 6, 7],
	[[1], [3], 5, 6, 7],
	[[3], [], 4, 8, 12],
];
const tolerance = 1e-3;

const agrees = test.macro({
	async exec(t, transposeA: boolean, transposeB: boolean) {
		const products = () => cases.map(([outerA, outerB, rows, depth, columns]) => tf.tidy(() => {
			const a = wave([...outerA, ...(transposeA ? [depth, rows] : [rows, depth])], 1.7);
			const b = wave([...outerB, ...(transposeB ? [columns, depth] : [depth, columns])], 0.9);
			const product = tf.matMul(a, b, transposeA, transposeB);
			return {shape: product.shape, values: product.dataSync()};
		}));
		await useBackend('cpu');
		const expected = products();
		await useBackend('wasm');
		const before = liveTensors();
		for (const [index, product] of products().entries()) {
			t.deepEqual(product.shape, expected[index]!.shape);
			const difference = largestDifference(product.values, expected[index]!.values);
			t.true(difference < tolerance, `case ${index} differs by ${difference}`);
		}

		t.deepEqual(liveTensors(), before, 'nothing leaks');
	},
	title: (_, transposeA, transposeB) => `products of stacks agree with the plain backend: ${transposeA ? 'aᵀ' : 'a'}·${transposeB ? 'bᵀ' : 'b'}`,
});

for (const transposeA of [false, true]) {
	for (const transposeB of [false, true]) {
		test.serial(agrees, transposeA, transposeB);
	}
}

// The plain backend counts the matrices of such stacks wrongly.
test.serial('both stacks can be broadcast', async t => {
	await useBackend('wasm');
	const {got, expected} = tf.tidy(() => {
		const a = wave([2, 1, 4, 5], 1.7);
		const b = wave([3, 5, 6], 0.9);
		const repeated = tf.matMul(tf.reshape(tf.tile(a, [1, 3, 1, 1]), [6, 4, 5]), tf.tile(b, [2, 1, 1]));
		return {got: tf.matMul(a, b).dataSync(), expected: repeated.dataSync()};
	});
	t.deepEqual(got, expected);
});

test.serial('an empty range adds nothing', async t => {
	await useBackend('wasm');
	t.deepEqual([...tf.tidy(() => tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 2])).dataSync())], [0, 0, 0, 0]);
});
