import test from 'ava';
import {analyseSweep} from '../../../reporting/sensitivity/analysis.ts';
import {defensePoints, pointOf, smoothingPoints} from '../../helpers/sweep.ts';

const alpha = ['target.alpha'];

/** What a quotient may differ by from the decimal that people write. */
const rounding = 1e-12;

test('an advantage is a share of the value without smoothing, above 0 when the attacker gains', t => {
	const {cells} = analyseSweep(alpha, smoothingPoints, []);
	const relative = cells.map(({advantage}) => ['attackAccuracyTop1', 'faceDistance'].map(metric => advantage![metric as 'faceDistance']!.relative!.mean));
	// Accuracies (0.4 − 0.8) / 0.8 and (0.9 − 0.8) / 0.8; distances, which are better low, (0.5 − 0.6) / 0.5 and (0.5 − 0.4) / 0.5.
	for (const [row, expected] of [[-0.5, -0.2], [0, 0], [0.125, 0.2]].entries()) {
		t.deepEqual(relative[row]!.map((value, column) => Math.abs(value - expected[column]!) < rounding), [true, true]);
	}

	t.is(cells[0]!.advantage!.attackAccuracyTop1!.absolute.mean, -0.4);
});

test('advantages are compared seed by seed and averaged then', t => {
	const seeded = [[0.92, 0.8867], [0.92, 0.8467], [0.9333, 0.9267]].flatMap(([smoothed, plain], seed) => [
		pointOf([0.1], smoothed!, {alpha: 0.1, seed}),
		pointOf([0], plain!, {seed}),
	]);
	const {cells} = analyseSweep(alpha, seeded, []);
	t.deepEqual(cells.map(({values, seeds}) => [values, seeds]), [[[0.1], [0, 1, 2]], [[0], [0, 1, 2]]]);
	// Made by python3 -c "import numpy as np; a = np.array([.92, .92, .9333]); b = np.array([.8867, .8467, .9267]); r = (a - b) / b; print(repr(float(r.mean())), repr(float(r.std(ddof=1))))"
	const {mean, deviation, count} = cells[0]!.advantage!.attackAccuracyTop1!.relative!;
	t.true(Math.abs(mean - 0.043_749_473_310_889_186) < rounding);
	t.true(Math.abs(deviation! - 0.040_085_266_333_496_61) < rounding);
	t.is(count, 3);
});

test('a point is compared with no smoothing of the same other values', t => {
	const {cells} = analyseSweep(['target.alpha', 'subsample.perClass'], [
		pointOf([0, 10], 0.4), pointOf([0.1, 10], 0.5, {alpha: 0.1}), pointOf([0, 20], 0.8), pointOf([0.1, 20], 0.8, {alpha: 0.1}), pointOf([0.1, 40], 0.9, {alpha: 0.1}),
	], []);
	t.deepEqual(cells.map(({advantage}) => advantage && Number(advantage.attackAccuracyTop1!.relative!.mean.toFixed(6))), [0, 0.25, 0, 0, null]);
});

test('a defence is compared with none, whatever the smoothing factors are', t => {
	const {cells} = analyseSweep(['target.defense'], defensePoints, []);
	t.deepEqual(cells.map(({advantage}) => Number(advantage!.attackAccuracyTop1!.relative!.mean.toFixed(6))), [0, -0.75, -0.25, -0.5]);
	t.deepEqual(analyseSweep(['target.defense'], defensePoints.slice(1), []).cells.map(({advantage}) => advantage), [null, null, null]);
});

test('where smoothing factors and defences are swept, no smoothing with the same defence is compared with', t => {
	const mid = {kind: 'mid', lambda: 0.01};
	const {cells} = analyseSweep(['target.alpha', 'target.defense'], [
		pointOf([0, {kind: 'none'}], 0.8), pointOf([0.1, {kind: 'none'}], 0.9, {alpha: 0.1}), pointOf([0, mid], 0.4), pointOf([0.1, mid], 0.5, {alpha: 0.1}),
	], []);
	t.deepEqual(cells.map(({advantage}) => Number(advantage!.attackAccuracyTop1!.relative!.mean.toFixed(6))), [0, 0.125, 0, 0.25]);
});

test('a seed without a result for no smoothing counts for the mean, not for the advantage', t => {
	const {cells} = analyseSweep(alpha, [pointOf([0.1], 0.5, {alpha: 0.1}), pointOf([0.1], 0.7, {alpha: 0.1, seed: 1}), pointOf([0], 0.4)], []);
	t.is(cells[0]!.metrics.attackAccuracyTop1.count, 2);
	t.deepEqual(cells[0]!.advantage!.attackAccuracyTop1!.absolute, {mean: 0.5 - 0.4, deviation: null, count: 1});
});

test('a share of nothing has no meaning', t => {
	const {cells} = analyseSweep(alpha, [pointOf([0.1], 0.5, {alpha: 0.1}), pointOf([0], 0)], []);
	t.is(cells[0]!.advantage!.attackAccuracyTop1!.relative, null);
	t.is(cells[0]!.advantage!.attackAccuracyTop1!.absolute.mean, 0.5);
});

test('without no smoothing, or without a sweep of smoothing, there is no advantage', t => {
	t.is(analyseSweep(alpha, [pointOf([0.1], 0.5, {alpha: 0.1})], []).cells[0]!.advantage, null);
	t.deepEqual(analyseSweep(['optimization.steps'], [pointOf([10], 0.5), pointOf([20], 0.6)], []).cells.map(({advantage}) => advantage), [null, null]);
});

test('a number that is not finite is refused', t => {
	t.throws(() => analyseSweep(alpha, [pointOf([0], 0.5, {fid: Number.NaN})], []), {instanceOf: RangeError, message: 'Point "0,seed=0", fid: expected a finite number, got NaN'});
});
