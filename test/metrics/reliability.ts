import test from 'ava';
import {calibrationError} from '../../metrics/calibration-error.ts';
import {measureReliability} from '../../metrics/reliability.ts';
import {fixture, largestDifference} from '../helpers/tensors.ts';

/** By PyTorch, assigned to bins as torchmetrics does: test/fixtures/analyses.py. Two of 40 samples are saturated. */
const {reliability: golden} = fixture<{reliability: Record<'count' | 'confidence' | 'accuracy', Array<number | null>>}>('analyses.json');
const logits = Float32Array.from({length: 200}, (_, index) => Math.fround(4 * Math.sin(index ** 2)) * (index < 10 ? 1000 : 1));
const labels = Int32Array.from({length: 40}, (_, index) => index % 5);

test('counts, confidences and accuracies of the bins agree with PyTorch', t => {
	const {bins} = measureReliability(logits, labels, {bins: 10});
	t.deepEqual(bins.map(({count}) => count), golden.count);
	t.deepEqual(bins.map(({accuracy}) => accuracy), golden.accuracy);
	const filled = bins.flatMap(({confidence}) => confidence ?? []);
	// Float32 confidences.
	t.true(largestDifference(filled, golden.confidence.filter(value => value !== null)) < 1e-6);
	t.is(bins[0]?.confidence, null);
});

test('the last bin is for confidences of exactly 1', t => {
	const {bins} = measureReliability(logits, labels, {bins: 4});
	t.deepEqual(bins.map(({lower, upper}) => [lower, upper]), [[0, 0.25], [0.25, 0.5], [0.5, 0.75], [0.75, 1], [1, 1]]);
	t.is(bins.at(-1)?.count, 2);
});

test('the calibration error is that of the tables', t => {
	t.is(measureReliability(logits, labels, {bins: 10}).ece, calibrationError(logits, labels));
});

test('accuracy and mean confidence are those of all samples', t => {
	const {bins, accuracy, confidence} = measureReliability(logits, labels, {bins: 10});
	const mean = (measure: 'accuracy' | 'confidence') => bins.reduce((sum, bin) => sum + (bin.count * (bin[measure] ?? 0)), 0) / 40;
	t.true(Math.abs(accuracy - mean('accuracy')) < 1e-12);
	t.true(Math.abs(confidence - mean('confidence')) < 1e-12);
});
