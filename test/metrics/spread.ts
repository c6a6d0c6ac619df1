import test from 'ava';
import {spreadOf} from '../../metrics/spread.ts';

/** What sums in another order may differ by. */
const rounding = 1e-15;

test('mean and sample standard deviation, by hand', t => {
	// Deviations from 5 are −3, −1, 1, 3; their squares add up to 20; 20 / 3 under the root.
	t.deepEqual(spreadOf([2, 4, 6, 8]), {mean: 5, deviation: Math.sqrt(20 / 3), count: 4});
});

test('mean and sample standard deviation as NumPy has them', t => {
	// Made by python3 -c "import numpy as np; x = [0.92, 0.887, 0.933]; print(repr(float(np.mean(x))), repr(float(np.std(x, ddof=1))))"
	const {mean, deviation, count} = spreadOf([0.92, 0.887, 0.933]);
	t.true(Math.abs(mean - 0.913_333_333_333_333_4) <= rounding);
	t.true(Math.abs(deviation! - 0.023_713_568_549_109_9) <= rounding);
	t.is(count, 3);
});

test('a large mean costs no digits', t => {
	t.deepEqual(spreadOf([1e9, 1e9 + 1, 1e9 + 2]), {mean: 1e9 + 1, deviation: 1, count: 3});
});

test('one value has no deviation, equal values have none to speak of', t => {
	t.deepEqual(spreadOf([3]), {mean: 3, deviation: null, count: 1});
	t.deepEqual(spreadOf([3, 3]), {mean: 3, deviation: 0, count: 2});
});

test('no values are refused', t => {
	t.throws(() => spreadOf([]), {instanceOf: RangeError, message: 'Expected at least one value to average, got none'});
});
