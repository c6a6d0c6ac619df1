import test from 'ava';
import type {ToyPoints} from '../../artifacts/toy.ts';
import {describeError} from '../../engine/error.ts';
import {toyClassifier, type ToyClassifier} from '../../toy/classifier.ts';
import {invertToy} from '../../toy/inversion.ts';
import {idle, unevenNetwork} from '../helpers/toy.ts';

const attack = {start: [0, 0] as const, targetClass: 1, learningRate: 1, confidence: 0.55, maxSteps: 5};

/** Class 0 at (1, 0), class 1 at (30, 40) and (3, 4). */
const points: ToyPoints = {points: Float32Array.of(1, 0, 30, 40, 3, 4), labels: Int32Array.of(0, 1, 1)};

/** The confidence is 0.2 at the start and a tenth more with every unit of x; the slope is the same everywhere. */
const ramp: ToyClassifier = {
	probabilities: ([x]) => Float64Array.of(0.2 + (x / 10)),
	loss: ([x]) => ({loss: -Math.log(0.2 + (x / 10)), gradient: [-1, 0]}),
};

test('the end lies one update behind the place that was confident enough', async t => {
	const {path, steps, confidence, distance, nearest} = await invertToy(ramp, points, attack, idle);
	// 0.6 at step 4 is the first above 0.55.
	t.is(steps, 4);
	t.true(Math.abs(confidence - 0.6) < 1e-12);
	t.deepEqual(path, [[0, 0], [1, 0], [2, 0], [3, 0], [4, 0], [5, 0]]);
	t.deepEqual([distance, nearest], [Math.hypot(2, 4), [3, 4]]);
});

test('giving up is no success', async t => {
	const {steps, path, confidence, distance} = await invertToy(ramp, points, {...attack, maxSteps: 3}, idle);
	t.is(steps, null);
	t.deepEqual(path.at(-1), [3, 0]);
	t.true(confidence < 0.55);
	t.is(distance, 4);
});

test('a start that is confident enough is updated once', async t => {
	const {steps, path} = await invertToy(ramp, points, {...attack, confidence: 0.1}, idle);
	t.is(steps, 0);
	t.deepEqual(path, [[0, 0], [1, 0]]);
});

test('class 0 is attacked like any other', async t => {
	const {nearest, distance} = await invertToy(ramp, points, {...attack, targetClass: 0}, idle);
	t.deepEqual([nearest, distance], [[1, 0], 4]);
});

test('the confidence rises in the target class', async t => {
	const classifier = toyClassifier(unevenNetwork([2, 5, 3]));
	for (const targetClass of [0, 1, 2]) {
		const {path} = await invertToy(classifier, {...points, labels: Int32Array.of(0, 1, 2)}, {...attack, targetClass, learningRate: 0.01, confidence: 0.999}, idle);
		t.true(classifier.probabilities(path.at(-1)!)[targetClass]! > classifier.probabilities(path[0]!)[targetClass]!);
	}
});

test('a point that leaves the finite numbers is reported', async t => {
	const error = await t.throwsAsync(invertToy({...ramp, loss: () => ({loss: 1, gradient: [-1e308, 0]})}, points, {...attack, learningRate: 10}, idle));
	t.is(describeError(error), [
		'The inverted point became (Infinity, 0) in step 1',
		'  learningRate  10',
		'Lower "toy.inversion.learningRate".',
	].join('\n'));
});
