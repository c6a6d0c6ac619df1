import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import type {ImageSet} from '../../artifacts/image-set.ts';
import {UserError} from '../../engine/error.ts';
import {smallSchedule} from '../../losses/smoothing-schedule.ts';
import {buildClassifier, predictLogits} from '../../models/classifier.ts';
import {initialClassifier} from '../../models/initial-classifier.ts';
import {type BackendName, useBackend} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';
import {noAugmentation} from '../../training/augmentation.ts';
import {trainClassifier, type ClassifierState, type ClassifierTraining, type TrainedClassifier} from '../../training/train-classifier.ts';
import {syncBackends} from '../helpers/backends.ts';
import {performStopped, upTo} from '../helpers/stopped.ts';

/** Three classes of 8×8 images: bright at the left, at the right, and in the middle, with noise. */
const set: ImageSet = (() => {
	const stream = randomStream('images');
	const labels = Int32Array.from({length: 36}, (_, index) => index % 3);
	const brightColumn = [1, 6, 4];
	const images = Uint8Array.from({length: 36 * 64}, (_, index) => {
		const distance = Math.abs((index % 8) - brightColumn[labels[Math.floor(index / 64)]!]!);
		return (distance < 2 ? 150 : 60) + stream.integer(60);
	});
	return {images, shape: [36, 8, 8, 1], labels, identities: ['left', 'right', 'middle']};
})();

const training: ClassifierTraining = {
	epochs: 4,
	batchSize: 8,
	learningRate: 0.01,
	learningRateDrops: [0.75],
	labelSmoothing: {alpha: -0.05, schedule: smallSchedule},
	augmentation: {...noAugmentation, cropScale: [0.9, 1]},
};

const context = (seed = '1') => ({stream: randomStream(seed), async onStep() {}}); // eslint-disable-line @typescript-eslint/no-empty-function -- nobody listens

const initial = () => initialClassifier('target-small', {numClasses: 3, imageShape: [8, 8, 1]}, randomStream('initial'));

const train = async (changes: Partial<ClassifierTraining> = {}, seed = '1') => trainClassifier(initial(), set, {...training, ...changes}, context(seed));

test.before(async () => {
	await useBackend('wasm');
});

test.serial('a classifier learns to tell three kinds of images apart', async t => {
	const {classifier, history} = await train({epochs: 8, labelSmoothing: {alpha: 0, schedule: smallSchedule}});
	const network = buildClassifier(classifier);
	const logits = await predictLogits(network, set, {batchSize: 36});
	network.dispose();
	const correct = [...set.labels].filter((label, index) => {
		const row = logits.subarray(index * 3, (index + 1) * 3);
		return row[label] === Math.max(...row);
	});
	t.true(correct.length >= 34, `${correct.length} of 36`);
	t.true(history.columns.loss!.at(-1)! < history.columns.loss![0]!);
});

test.serial('the history has one row per epoch', async t => {
	const {unit, columns} = (await train()).history;
	t.is(unit, 'epoch');
	t.is(columns.loss!.length, 4);
	t.true(columns.trainAccuracy!.every(value => value >= 0 && value <= 1));
	// The schedule of 4 epochs holds until 0.6 and is full from 1.4.
	t.is(columns.alpha![0], 0);
	t.true(Math.abs(columns.alpha![1]! + (0.05 * (1 + 1 - 0.6) / 3.4)) < 1e-15);
	t.deepEqual(columns.alpha!.slice(2), [-0.05, -0.05]);
	t.deepEqual(columns.learningRate!.map(rate => rate.toPrecision(3)), ['0.0100', '0.0100', '0.0100', '0.00100']);
});

test.serial('the same seed gives the same bytes', async t => {
	const [first, second] = [await train(), await train()];
	t.deepEqual(first, second);
});

test.serial('another seed gives another classifier', async t => {
	const [first, second] = [await train({epochs: 1}), await train({epochs: 1}, '2')];
	t.notDeepEqual(first.classifier, second.classifier);
});

test.serial('while negative smoothing is held back the factor does not matter', async t => {
	const held = async (alpha: number) => train({epochs: 1, labelSmoothing: {alpha, schedule: {holdUntil: 1, fullFrom: 1}}});
	t.deepEqual((await held(-0.05)).classifier, (await held(0)).classifier);
});

test.serial('every step is reported', async t => {
	const steps: Array<[number, number]> = [];
	await trainClassifier(initial(), set, {...training, epochs: 2}, {
		...context(),
		async onStep(done, total) {
			steps.push([done, total]);
		},
	});
	t.is(steps.length, 10);
	t.deepEqual(steps.at(-1), [10, 10]);
});

// 36 images in batches of 8 are five steps an epoch.
const goesOn = test.macro({
	async exec(t, stops: readonly number[], backend: BackendName = 'wasm', changes: Partial<ClassifierTraining> = {}) {
		await useBackend(backend);
		const undisturbed = await train(changes);
		const before = tf.memory().numTensors;
		const {value, steps} = await performStopped<ClassifierState, TrainedClassifier>(async resumable => trainClassifier(initial(), set, {...training, ...changes}, {...context(), ...resumable}), stops);
		t.deepEqual(value, undisturbed);
		t.deepEqual(steps, upTo(20), 'no step was made twice');
		t.is(tf.memory().numTensors, before);
		await useBackend('wasm');
	},
	title: (_, stops: readonly number[], backend: BackendName = 'wasm', {optimizer = 'adam'}: Partial<ClassifierTraining> = {}) => `stopped after steps ${stops.join(', ')} on ${backend}, a training with ${optimizer} goes on to the same bytes`,
});

test.serial(goesOn, [1]);
test.serial(goesOn, [5, 10]);
test.serial(goesOn, [7, 13, 18]);
test.serial(goesOn, [20]);
test.serial(goesOn, upTo(20));
for (const backend of syncBackends.filter(name => name !== 'wasm')) {
	test.serial(goesOn, [8], backend);
}

test.serial(goesOn, [3, 12], 'wasm', {optimizer: 'sgd', momentum: 0.9, weightDecay: 1e-4, learningRateSchedule: 'cosine'});

test.serial('SGD with a cosine, as the authors train surrogates, learns too', async t => {
	const {history} = await train({
		epochs: 8, optimizer: 'sgd', momentum: 0.9, weightDecay: 1e-4, learningRate: 0.05, learningRateSchedule: 'cosine', learningRateMinimum: 1e-4, labelSmoothing: {alpha: 0, schedule: smallSchedule},
	});
	t.true(history.columns.loss!.at(-1)! < history.columns.loss![0]! / 2);
	t.is(history.columns.learningRate![0], 0.05);
	t.true(Math.abs(history.columns.learningRate![4]! - ((0.05 + 1e-4) / 2)) < 1e-12, 'half way down');
});

test.serial('every choice of optimizer trains another classifier', async t => {
	const weights = await Promise.all([{}, {weightDecay: 0.1}, {optimizer: 'sgd'}, {optimizer: 'sgd', momentum: 0.9}].map(async changes =>
		JSON.stringify((await train({...changes as Partial<ClassifierTraining>, epochs: 1})).classifier.weights)));
	t.is(new Set(weights).size, 4);
});

test.serial('defaults are Adam without decay and drops to a tenth', async t => {
	t.deepEqual(await train({optimizer: 'adam', weightDecay: 0, learningRateSchedule: 'multi-step', labelSmoothing: {alpha: -0.05, schedule: {...smallSchedule, ramp: 'official'}}}), await train());
});

const mid = {kind: 'mid', lambda: 0.01} as const;
const bido = {
	kind: 'bido', lambdaX: 0.05, lambdaY: 0.5, labelKernel: 'linear', sigma: 5, epsilon: 1e-5,
} as const;

for (const defense of [mid, bido]) {
	const defended = async (changes: Partial<Parameters<typeof trainClassifier>[3]> = {}) => trainClassifier(
		initialClassifier('target-small', {numClasses: 3, imageShape: [8, 8, 1], bottleneck: defense === mid ? {noiseAtEvaluation: true} : undefined}, randomStream('initial')),
		set,
		{...training, labelSmoothing: {alpha: 0, schedule: smallSchedule}, defense},
		{...context(), ...changes},
	);

	test.serial(`stopped and resumed, a training with ${defense.kind} goes on to the same bytes and leaves no tensors behind`, async t => {
		const undisturbed = await defended();
		const before = tf.memory().numTensors;
		const {value, steps} = await performStopped<ClassifierState, TrainedClassifier>(defended, [3, 10, 17]);
		t.deepEqual(value, undisturbed);
		t.deepEqual(steps, upTo(20));
		t.is(tf.memory().numTensors, before);
		t.notDeepEqual(undisturbed.classifier.weights, (await train({labelSmoothing: {alpha: 0, schedule: smallSchedule}})).classifier.weights);
	});
}

test.serial('a loss that is not finite ends the training with a hint', async t => {
	const error = await t.throwsAsync(train({learningRate: 1e30}), {instanceOf: UserError});
	t.is(error.code, 'training-diverged');
	t.regex(error.message, /^The loss of "target-small" became -?(NaN|Infinity) in epoch 1 of 4, step \d$/);
	t.deepEqual(error.facts, {alpha: 0, learningRate: 1e30, batchSize: 8});
	t.is(error.hint, 'Lower learningRate, or raise batchSize.');
});

test.serial('no tensors are left behind', async t => {
	const before = tf.memory().numTensors;
	await train({epochs: 1});
	t.is(tf.memory().numTensors, before);
});

test.serial('a cancelled training leaves no tensors behind', async t => {
	const before = tf.memory().numTensors;
	const cancelled = trainClassifier(initial(), set, training, {
		...context(),
		async onStep(done) {
			if (done === 2) {
				throw new Error('cancelled');
			}
		},
	});
	await t.throwsAsync(cancelled, {message: 'cancelled'});
	t.is(tf.memory().numTensors, before);
});
