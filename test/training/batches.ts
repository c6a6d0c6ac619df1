import test from 'ava';
import {batchesOf} from '../../training/batches.ts';

const lengths = (count: number, batchSize: number) => batchesOf(Int32Array.from({length: count}, (_, index) => index), batchSize).map(({length}) => length);

test('an order is split into batches', t => {
	t.deepEqual(batchesOf(Int32Array.of(3, 1, 0, 2), 2), [Int32Array.of(3, 1), Int32Array.of(0, 2)]);
});

test('an incomplete batch of more than a quarter is kept', t => {
	t.deepEqual(lengths(28, 12), [12, 12, 4]);
});

test('an incomplete batch of a quarter is left out', t => {
	t.deepEqual(lengths(27, 12), [12, 12]);
});

test('an incomplete batch may be kept however small it is, or left out however large', t => {
	const order = Int32Array.from({length: 25}, (_, index) => index);
	t.deepEqual(batchesOf(order, 12, 'kept').map(({length}) => length), [12, 12, 1]);
	t.deepEqual(batchesOf(order.subarray(0, 23), 12, 'dropped').map(({length}) => length), [12]);
	t.deepEqual(batchesOf(order.subarray(0, 5), 12, 'dropped').map(({length}) => length), [5]);
});

test('the only batch is kept however small it is', t => {
	t.deepEqual(lengths(1, 12), [1]);
});
