import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {judgeBatchSize, predictRows, type JudgedImages, type PredictionState} from '../../metrics/prediction-rows.ts';
import {predictImages} from '../../metrics/predict-images.ts';
import {buildClassifier, predictFeatures, predictLogits} from '../../models/classifier.ts';
import {buildJudge, type JudgeNetwork} from '../../models/judge.ts';
import {initialClassifier} from '../../models/initial-classifier.ts';
import {useBackend} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';
import {colouredImages} from '../helpers/report.ts';
import {untrainedClassifier, untrainedSize} from '../helpers/untrained.ts';

const both = ['logits', 'features'] as const;
const onStep = async () => undefined;
const images = colouredImages('images', {classes: 3, perClass: 3, size: untrainedSize});
/** Of one pass in batches of other sizes. */
const batchTolerance = 1e-5;

test.before(async () => {
	await useBackend('wasm');
});

/** Grey images of one pixel, whose value is their place. */
const places = (count: number): JudgedImages => ({
	labels: Int32Array.from({length: count}, (_, index) => index % 2),
	imagesAt: (start, size) => tf.tensor4d(Float32Array.from({length: size}, (_, index) => start + index), [size, 1, 1, 1]),
});

/** Says the value of the pixel, and its double. */
const pixel: JudgeNetwork = {
	logits: x => tf.tidy(() => tf.reshape(tf.mul(x, 2), [-1, 1])),
	features: x => tf.reshape(x, [-1, 1]),
	[Symbol.dispose]() {
		// It holds nothing.
	},
};

/** As `pixel`, on a machine that has no memory for more than two images. */
const poor: JudgeNetwork = {
	...pixel,
	features(x) {
		if (x.shape[0] > 2) {
			throw new Error('out of memory');
		}

		return pixel.features(x);
	},
};

test.serial('a model says the same of images as when it is asked alone, and leaves no tensors', async t => {
	const before = tf.memory().numTensors;
	const model = untrainedClassifier('judge');
	using network = buildClassifier(model);
	const held = tf.memory().numTensors;
	const said = await predictImages(network, images, {keep: both, batchSize: 4, onStep});
	t.is(tf.memory().numTensors, held);
	t.deepEqual(said.labels, images.labels);
	const [logits, features] = [await predictLogits(network, images, {batchSize: 9}), await predictFeatures(network, images, {batchSize: 9})];
	t.true(said.logits.every((value, index) => Math.abs(value - logits[index]!) < batchTolerance));
	t.true(said.features.every((value, index) => Math.abs(value - features[index]!) < batchTolerance));
	t.is(said.logits.length, 27);
	t.true(held > before);
});

test.serial('one pass over the network gives both answers, with and without a bottleneck that keeps its noise', async t => {
	for (const bottleneck of [undefined, {noiseAtEvaluation: true}]) {
		using network = buildClassifier(initialClassifier('surrogate-small', {numClasses: 3, imageShape: [untrainedSize, untrainedSize, 3], bottleneck}, randomStream('both')));
		let passes = 0;
		const counted: JudgeNetwork = {
			...network,
			both(...args) {
				passes++;
				return network.both(...args);
			},
		};
		const {both: _, ...apart} = network;
		const expected = await predictImages(apart, images, {keep: both, batchSize: 9, onStep});
		t.deepEqual(await predictImages(counted, images, {keep: both, batchSize: 9, onStep}), expected);
		t.deepEqual(await predictImages(counted, images, {keep: ['features', 'logits'], batchSize: 9, onStep}), expected);
		await predictImages(counted, images, {keep: ['features'], batchSize: 9, onStep});
		t.is(passes, 2);
	}
});

test.serial('only what is asked for is kept', async t => {
	const {logits, features} = await predictRows(pixel, places(3), {keep: ['features'], batchSize: 2, onStep});
	t.deepEqual([[...logits], [...features]], [[], [0, 1, 2]]);
});

test.serial('the noise of a bottleneck belongs to an image, whatever the batches', async t => {
	using network = buildJudge(initialClassifier('surrogate-small', {numClasses: 3, imageShape: [untrainedSize, untrainedSize, 3], bottleneck: {noiseAtEvaluation: true}}, randomStream('mid')));
	const [together, apart] = [await predictImages(network, images, {keep: ['logits'], batchSize: 9, onStep}), await predictImages(network, images, {keep: ['logits'], batchSize: 2, onStep})];
	t.true(together.logits.every((value, index) => Math.abs(value - apart.logits[index]!) < batchTolerance));
});

test.serial('an interrupted model goes on to the same numbers', async t => {
	const states: PredictionState[] = [];
	const steps: unknown[] = [];
	const whole = await predictRows(pixel, places(7), {keep: both, batchSize: 3, async onStep(done, total, unit, takeState) {
		steps.push([done, total, unit]);
		states.push(structuredClone(await takeState!()));
	}});
	t.deepEqual(steps, [[3, 7, 'image'], [6, 7, 'image'], [7, 7, 'image']]);
	t.deepEqual([...whole.logits], [0, 2, 4, 6, 8, 10, 12]);
	for (const resume of states) {
		t.deepEqual(await predictRows(pixel, places(7), {keep: both, batchSize: 3, onStep, resume}), whole);
	}
});

test.serial('where memory is short, fewer images are looked at, and the log says so', async t => {
	const lines: string[] = [];
	const {features} = await predictRows(poor, places(5), {keep: ['features'], batchSize: 5, onStep, log: line => lines.push(line)});
	t.deepEqual([...features], [0, 1, 2, 3, 4]);
	t.deepEqual(lines, ['warning: out of memory, going on with 3 images at a time', 'warning: out of memory, going on with 2 images at a time']);
});

test.serial('the official input of the FID is normalised once more', async t => {
	const {features} = await predictRows(pixel, places(3), {keep: ['features'], input: 'official', batchSize: 2, onStep});
	t.deepEqual([...features], [-1, 1, 3]);
});

test.serial('a number that is none is a user error that names the image', async t => {
	const broken: JudgeNetwork = {...pixel, features: x => tf.tidy(() => tf.reshape(tf.log(tf.sub(4.5, x)), [-1, 1]))};
	await t.throwsAsync(predictRows(broken, places(6), {keep: ['features'], batchSize: 2, onStep}), {name: 'UserError', message: 'Expected finite numbers as features, got NaN for image 5'});
});

test.serial('no images are refused', async t => {
	await t.throwsAsync(predictRows(pixel, places(0), {keep: both, batchSize: 1, onStep}), {name: 'UserError', message: 'There are no images to judge'});
});

test('large images are looked at in smaller batches', t => {
	t.deepEqual([[16, 16, 3], [224, 224, 3], [299, 299, 3], [4096, 4096, 3]].map(([height, width]) => judgeBatchSize([height!, width!, 3])), [100, 41, 23, 1]);
});
