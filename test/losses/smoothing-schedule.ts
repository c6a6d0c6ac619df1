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
