import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {useBackend} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';
import {principalComponents} from '../../training/pca.ts';

/** Of float32 numbers around 1 through ten products of matrices. */
const tolerance = 1e-4;

async function pcaOf(rows: number[][], components: number, seed = '1') {
	const vectors = tf.tensor2d(rows);
	try {
		return await principalComponents(vectors, {components, stream: randomStream(seed)});
	} finally {
		vectors.dispose();
	}
}

const grid = (rows: number, columns: number, value: (row: number, column: number) => number) =>
	Array.from({length: rows}, (_, row) => Array.from({length: columns}, (__, column) => value(row, column)));

const small = grid(6, 5, (row, column) => Math.sin(0.9 * row * (column + 1)) + (0.3 * column));

test.before(async () => {
	await useBackend('wasm');
});

/*
	I, j = np.arange(6)[:, None], np.arange(5)[None]
	X = np.sin(0.9 * i * (j + 1)) + 0.3 * j
	u, s, vt = np.linalg.svd(X - X.mean(0), full_matrices=False)
	X.mean(0), s / np.sqrt(5), vt    # vt up to the sign of each row
*/
test.serial('components of a small matrix agree with its singular vectors', async t => {
	const {mean, components, deviations, count} = await pcaOf(small, 3);
	t.is(count, 3);
	for (const [index, value] of [0.127_417_31, 0.460_724_842, 0.674_558_9, 0.830_813_62, 1.033_368_506].entries()) {
		t.true(Math.abs(mean[index]! - value) < tolerance);
	}

	for (const [index, value] of [1.181_141_903, 1.016_565_999, 0.631_544_075].entries()) {
		t.true(Math.abs(deviations[index]! - value) < tolerance, `${deviations[index]}`);
	}

	const expected = [
		[0.002_031_829, -0.289_837_6, 0.648_808_894, -0.644_451_424, 0.282_346_275],
		[0.503_659_489, -0.553_153_389, -0.250_037_853, 0.245_522_526, 0.563_514_159],
		[0.863_754_647, 0.329_964_966, 0.133_279_475, -0.152_753_401, -0.322_418_998],
	];
	for (const [index, row] of expected.entries()) {
		const actual = components.subarray(index * 5, (index + 1) * 5);
		const sign = Math.sign(row.reduce((sum, value, column) => sum + (value * actual[column]!), 0));
		t.true(row.every((value, column) => Math.abs((sign * actual[column]!) - value) < tolerance), `${actual.join(' ')}`);
	}
});

/*
	I, j, k = np.arange(60)[:, None, None], np.arange(40)[None, :, None], np.arange(1, 31)[None, None]
	X = (0.8 ** k * np.sin(1.3 * k * i + k) * np.cos(0.7 * k * j)).sum(2)
	np.linalg.svd(X - X.mean(0), compute_uv=False)[:4] / np.sqrt(59)
*/
test.serial('a subspace smaller than the space finds the largest variances', async t => {
	const rows = grid(60, 40, (row, column) => {
		let sum = 0;
		for (let k = 1; k <= 30; k++) {
			sum += (0.8 ** k) * Math.sin((1.3 * k * row) + k) * Math.cos(0.7 * k * column);
		}

		return sum;
	});
	const {deviations} = await pcaOf(rows, 4);
	for (const [index, value] of [2.637_958_379, 2.174_486_847, 1.847_691_045, 1.689_210_505].entries()) {
		t.true(Math.abs(deviations[index]! - value) < tolerance, `${deviations[index]}`);
	}
});

test.serial('components are orthonormal', async t => {
	const {components} = await pcaOf(small, 4);
	for (let a = 0; a < 4; a++) {
		for (let b = 0; b <= a; b++) {
			const product = small[0]!.reduce((sum, _, column) => sum + (components[(a * 5) + column]! * components[(b * 5) + column]!), 0);
			t.true(Math.abs(product - (a === b ? 1 : 0)) < tolerance);
		}
	}
});

test.serial('vectors that vary in fewer directions give fewer components', async t => {
	const {count, components, deviations} = await pcaOf(grid(7, 5, (row, column) => (row * (column + 1)) + ((row % 2) * (column === 2 ? 3 : 0))), 4);
	t.is(count, 2);
	t.is(components.length, 2 * 5);
	t.is(deviations.length, 2);
});

test.serial('fewer vectors than components give fewer components', async t => {
	t.is((await pcaOf(small.slice(0, 3), 4)).count, 2);
});

test.serial('the same seed gives the same bytes', async t => {
	t.deepEqual(await pcaOf(small, 3), await pcaOf(small, 3));
});

test.serial('no tensors are left behind', async t => {
	const before = tf.memory().numTensors;
	await pcaOf(small, 3);
	t.is(tf.memory().numTensors, before);
});
