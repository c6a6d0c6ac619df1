import test from 'ava';
import {jointAffinities} from '../../metrics/affinities.ts';
import {fixture, largestDifference} from '../helpers/tensors.ts';

/** By test/fixtures/analyses.py: 12 samples of 5 features in three groups. */
const {affinities} = fixture<{affinities: Record<'2' | '4' | '8' | 'large', number[]>}>('analyses.json');
const count = 12;
const size = 5;
const values = Float32Array.from({length: count * size}, (_, index) => Math.sin(index ** 2) + (2 * (Math.floor(index / size) % 3)));

/** Scikit-learn rounds distances to float32, and both stop bisecting within 1e-5 nats: affinities of about 0.01 agree to five digits. */
const tolerance = 1e-7;

for (const perplexity of [2, 4, 8] as const) {
	test(`affinities of perplexity ${perplexity} agree with scikit-learn`, t => {
		t.true(largestDifference(jointAffinities({values, size}, perplexity), affinities[`${perplexity}`]) < tolerance);
	});
}

test('affinities of large features agree with scikit-learn', t => {
	t.true(largestDifference(jointAffinities({values: values.map(value => 30 * value), size}, 4), affinities.large) < tolerance);
});

test('adding a constant to a feature changes nothing', t => {
	const moved = jointAffinities({values: values.map((value, index) => value + (index % size === 2 ? 8 : 0)), size}, 4);
	t.true(largestDifference(moved, affinities['4']) < tolerance);
});

test('features too large for an exponential have affinities that sum to one half', t => {
	const huge = jointAffinities({values: values.map(value => 1e5 * value), size}, 4);
	t.true(Math.abs(huge.reduce((sum, value) => sum + value, 0) - 0.5) < 1e-9);
});

test('samples that are all the same are equally alike', t => {
	const equal = jointAffinities({values: new Float32Array(4 * size), size}, 3);
	t.true(largestDifference(equal, Array.from({length: 6}, () => 1 / 12)) < 1e-12);
});
