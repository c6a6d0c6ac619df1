import test from 'ava';
import type {ImageSet} from '../../artifacts/image-set.ts';
import {randomStream} from '../../tensors/random.ts';
import {enlarged} from '../../training/enlarge.ts';

const size = 8;
const pixels = size * size;

/** Flat images; a brightened copy has at most 255 · exp(0.15) / 255 times their value. */
function flat(...values: readonly number[]): ImageSet {
	return {
		images: Uint8Array.from(values.flatMap(value => Array.from<number>({length: pixels}).fill(value))),
		shape: [values.length, size, size, 1],
		labels: Int32Array.from(values, (_, index) => index),
		identities: values.map((_, index) => `person ${index}`),
	};
}

const rowOf = (data: Float32Array, row: number) => data.subarray(row * pixels, (row + 1) * pixels);
const stream = () => randomStream('enlarge');

/** Half a step of 8-bit values. */
const tolerance = 0.002;

test('each image comes first, then its copies', t => {
	const data = enlarged(flat(51, 102), {moved: 2, mixed: 3}, stream());
	t.is(data.length, 2 * 6 * pixels);
	t.true(rowOf(data, 0).every(value => Math.abs(value - 0.2) < tolerance));
	t.true(rowOf(data, 6).every(value => Math.abs(value - 0.4) < tolerance));
});

test('mixed copies leave the moved ones as they are', t => {
	const set = flat(51, 102);
	const without = enlarged(set, {moved: 2}, stream());
	const withMixed = enlarged(set, {moved: 2, mixed: 4}, stream());
	t.deepEqual(rowOf(withMixed, 7 + 2), rowOf(without, 3 + 2));
});

test('a mixed copy lies between the two images', t => {
	const data = enlarged(flat(0, 200), {moved: 0, mixed: 20}, stream());
	const mixed = Array.from({length: 20}, (_, copy) => rowOf(data, copy + 1));
	const limit = (200 / 255 * Math.exp(0.15)) + tolerance;
	t.true(mixed.every(image => image.every(value => value >= 0 && value <= limit)));
	t.true(mixed.some(image => image.some(value => value > 0)));
});

test('some mixed copies are even blends, others join parts', t => {
	const data = enlarged(flat(0, 200), {moved: 0, mixed: 40}, stream());
	const spans = Array.from({length: 40}, (_, copy) => Math.max(...rowOf(data, copy + 1)) - Math.min(...rowOf(data, copy + 1)));
	t.true(spans.some((span, copy) => span < tolerance && rowOf(data, copy + 1)[0]! > tolerance));
	t.true(spans.some(span => span > 0.3));
});

test('copies follow from the seed', t => {
	const set = flat(51, 102);
	t.deepEqual(enlarged(set, {moved: 1, mixed: 1}, stream()), enlarged(set, {moved: 1, mixed: 1}, stream()));
	t.notDeepEqual(enlarged(set, {moved: 1, mixed: 1}, stream()), enlarged(set, {moved: 1, mixed: 1}, randomStream('other')));
});
