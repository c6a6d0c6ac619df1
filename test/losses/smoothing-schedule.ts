import test from 'ava';
import {officialSchedule, smallSchedule, smoothingFactor} from '../../losses/smoothing-schedule.ts';

/** Of float64 arithmetic. */
const tolerance = 1e-15;

const official = test.macro((t, epoch: number, expected: number) => {
	const actual = smoothingFactor(-0.05, epoch, 100, officialSchedule);
	t.true(Math.abs(actual - expected) < tolerance, `got ${actual}`);
});

// By hand from the authors' scheduler: 0 below epoch 50, α(e + 1 − 50)/50 below 75, then α.
for (const [epoch, expected] of [[0, 0], [49, 0], [50, -0.001], [51, -0.002], [60, -0.011], [74, -0.025], [75, -0.05], [99, -0.05]] as const) {
	test(`official: epoch ${epoch} of 100 has ${expected}`, official, epoch, expected);
}

test('small: 40 epochs hold 0 for 6, climb for 8, then stay', t => {
	const factors = Array.from({length: 40}, (_, epoch) => smoothingFactor(-0.05, epoch, 40, smallSchedule));
	t.deepEqual(factors.slice(0, 6), [0, 0, 0, 0, 0, 0]);
	for (let epoch = 6; epoch < 14; epoch++) {
		t.true(Math.abs(factors[epoch]! + (0.05 * (epoch + 1 - 6) / 34)) < tolerance);
	}

	t.true(factors.slice(14).every(factor => factor === -0.05));
});

test('a positive factor is constant', t => {
	t.is(smoothingFactor(0.1, 0, 100, officialSchedule), 0.1);
});

test('a factor of 0 stays 0', t => {
	t.is(smoothingFactor(0, 60, 100, officialSchedule), 0);
});

test('a schedule of zeros is constant', t => {
	t.is(smoothingFactor(-0.05, 0, 10, {holdUntil: 0, fullFrom: 0}), -0.05);
});

test('a linear ramp reaches α where it is due, without a jump', t => {
	const factors = Array.from({length: 100}, (_, epoch) => smoothingFactor(-0.05, epoch, 100, {...officialSchedule, ramp: 'linear'}));
	t.deepEqual(factors.slice(0, 50), Array.from({length: 50}, () => 0));
	for (let epoch = 50; epoch < 75; epoch++) {
		t.true(Math.abs(factors[epoch]! + (0.05 * (epoch + 1 - 50) / 25)) < tolerance, `epoch ${epoch}: got ${factors[epoch]}`);
	}

	t.true(factors.slice(74).every(factor => Math.abs(factor + 0.05) < tolerance));
});

test('a linear ramp to the end of the training reaches α in its last epoch', t => {
	const factor = (epoch: number) => smoothingFactor(-0.05, epoch, 100, {holdUntil: 0.5, fullFrom: 1, ramp: 'linear'});
	t.true(Math.abs(factor(98) + 0.049) < tolerance);
	t.true(Math.abs(factor(99) + 0.05) < tolerance);
});

test('a linear ramp never passes α, even where its ends lie between epochs', t => {
	const factors = Array.from({length: 10}, (_, epoch) => smoothingFactor(-1, epoch, 10, {holdUntil: 0.15, fullFrom: 0.55, ramp: 'linear'}));
	t.true(factors.every((factor, epoch) => factor >= -1 && factor <= (factors[epoch - 1] ?? 0)));
});

test('without a ramp α is there from the first epoch', t => {
	t.is(smoothingFactor(-0.05, 0, 100, {...officialSchedule, ramp: 'constant'}), -0.05);
});

test('a share of the epochs is met where float64 makes it a little larger', t => {
	// In float64, 0.55 · 100 is 55.00000000000001.
	t.is(smoothingFactor(-0.05, 55, 100, {holdUntil: 0.5, fullFrom: 0.55}), -0.05);
});
