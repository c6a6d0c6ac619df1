import test from 'ava';
import type {Classifier} from '../../artifacts/classifier.ts';
import type {UserError} from '../../engine/error.ts';
import {measureAttack, type Measurement, type MeasuringOptions} from '../../metrics/measure-attack.ts';
import {initialClassifier} from '../../models/initial-classifier.ts';
import {buildClassifier, predictFeatures, predictLogits} from '../../models/classifier.ts';
import {useBackend} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';
import {trainClassifier} from '../../training/train-classifier.ts';
import {selectImages} from '../../datasets/select-images.ts';
import {attackEvidence, type Subjects} from '../helpers/attack-evidence.ts';
import {colouredImages} from '../helpers/report.ts';
import {untrainedClassifier, untrainedSize} from '../helpers/untrained.ts';
import {allPixels} from '../helpers/identity-set.ts';

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

const subjects = (changes: Partial<Subjects> = {}): Subjects => ({
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

const measure = async (changes: Partial<Subjects> = {}, options: MeasuringOptions = {}): Promise<Measurement> => measureAttack(await attackEvidence(subjects(changes)), options);

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
	const {metrics, nearest} = await measure();
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
	const {metrics} = await measure({
		images: ofClass(1),
		candidates: ofClass(0),
		initialImages: ofClass(1),
		train: {...train, labels: train.labels.map(label => (label < 3 ? 1 : 0))},
		test: ofClass(0),
		target: constantClassifier(1),
		evaluation: constantClassifier(0),
		surrogate: constantClassifier(0),
	});
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
	const {metrics} = await measure({evaluation: constantClassifier(5)});
	t.is(metrics.attackAccuracyTop1, 1 / 6);
	// Class 5 leads, the others are equal: ties are won by lower indices, so class 4 comes sixth.
	t.is(metrics.attackAccuracyTop5, 5 / 6);
});

test.serial('the nearest image is of the same class and the nearest in the embedding space', async t => {
	const images = colouredImages('reconstructions', {classes: numClasses, perClass: 2, size: untrainedSize});
	const {embedding} = subjects();
	const {nearest} = await measure({images});
	using network = buildClassifier(embedding);
	const features = {images: await predictFeatures(network, images, {batchSize: 7}), train: await predictFeatures(network, train, {batchSize: 7})};
	const size = features.images.length / images.labels.length;
	const distance = (image: number, reference: number) => Math.hypot(...Array.from({length: size}, (_, index) => features.images[(image * size) + index]! - features.train[(reference * size) + index]!));
	t.deepEqual(nearest, Array.from(images.labels, (label, image) =>
		[...train.labels.keys()].filter(reference => train.labels[reference] === label).toSorted((a, b) => distance(image, a) - distance(image, b))[0]!));
});

test.serial('the same evidence gives the same numbers', async t => {
	t.deepEqual(await measure(), await measure());
});

test.serial('reconstructions of a person the training images do not show are refused', async t => {
	const others = {...train, labels: train.labels.map(label => (label === 2 ? 3 : label))};
	const error = await t.throwsAsync<UserError>(async () => measure({train: others}), {name: 'UserError', message: 'A target class has no training image to compare reconstructions with'});
	t.deepEqual(error?.facts, {classes: '2', expected: 'classes of the 24 training images'});
});

test.serial('the constant classifier says what it should', async t => {
	using network = buildClassifier(constantClassifier(2));
	t.deepEqual([...await predictLogits(network, selectImages(train, [0]), {batchSize: 1})], [0, 0, 20, 0, 0, 0]);
});

test.serial('squared distances stand beside the others', async t => {
	const images = colouredImages('reconstructions', {classes: numClasses, perClass: 1, size: untrainedSize});
	const one = selectImages(images, [4]);
	const {metrics} = await measure({images: {...one, images: Uint8Array.from([...allPixels(one), ...allPixels(one)]), shape: [2, untrainedSize, untrainedSize, 3], labels: new Int32Array([4, 4])}});
	t.true(metrics.faceDistance > 0);
	t.true(Math.abs(metrics.faceDistanceSquared - (metrics.faceDistance ** 2)) < distanceTolerance);
	t.true(Math.abs((metrics.evaluationDistanceSquared / (metrics.evaluationDistance ** 2)) - 1) < distanceTolerance);
});

test.serial('precision and the like are measured where every class has enough images', async t => {
	const {metrics, notes} = await measure();
	t.deepEqual([metrics.precision, metrics.recall, metrics.coverage], [1, 1, 1]);
	t.deepEqual(notes, []);
});

test.serial('with too few images for the usual neighbours, precision and the like are left out and the log says so', async t => {
	const images = selectImages(train, [...train.labels.keys()].filter(index => index % 4 < 2));
	const {metrics, notes} = await measure({images});
	t.false('precision' in metrics);
	t.deepEqual(notes, ['precision, recall, density and coverage are left out: they need more than 3 images of each class, and class 0 has 2 generated ones; set "metrics.neighbours" lower']);
	t.is((await measure({images}, {neighbours: 1})).metrics.precision, 1);
});

test.serial('with too few images for the neighbours that somebody asked for, the run stops', async t => {
	const error = await t.throwsAsync<UserError>(async () => measure({}, {neighbours: 4}), {name: 'UserError', message: 'Expected more than 4 real samples of class 0, got 4'});
	t.is(error?.facts.classes, 12);
});

test.serial('the definition of precision and the like is a choice', async t => {
	const images = colouredImages('reconstructions', {classes: numClasses, perClass: 8, size: untrainedSize});
	const density = async (prdcDefinition: 'standard' | 'official') => (await measure({images}, {neighbours: 1, prdcDefinition})).metrics.density!;
	// As many balls, divided by 8 generated or by 4 real samples.
	t.true(Math.abs(await density('official') - (2 * await density('standard'))) < distanceTolerance);
});

test.serial('one reconstruction is too few for a distribution', async t => {
	await t.throwsAsync(async () => measure({images: selectImages(train, [0])}), {name: 'UserError', message: 'Expected at least 2 samples for a covariance, got 1'});
});

test.serial('a model of fewer classes than the images have is refused', async t => {
	await t.throwsAsync(async () => measure({target: untrainedClassifier('small', {numClasses: 3})}), {name: 'UserError', message: 'Expected labels from 0 to 2, got 3 for sample 12'});
});
