import test from 'ava';
import {distanceKinds, type ScaledDistances} from '../../artifacts/analyses.ts';
import {UserError} from '../../engine/error.ts';
import {measureDistances} from '../../metrics/scaled-distances.ts';
import {fixture, largestDifference} from '../helpers/tensors.ts';

/** By SciPy's cdist, test/fixtures/analyses.py. */
const {distances: golden} = fixture<{distances: ScaledDistances}>('analyses.json');
const size = 4;
const values = Float32Array.from({length: 40}, (_, index) => Math.sin(1 + (index ** 2)));
const labels = new Int32Array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0]);
const silent = async () => undefined;

/** Sums in another order, in float64. */
const tolerance = 1e-12;

test('distances agree with SciPy', async t => {
	const distances = await measureDistances({values, size, labels}, silent);
	t.true(Math.abs(distances.maximum - golden.maximum) < tolerance);
	for (const kind of distanceKinds) {
		t.true(largestDifference(distances[kind], golden[kind]) < tolerance, `${kind}`);
	}
});

test('blocks make no difference: repeated samples lie at the distances of one copy', async t => {
	const copies = 20;
	const repeated = {
		values: Float32Array.from({length: copies * values.length}, (_, index) => values[index % values.length]!),
		size,
		labels: Int32Array.from({length: copies * labels.length}, (_, index) => labels[index % labels.length]!),
	};
	const distances = await measureDistances(repeated, silent);
	t.true(largestDifference(distances.meanInter.slice(0, 10), golden.meanInter) < tolerance);
	t.true(largestDifference(distances.nearestInter.slice(190), golden.nearestInter) < tolerance);
	// Every sample has copies of itself in its class.
	t.true(distances.nearestIntra.every(distance => distance === 0));
	const others = (index: number) => labels.filter(label => label === labels[index]).length - 1;
	t.true(largestDifference(distances.meanIntra.slice(0, 10), golden.meanIntra.map((mean, index) => mean * others(index) * copies / (((others(index) + 1) * copies) - 1))) < tolerance);
});

test('other names of classes change nothing', async t => {
	const renamed = await measureDistances({values, size, labels: labels.map(label => 7 - label)}, silent);
	for (const kind of distanceKinds) {
		t.true(largestDifference(renamed[kind], golden[kind]) < tolerance, `${kind}`);
	}
});

const refused = test.macro(async (t, features: {readonly values: Float32Array; readonly labels: Int32Array}, message: string) => {
	await t.throwsAsync(measureDistances({size: 2, ...features}, silent), {instanceOf: UserError, message});
});

test('a class of one sample is refused', refused, {values: new Float32Array([0, 1, 2, 3, 4, 5]), labels: new Int32Array([0, 0, 5])}, 'Distances inside classes need two samples of each, but class 5 has one');
test('a single class is refused', refused, {values: new Float32Array([0, 1, 2, 3]), labels: new Int32Array([0, 0])}, 'Distances between classes need two classes, got 1');
test('features that are all the same are refused', refused, {values: new Float32Array(8).fill(1), labels: new Int32Array([0, 0, 1, 1])}, 'All 4 samples have the same features, so that no distance can be scaled by the largest one');
