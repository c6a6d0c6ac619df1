import test from 'ava';
import {accuracy} from '../../metrics/accuracy.ts';
import {calibrationError} from '../../metrics/calibration-error.ts';
import {featureDistance, nearestReferences} from '../../metrics/feature-distance.ts';
import {frechetDistance} from '../../metrics/frechet-distance.ts';
import {prdc, type Prdc, type PrdcDefinition} from '../../metrics/prdc.ts';
import {relativeDifference} from '../helpers/golden.ts';
import {sineFeatures} from '../helpers/sine-features.ts';
import {fixture} from '../helpers/tensors.ts';

type Calibration = {readonly count: number; readonly classes: number; readonly scale: number; readonly frequency: number; readonly saturated: number; readonly l1: number; readonly l2: number; readonly top1: number; readonly top5: number};
type Fid = {readonly first: number; readonly second: number; readonly size: number; readonly frequencies: [number, number]; readonly offset: number; readonly distance: number};

const golden = fixture<{
	calibration: Calibration[];
	fid: Fid[];
	nearest: {indices: number[]; squared: number[]; meanSquared: number; mean: number};
	prdc: Record<string, Record<PrdcDefinition, Prdc>>;
}>('metrics-golden.json');

/** As `test/fixtures/metrics-golden.py` makes them. */
const labelsOf = (count: number, classes: number) => Int32Array.from({length: count}, (_, index) => index * 7 % classes);
const labelled = (count: number, frequency: number, offset: number) => ({
	...sineFeatures({
		count, size: 6, frequency, offset,
	}), labels: labelsOf(count, 4),
});
const real = labelled(48, 0.7, 0);
const generated = labelled(36, 1.3, 0.2);

/** Of float64, of features that are equal as float32. */
const float64Tolerance = 1e-9;
/** The root of a matrix is itself good for about 1e−7 where covariances are singular. */
const rootTolerance = 1e-6;
/** Torchmetrics sums confidences in float32. */
const float32Tolerance = 1e-5;

for (const {count, classes, scale, frequency, saturated, ...expected} of golden.calibration) {
	const labels = labelsOf(count, classes);
	const logits = sineFeatures({
		count, size: classes, frequency, offset: 0,
	}).values.map(value => scale * value);
	test(`the calibration error of ${count} samples of ${classes} classes, ${saturated} of them with a confidence of 1, is that of torchmetrics`, t => {
		for (const norm of ['l1', 'l2'] as const) {
			const actual = calibrationError(logits, labels, {norm});
			t.true(relativeDifference([actual], [expected[norm]]) < float32Tolerance, `${norm}: got ${actual}, expected ${expected[norm]}`);
		}
	});

	test(`top-1 and top-5 accuracy of ${count} samples of ${classes} classes are those of scikit-learn`, t => {
		t.true(Math.abs(accuracy(logits, labels) - expected.top1) < float64Tolerance);
		t.true(Math.abs(accuracy(logits, labels, {k: 5}) - expected.top5) < float64Tolerance);
	});
}

for (const {first, second, size, frequencies, offset, distance} of golden.fid) {
	test(`the Fréchet distance of ${first} and ${second} samples of ${size} features is that of SciPy`, t => {
		const actual = frechetDistance(
			sineFeatures({
				count: first, size, frequency: frequencies[0], offset: 0,
			}),
			sineFeatures({
				count: second, size, frequency: frequencies[1], offset,
			}),
		);
		t.true(relativeDifference([actual], [distance]) < rootTolerance, `got ${actual}, expected ${distance}`);
	});
}

test('nearest references and both distances are those of scikit-learn', t => {
	const {indices, squaredDistances} = nearestReferences(generated, real);
	t.deepEqual([...indices], golden.nearest.indices);
	t.true(relativeDifference(squaredDistances, golden.nearest.squared) < float64Tolerance);
	t.true(relativeDifference([featureDistance(generated, real, {squared: true})], [golden.nearest.meanSquared]) < float64Tolerance);
	t.true(relativeDifference([featureDistance(generated, real)], [golden.nearest.mean]) < float64Tolerance);
});

for (const [k, byDefinition] of Object.entries(golden.prdc)) {
	for (const definition of ['standard', 'official'] as const) {
		test(`${definition} precision, recall, density and coverage with ${k} neighbours are those of scikit-learn's distances`, t => {
			const actual = prdc(real, generated, {k: Number(k), definition});
			const expected = byDefinition[definition];
			for (const name of ['precision', 'recall', 'density', 'coverage'] as const) {
				t.true(Math.abs(actual[name] - expected[name]) < float64Tolerance, `${name}: got ${actual[name]}, expected ${expected[name]}`);
			}
		});
	}
}
