import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {useBackend} from '../../../tensors/backend.ts';
import {randomStream} from '../../../tensors/random.ts';
import {fixture, largestDifference, liveTensors, wave} from '../../helpers/tensors.ts';

type Pad = 'valid' | 'same' | number;
type Case = {readonly input: [number, number, number, number]; readonly kernel: [number, number]; readonly outputs: number; readonly strides: [number, number]; readonly pad: Pad};

/** Sums of up to some thousand float32 products of normal numbers, in another order. */
const tolerance = 4e-4;

const cases: Case[] = [1, 2, 3].flatMap(stride => [[1, 1], [3, 3], [5, 5], [2, 3]].flatMap(kernel => (['valid', 'same', 1, 2] as Pad[]).flatMap(pad => [[2, 8, 8, 3, 4], [3, 7, 5, 5, 9], [1, 6, 9, 1, 1]].map(([n, h, w, c, k]) => ({
	input: [n, h, w, c] as [number, number, number, number],
	kernel: kernel as [number, number],
	outputs: k!,
	strides: [stride, stride] as [number, number],
	pad,
})))));
cases.push(
	{input: [2, 8, 9, 3], kernel: [3, 2], outputs: 5, strides: [1, 2], pad: 'same'},
	{input: [2, 4, 4, 64], kernel: [3, 3], outputs: 64, strides: [1, 1], pad: 1},
	// Filters beyond the blocks in which they are read; what is left of a row of channels is 3 and 2.
	{input: [2, 6, 7, 130], kernel: [3, 3], outputs: 135, strides: [1, 1], pad: 1},
	{input: [2, 9, 8, 66], kernel: [3, 3], outputs: 67, strides: [2, 2], pad: 1},
);

/** Y, dx and dfilter of a convolution, for a random dy. */
function convolve({input, kernel, outputs, strides, pad}: Case): Float32Array[] {
	return tf.tidy(() => {
		const stream = randomStream('conv');
		const draw = (shape: number[]) => tf.tensor(stream.normals(tf.util.sizeFromShape(shape)), shape);
		const x = draw(input) as tf.Tensor4D;
		const filter = draw([...kernel, input[3], outputs]) as tf.Tensor4D;
		const padding: Pad | tf.backend_util.ExplicitPadding = typeof pad === 'number' ? [[0, 0], [pad, pad], [pad, pad], [0, 0]] : pad;
		const run = (x: tf.Tensor, filter: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, padding);
		const y = run(x, filter);
		const [dx, dFilter] = tf.grads(run)([x, filter], draw(y.shape));
		return [y, dx!, dFilter!].map(tensor => tensor.dataSync() as Float32Array);
	});
}

for (const [part, name] of ['convolution', 'its gradient for the input', 'its gradient for the filter'].entries()) {
	test.serial(`${name} agrees with the plain backend for odd sizes, strides, kernels and paddings`, async t => {
		await useBackend('cpu');
		const expected = cases.map(one => convolve(one)[part]!);
		await useBackend('wasm');
		for (const [index, one] of cases.entries()) {
			const difference = largestDifference(convolve(one)[part]!, expected[index]!);
			t.true(difference < tolerance, `${JSON.stringify(one)} differs by ${difference}`);
		}
	});
}

type Golden = {readonly input: [number, number, number, number]; readonly kernel: number; readonly outputs: number; readonly stride: number; readonly pad: number} & Readonly<Record<'y' | 'dx' | 'dFilter', number[]>>;

test.serial('convolutions and their gradients are those of PyTorch', async t => {
	await useBackend('wasm');
	for (const {input, kernel, outputs, stride, pad, ...golden} of fixture<{convolutions: Golden[]}>('tensors.json').convolutions) {
		const got = tf.tidy(() => {
			const run = (x: tf.Tensor, filter: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, [[0, 0], [pad, pad], [pad, pad], [0, 0]]);
			const x = wave(input, 1.7);
			const filter = wave([kernel, kernel, input[3], outputs], 0.9);
			const y = run(x, filter);
			const [dx, dFilter] = tf.grads(run)([x, filter], wave(y.shape, 2.3));
			return {y: y.dataSync(), dx: dx!.dataSync(), dFilter: dFilter!.dataSync()};
		});
		for (const part of ['y', 'dx', 'dFilter'] as const) {
			const difference = largestDifference(got[part], golden[part]);
			t.true(difference < tolerance, `${part} differs by ${difference}`);
		}
	}
});

test.serial('a dilated convolution agrees with the plain backend', async t => {
	const run = () => tf.tidy(() => tf.conv2d(wave([2, 9, 8, 3], 1.7) as tf.Tensor4D, wave([3, 3, 3, 5], 0.9) as tf.Tensor4D, 1, 'same', 'NHWC', [2, 3]).dataSync());
	await useBackend('cpu');
	const expected = run();
	await useBackend('wasm');
	t.true(largestDifference(run(), expected) < tolerance);
});

test.serial('convolutions leave nothing behind', async t => {
	await useBackend('wasm');
	const before = liveTensors();
	for (const one of cases) {
		convolve(one);
	}

	t.deepEqual(liveTensors(), before);
});

test.serial('results do not change when the heap grows in between', async t => {
	await useBackend('wasm');
	const first = convolve(cases[0]!);
	const large = tf.zeros([40_000_000]);
	t.deepEqual(convolve(cases[0]!), first);
	large.dispose();
});
