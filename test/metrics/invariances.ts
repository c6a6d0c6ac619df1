import test from 'ava';
import {accuracy} from '../../metrics/accuracy.ts';
import {calibrationError} from '../../metrics/calibration-error.ts';
import {meanConfidence} from '../../metrics/confidence.ts';
import {featureDistance} from '../../metrics/feature-distance.ts';
import type {LabelledFeatures} from '../../metrics/features.ts';
import {frechetDistance} from '../../metrics/frechet-distance.ts';
import {prdc, type Prdc} from '../../metrics/prdc.ts';
import {sineFeatures} from '../helpers/sine-features.ts';

/** Sums in another order round differently. */
const tolerance = 1e-9;

const numClasses = 5;
const count = 30;

type Judged = {readonly logits: Float32Array; readonly labels: Int32Array};
type Sets = {readonly real: LabelledFeatures; readonly generated: LabelledFeatures};

const labels = Int32Array.from({length: count}, (_, index) => index * 3 % numClasses);
const judged: Judged = {
	logits: sineFeatures({
		count, size: numClasses, frequency: 0.9, offset: 0,
	}).values.map(value => 4 * value),
	labels,
};
const sets: Sets = {
	real: {...sineFeatures({
		count, size: 4, frequency: 0.7, offset: 0,
	}), labels},
	generated: {...sineFeatures({
		count, size: 4, frequency: 1.3, offset: 0.1,
	}), labels},
};

/** Every metric of predictions, and every metric of features. */
const numbersOf = ({logits, labels}: Judged) => [
	accuracy(logits, labels), accuracy(logits, labels, {k: 3}), calibrationError(logits, labels), meanConfidence(logits, labels),
];
const fidelityOf = ({precision, recall, density, coverage}: Prdc) => [precision, recall, density, coverage];
const distancesOf = ({real, generated}: Sets) => [
	featureDistance(generated, real),
	featureDistance(generated, real, {squared: true}),
	frechetDistance(generated, real),
	...fidelityOf(prdc(real, generated)),
	...fidelityOf(prdc(real, generated, {k: 2, definition: 'official'})),
];

const areEqual = (actual: readonly number[], expected: readonly number[]) => actual.every((value, index) => Math.abs(value - expected[index]!) < tolerance);

/** The samples at some places, in that order. */
function samplesAt({values, size, labels}: LabelledFeatures, places: readonly number[]): LabelledFeatures {
	return {
		values: Float32Array.from(places.flatMap(place => [...values.subarray(place * size, (place + 1) * size)])),
		size,
		labels: Int32Array.from(places, place => labels[place]!),
	};
}

const predictionsAt = ({logits, labels}: Judged, places: readonly number[]): Judged => {
	const {values, labels: chosen} = samplesAt({values: logits, size: numClasses, labels}, places);
	return {logits: values, labels: chosen};
};

const everyPlace = Array.from({length: count}, (_, index) => index);
/** Every place once, in another order: 7 and 30 have no common factor. */
const permutation = everyPlace.map(place => ((place * 7) + 4) % count);

test('permuting samples changes nothing', t => {
	t.true(areEqual(numbersOf(predictionsAt(judged, permutation)), numbersOf(judged)));
	t.true(areEqual(distancesOf({real: samplesAt(sets.real, permutation), generated: samplesAt(sets.generated, permutation.toReversed())}), distancesOf(sets)));
});

for (const [title, relabel] of [
	['relabelling classes changes nothing', (label: number) => (label + 2) % numClasses],
	['class 0 is like any other: exchanging it with the last changes nothing', (label: number) => numClasses - 1 - label],
] as const) {
	test(title, t => {
		const relabelled = judged.labels.map(label => relabel(label));
		const logits = judged.logits.map((_, index) => {
			const [sample, target] = [Math.floor(index / numClasses), index % numClasses];
			const source = Array.from({length: numClasses}, (_unused, label) => label).find(label => relabel(label) === target)!;
			return judged.logits[(sample * numClasses) + source]!;
		});
		t.true(areEqual(numbersOf({logits, labels: relabelled}), numbersOf(judged)));
		const changed = (features: LabelledFeatures) => ({...features, labels: features.labels.map(label => relabel(label))});
		t.true(areEqual(distancesOf({real: changed(sets.real), generated: changed(sets.generated)}), distancesOf(sets)));
	});
}

test('every sample twice gives the same accuracies, calibration, distances and coverage', t => {
	const twice = [...everyPlace, ...everyPlace];
	t.true(areEqual(numbersOf(predictionsAt(judged, twice)), numbersOf(judged)));
	const generated = samplesAt(sets.generated, twice);
	t.true(Math.abs(featureDistance(generated, sets.real) - featureDistance(sets.generated, sets.real)) < tolerance);
	t.is(prdc(sets.real, generated).coverage, prdc(sets.real, sets.generated).coverage);
	t.is(prdc(sets.real, generated).precision, prdc(sets.real, sets.generated).precision);
	t.true(Math.abs(prdc(sets.real, generated).density - prdc(sets.real, sets.generated).density) < tolerance);
});

test('a single class is judged like one of several', t => {
	const places = everyPlace.filter(place => labels[place] === 3);
	const alone = {real: samplesAt(sets.real, places), generated: samplesAt(sets.generated, places)};
	const asClassZero = (features: LabelledFeatures) => ({...features, labels: new Int32Array(features.labels.length)});
	t.true(areEqual(distancesOf({real: asClassZero(alone.real), generated: asClassZero(alone.generated)}), distancesOf(alone)));
	t.is(accuracy(new Float32Array([3, -1]), new Int32Array(2)), 1, 'of one class every sample is of it');
	t.is(calibrationError(new Float32Array([3, -1]), new Int32Array(2)), 0);
});

test('the mean over classes is that of the classes alone', t => {
	const alone = Array.from({length: numClasses}, (_, label) => {
		const places = everyPlace.filter(place => labels[place] === label);
		return prdc(samplesAt(sets.real, places), samplesAt(sets.generated, places));
	});
	const whole = prdc(sets.real, sets.generated);
	for (const name of ['precision', 'recall', 'density', 'coverage'] as const) {
		t.true(Math.abs((alone.reduce((sum, values) => sum + values[name], 0) / numClasses) - whole[name]) < tolerance);
	}
});

test('a class that never appears among the generated samples changes no metric of classes', t => {
	const places = everyPlace.filter(place => labels[place] !== 0);
	const generated = samplesAt(sets.generated, places);
	const without = {real: samplesAt(sets.real, places), generated};
	t.is(featureDistance(generated, sets.real), featureDistance(generated, without.real));
	t.deepEqual(prdc(sets.real, generated), prdc(without.real, generated));
});

test('a class that never appears among the labels changes accuracy only by its logits', t => {
	const withEmptyClass = Float32Array.from({length: count * (numClasses + 1)}, (_, index) => {
		const [sample, label] = [Math.floor(index / (numClasses + 1)), index % (numClasses + 1)];
		return label === numClasses ? -1e9 : judged.logits[(sample * numClasses) + label]!;
	});
	t.true(areEqual(numbersOf({logits: withEmptyClass, labels}), numbersOf(judged)));
});
