import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import type {Classifier} from '../../artifacts/classifier.ts';
import {measureAttack, type AttackEvidence} from '../../metrics/measure-attack.ts';
import {initialClassifier} from '../../models/initial-classifier.ts';
import {buildClassifier, predictFeatures, predictLogits} from '../../models/classifier.ts';
import {useBackend} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';
import {trainClassifier} from '../../training/train-classifier.ts';
import {selectImages} from '../../datasets/select-images.ts';
import {colouredImages} from '../helpers/report.ts';
import {untrainedClassifier, untrainedSize} from '../helpers/untrained.ts';

/** Distances go through float32 features of length 100. */
const distanceTolerance = 1e-3;
/** The distributions of two equal sets differ by the rounding of a matrix square root. */
const frechetTolerance = 1e-2;

const numClasses = 6;
const train = colouredImages('train', {classes: numClasses, perClass: 4, size: untrainedSize});
const ignoreSteps = async () => undefined;

/** A classifier that says `classIndex` of every image. */
function constantClassifier(classIndex: number): Classifier {
	const classifier = untrainedClassifier('constant', {numClasses});
	const {shape} = classifier.weights['head/kernel']!;
	return {
		...classifier,
		weights: {
			...classifier.weights,
			'head/kernel': {shape, data: new Float32Array(shape[0]! * shape[1]!)},
			'head/bias': {shape: [numClasses], data: Float32Array.from({length: numClasses}, (_, index) => (index === classIndex ? 20 : 0))},
		},
	};
}

let good: Classifier;
const evidence = (changes: Partial<AttackEvidence> = {}): AttackEvidence => ({
	images: train,
	candidates: train,
	initialImages: train,
	train,
	test: train,
	target: good,
	evaluation: good,
	embedding: untrainedClassifier('embedding', {architecture: 'embedding-small', numClasses}),
	surrogate: good,
	...changes,
});

test.before(async () => {
	await useBackend('wasm');
	const initial = initialClassifier('surrogate-small', {numClasses, imageShape: [untrainedSize, untrainedSize, 3]}, randomStream('good'));
	const {classifier} = await trainClassifier(initial, train, {
		epochs: 25,
		batchSize: 8,
		learningRate: 0.005,
		learningRateDrops: [0.8],
		augmentation: {cropScale: [1, 1], flip: 0, brightness: 0, contrast: 0, saturation: 0},
		labelSmoothing: {alpha: 0, schedule: {holdUntil: 0, fullFrom: 0}},
	}, {stream: randomStream('training'), onStep: ignoreSteps});
	good = classifier;
});

test.serial('an attack that returns the training images extracts everything', async t => {
	const {metrics, nearest} = await measureAttack(evidence(), ignoreSteps);
	t.is(metrics.attackAccuracyTop1, 1);
	t.is(metrics.attackAccuracyTop5, 1);
	t.is(metrics.samplingAccuracyTop1, 1);
	t.is(metrics.optimizationAccuracyTop1, 1);
	t.is(metrics.knowledgeExtractionTrain, 1);
	t.is(metrics.trainAccuracy, 1);
	t.true(metrics.faceDistance < distanceTolerance);
	t.true(metrics.evaluationDistance < distanceTolerance);
	t.true(Math.abs(metrics.fid) < frechetTolerance);
	t.deepEqual(nearest, [...train.labels.keys()]);
});

test.serial('each number is about its own images', async t => {
	const ofClass = (classIndex: number) => selectImages(train, [...train.labels.keys()].filter(index => train.labels[index] === classIndex));
	// The judges say class 0 or class 1 whatever they see, so every accuracy is 1 or 0 and tells which images and model it is about.
	const {metrics} = await measureAttack(evidence({
		images: ofClass(1),
		candidates: ofClass(0),
		initialImages: ofClass(1),
		train: {...train, labels: train.labels.map(label => (label < 3 ? 1 : 0))},
		test: ofClass(0),
		target: constantClassifier(1),
		evaluation: constantClassifier(0),
		surrogate: constantClassifier(0),
	}), ignoreSteps);
	t.is(metrics.testAccuracy, 0);
	t.is(metrics.trainAccuracy, 0.5);
	t.is(metrics.attackAccuracyTop1, 0);
	t.is(metrics.optimizationAccuracyTop1, 1);
	t.is(metrics.samplingAccuracyTop1, 0);
	t.is(metrics.knowledgeExtractionTest, 1);
	t.is(metrics.knowledgeExtractionTrain, 0.5);
	// Mean of five zeros and 20; sure of the wrong class in every case.
	t.true(Math.abs(metrics.meanAbsLogit - (20 / 6)) < distanceTolerance);
	t.true(Math.abs(metrics.ece - 1) < distanceTolerance);
	t.true(metrics.evaluationConfidence < distanceTolerance);
});

test.serial('the five best include what the best does not', async t => {
	const {metrics} = await measureAttack(evidence({evaluation: constantClassifier(5)}), ignoreSteps);
	t.is(metrics.attackAccuracyTop1, 1 / 6);
	// Class 5 leads, the others are equal: ties are won by lower indices, so class 4 comes sixth.
	t.is(metrics.attackAccuracyTop5, 5 / 6);
});

test.serial('the nearest image is of the same class and the nearest in the embedding space', async t => {
	const images = colouredImages('reconstructions', {classes: numClasses, perClass: 2, size: untrainedSize});
	const {embedding} = evidence();
	const {nearest} = await measureAttack(evidence({images}), ignoreSteps);
	using network = buildClassifier(embedding);
	const features = {images: await predictFeatures(network, images, {batchSize: 7}), train: await predictFeatures(network, train, {batchSize: 7})};
	const size = features.images.length / images.labels.length;
	const distance = (image: number, reference: number) => Math.hypot(...Array.from({length: size}, (_, index) => features.images[(image * size) + index]! - features.train[(reference * size) + index]!));
	t.deepEqual(nearest, Array.from(images.labels, (label, image) =>
		[...train.labels.keys()].filter(reference => train.labels[reference] === label).toSorted((a, b) => distance(image, a) - distance(image, b))[0]!));
});

test.serial('the same evidence gives the same numbers', async t => {
	t.deepEqual(await measureAttack(evidence(), ignoreSteps), await measureAttack(evidence(), ignoreSteps));
});

test.serial('passes are counted to the last', async t => {
	const steps: unknown[] = [];
	await measureAttack(evidence(), async (...step) => {
		steps.push(step);
	});
	t.deepEqual(steps, Array.from({length: 11}, (_, index) => [index + 1, 11, 'pass']));
});

test.serial('no tensors are left behind', async t => {
	const before = tf.memory().numTensors;
	await measureAttack(evidence(), ignoreSteps);
	t.is(tf.memory().numTensors, before);
});

test.serial('no tensors are left behind when the run is cancelled', async t => {
	const before = tf.memory().numTensors;
	await t.throwsAsync(async () => measureAttack(evidence(), async () => {
		throw new Error('Cancelled');
	}), {message: 'Cancelled'});
	t.is(tf.memory().numTensors, before);
});

test.serial('reconstructions of a person the training images do not show are refused', async t => {
	const others = {...train, labels: train.labels.map(label => (label === 2 ? 3 : label))};
	await t.throwsAsync(async () => measureAttack(evidence({train: others}), ignoreSteps), {message: 'Expected reference features for class 2, got none'});
});

test.serial('the constant classifier says what it should', async t => {
	using network = buildClassifier(constantClassifier(2));
	t.deepEqual([...await predictLogits(network, selectImages(train, [0]), {batchSize: 1})], [0, 0, 20, 0, 0, 0]);
});
