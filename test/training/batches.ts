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

test('the only batch is kept however small it is', t => {
	t.deepEqual(lengths(1, 12), [1]);
});
