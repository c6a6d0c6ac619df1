import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import type {Classifier} from '../../artifacts/classifier.ts';
import type {ImageSet} from '../../artifacts/image-set.ts';
import {
	buildClassifier, classifierInput, imageBatch, predictFeatures, predictLogits,
} from '../../models/classifier.ts';
import {initialClassifier} from '../../models/initial-classifier.ts';
import {useBackend} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';

/** Of float32 arithmetic through six layers, relative to the largest value. */
const tolerance = 1e-5;

/** Of a central difference in float32, relative to the slope. */
const differenceTolerance = 0.02;

const imageShape = [16, 16, 3] as const;

/** A classifier whose batch normalization is not the identity. */
function classifierOf(architecture: string): Classifier {
	const initial = initialClassifier(architecture, {numClasses: 4, imageShape}, randomStream('classifier'));
	const weights = Object.fromEntries(Object.entries(initial.weights).map(([name, {shape, data}]) => {
		const isMoment = ['scale', 'offset', 'movingMean', 'movingVariance'].includes(name.split('/')[1]!);
		return [name, {shape, data: isMoment ? randomStream(name).uniforms(data.length, 0.2, 1.5) : data}];
	}));
	return {...initial, weights};
}

function imagesOf(count: number): ImageSet {
	const stream = randomStream('images');
	return {
		images: Uint8Array.from({length: count * 16 * 16 * 3}, () => stream.integer(256)),
		shape: [count, ...imageShape],
		labels: new Int32Array(count),
		identities: ['somebody'],
	};
}

/** The network of an architecture layer by layer, with batch normalization of its own. */
function reference({weights}: Classifier, images: tf.Tensor4D, blocks: ReadonlyArray<readonly [stride: number, residual: boolean]>): tf.Tensor4D {
	const weight = (name: string) => tf.tensor(weights[name]!.data, [...weights[name]!.shape]);
	let x = images;
	for (const [index, [stride, residual]] of blocks.entries()) {
		const name = `block${index + 1}`;
		const kernel = weight(`${name}/kernel`) as tf.Tensor4D;
		const half = (kernel.shape[0] - 1) / 2;
		const padded = tf.pad(x, [[0, 0], [half, half], [half, half], [0, 0]]);
		const y = tf.batchNorm(tf.conv2d(padded, kernel, stride, 'valid'), weight(`${name}/movingMean`) as tf.Tensor1D, weight(`${name}/movingVariance`) as tf.Tensor1D, weight(`${name}/offset`) as tf.Tensor1D, weight(`${name}/scale`) as tf.Tensor1D, 1e-5);
		x = tf.relu(residual ? tf.add<tf.Tensor4D>(y, x) : y);
	}

	return x;
}

const largestDifference = (actual: tf.Tensor, expected: tf.Tensor) =>
	tf.tidy(() => tf.div(tf.max(tf.abs(tf.sub(actual, expected))), tf.max(tf.abs(expected))).dataSync()[0]!);

test.before(async () => {
	await useBackend('wasm');
});

test.serial('the target model is its five blocks, flattened, and a linear layer', t => {
	const artifact = classifierOf('target-small');
	const network = buildClassifier(artifact);
	tf.tidy(() => {
		const images = classifierInput(imageBatch(imagesOf(3), [0, 1, 2]));
		const features = tf.reshape(reference(artifact, images, [[2, false], [2, false], [1, false], [2, false], [1, true]]), [3, 2 * 2 * 64]);
		const {'head/kernel': kernel, 'head/bias': bias} = artifact.weights;
		const logits = tf.add(tf.matMul(features, tf.tensor2d(kernel!.data, [256, 4])), tf.tensor1d(bias!.data));
		t.true(largestDifference(network.features(images), features) < tolerance);
		t.true(largestDifference(network.logits(images), logits) < tolerance);
	});
	network.dispose();
});

test.serial('the embedding model averages, embeds, and its features have length 1', t => {
	const artifact = classifierOf('embedding-small');
	const network = buildClassifier(artifact);
	tf.tidy(() => {
		const images = classifierInput(imageBatch(imagesOf(3), [0, 1, 2]));
		const pooled = tf.mean(reference(artifact, images, [[2, false], [2, false], [1, false], [2, false]]), [1, 2]);
		const {'embedding/kernel': kernel, 'embedding/bias': bias, 'head/kernel': headKernel, 'head/bias': headBias} = artifact.weights;
		const embedding = tf.add(tf.matMul(pooled as tf.Tensor2D, tf.tensor2d(kernel!.data, [96, 64])), tf.tensor1d(bias!.data));
		const logits = tf.add(tf.matMul(embedding as tf.Tensor2D, tf.tensor2d(headKernel!.data, [64, 4])), tf.tensor1d(headBias!.data));
		t.true(largestDifference(network.features(images), tf.div(embedding, tf.norm(embedding, 2, 1, true))) < tolerance);
		t.true(largestDifference(network.logits(images), logits) < tolerance);
	});
	network.dispose();
});

test.serial('logits are differentiable with respect to the images', t => {
	const network = buildClassifier(classifierOf('evaluation-small'));
	tf.tidy(() => {
		const images = classifierInput(imageBatch(imagesOf(2), [0, 1]));
		const direction = tf.tensor4d(randomStream('direction').normals(images.size), images.shape);
		const value = (x: tf.Tensor) => tf.sum(tf.square(network.logits(x as tf.Tensor4D)));
		const slope = tf.sum(tf.mul(tf.grad(value)(images), direction)).dataSync()[0]!;
		const step = 1e-3;
		const [above, below] = [step, -step].map(size => value(tf.add(images, tf.mul(direction, size))).dataSync()[0]!);
		t.true(Math.abs(((above! - below!) / (2 * step)) - slope) < differenceTolerance * Math.abs(slope), `${(above! - below!) / (2 * step)} and ${slope}`);
	});
	network.dispose();
});

test.serial('logits are the same while gradients are taken', t => {
	const network = buildClassifier(classifierOf('target-small'));
	tf.tidy(() => {
		const images = classifierInput(imageBatch(imagesOf(2), [0, 1]));
		const {value} = tf.valueAndGrad(x => tf.sum(network.logits(x as tf.Tensor4D)))(images);
		t.true(largestDifference(value, tf.sum(network.logits(images))) < tolerance);
	});
	network.dispose();
});

test.serial('a batch holds the chosen images from 0 to 1', t => {
	const set: ImageSet = {images: Uint8Array.of(0, 51, 102, 153, 204, 255), shape: [3, 1, 2, 1], labels: new Int32Array(3), identities: ['somebody']};
	const batch = imageBatch(set, Int32Array.of(2, 0));
	t.deepEqual(batch.shape, [2, 1, 2, 1]);
	t.deepEqual([...batch.dataSync()], [204 / 255, 1, 0, 51 / 255].map(value => Math.fround(value)));
	batch.dispose();
});

test.serial('classifiers read images from −1 to 1', t => {
	t.deepEqual(tf.tidy(() => [...classifierInput(tf.tensor4d([0, 0.25, 1], [1, 1, 3, 1])).dataSync()]), [-1, -0.5, 1]);
});

test.serial('a bottleneck passes its mean on, with noise where it keeps it and is given streams', t => {
	const initial = initialClassifier('surrogate-small', {numClasses: 4, imageShape, bottleneck: {noiseAtEvaluation: true, width: 5}}, randomStream('classifier'));
	// Deviations of about softplus(1), so that noise shows.
	const raised = initial.weights['bottleneck/bias']!.data.map((value, index) => (index < 5 ? value : value + 6));
	const artifact: Classifier = {...initial, weights: {...initial.weights, 'bottleneck/bias': {shape: [10], data: raised}}};
	using noisy = buildClassifier(artifact);
	using silent = buildClassifier({...artifact, bottleneck: {noiseAtEvaluation: false}});
	tf.tidy(() => {
		const images = classifierInput(imageBatch(imagesOf(3), [0, 1, 2]));
		const weight = (name: string) => tf.tensor(artifact.weights[name]!.data, [...artifact.weights[name]!.shape]);
		const pooled = tf.mean<tf.Tensor2D>(reference(artifact, images, [[2, false], [2, false], [1, false], [2, false]]), [1, 2]);
		const [mean, raw] = tf.split(tf.add(tf.matMul(pooled, weight('bottleneck/kernel') as tf.Tensor2D), weight('bottleneck/bias')), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
		const streams = (row: number) => randomStream(`row ${row}`);
		const noise = tf.stack([0, 1, 2].map(row => tf.tensor1d(streams(row).normals(5))));
		const logitsOf = (features: tf.Tensor) => tf.add(tf.matMul(features as tf.Tensor2D, weight('head/kernel') as tf.Tensor2D), weight('head/bias'));
		const disturbed = tf.add(mean, tf.mul(tf.log(tf.add(tf.exp(tf.sub(raw, 5)), 1)), noise));
		t.true(largestDifference(noisy.logits(images, streams), logitsOf(disturbed)) < tolerance);
		for (const logits of [noisy.logits(images), silent.logits(images, streams), silent.logits(images)]) {
			t.true(largestDifference(logits, logitsOf(mean)) < tolerance);
		}

		t.true(largestDifference(noisy.features(images), mean) < tolerance);
	});
});

test.serial('noisy predictions are repeatable and do not depend on the batch size', async t => {
	using network = buildClassifier(initialClassifier('surrogate-small', {numClasses: 4, imageShape, bottleneck: {noiseAtEvaluation: true}}, randomStream('classifier')));
	const set = imagesOf(5);
	const together = await predictLogits(network, set, {batchSize: 5});
	t.deepEqual(await predictLogits(network, set, {batchSize: 5}), together);
	for (const [index, value] of (await predictLogits(network, set, {batchSize: 2})).entries()) {
		t.true(Math.abs(value - together[index]!) < tolerance);
	}
});

test.serial('predictions do not depend on the batch size', async t => {
	const network = buildClassifier(classifierOf('surrogate-small'));
	const set = imagesOf(5);
	const [together, inPairs] = [await predictLogits(network, set, {batchSize: 5}), await predictLogits(network, set, {batchSize: 2})];
	t.is(together.length, 5 * 4);
	for (const [index, value] of together.entries()) {
		t.true(Math.abs(value - inPairs[index]!) < tolerance);
	}

	network.dispose();
});

test.serial('steps of a prediction are reported', async t => {
	const network = buildClassifier(classifierOf('surrogate-small'));
	const steps: number[][] = [];
	await predictFeatures(network, imagesOf(5), {
		batchSize: 2,
		async onStep(done, total) {
			steps.push([done, total]);
		},
	});
	t.deepEqual(steps, [[1, 3], [2, 3], [3, 3]]);
	network.dispose();
});

test.serial('no tensors are left behind', async t => {
	const before = tf.memory().numTensors;
	const network = buildClassifier(classifierOf('embedding-small'));
	await predictFeatures(network, imagesOf(3), {batchSize: 2});
	network.dispose();
	t.is(tf.memory().numTensors, before);
});
