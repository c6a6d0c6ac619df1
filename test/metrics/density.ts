import test from 'ava';
import {kernelDensity} from '../../metrics/density.ts';
import {fixture, largestDifference} from '../helpers/tensors.ts';

test('the density agrees with SciPy', t => {
	const {density: golden} = fixture<{density: {at: number[]; density: number[]}}>('analyses.json');
	const {at, density} = kernelDensity(Array.from({length: 20}, (_, index) => Math.sin(index ** 2)), 9);
	t.true(largestDifference(at, golden.at) < 1e-12);
	t.true(largestDifference(density, golden.density) < 1e-12);
});

test('values that are all the same have a narrow density', t => {
	const {at, density} = kernelDensity([0.5, 0.5, 0.5], 3);
	t.deepEqual(at, [0.5, 0.5, 0.5]);
	t.true(density.every(value => Number.isFinite(value) && value > 100));
});
