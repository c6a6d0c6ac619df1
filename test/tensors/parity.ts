import test, {type ExecutionContext} from 'ava';
import type {Static} from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import {labelSmoothingLoss} from '../../losses/label-smoothing.ts';
import {buildClassifier, classifierInput, imageBatch, predictFeatures, predictLogits} from '../../models/classifier.ts';
import {trainableClassifier} from '../../models/trainable-classifier.ts';
import {targetTraining} from '../../stages/20-target-training.ts';
import {generatorTraining} from '../../stages/30-generator-training.ts';
import {optimization} from '../../stages/50-optimization.ts';
import {selection} from '../../stages/60-selection.ts';
import {metrics} from '../../stages/80-metrics.ts';
import {useBackend} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';
import {testedBackends} from '../helpers/backends.ts';
import {relativeDifference} from '../helpers/golden.ts';
import {attackEvidence} from '../helpers/attack-evidence.ts';
import {colouredImages} from '../helpers/report.ts';
import {perform} from '../helpers/stage.ts';
import {untrainedClassifier, untrainedGenerator, untrainedSize} from '../helpers/untrained.ts';

/** One pass through a network: sums of up to some hundred products of float32 numbers, in another order. */
const passTolerance = 2e-5;

/** A few optimizer steps: Adam divides by the root of the squared gradient, which turns rounding of small gradients into a change of direction. */
const stepsTolerance = 2e-3;

const images = colouredImages('train', {classes: 3, perClass: 4, size: untrainedSize});
const generator = untrainedGenerator('generator');
const target = untrainedClassifier('target', {architecture: 'target-small'});

const training: Static<typeof targetTraining.params> = {
	architecture: 'target-small',
	alpha: -0.05,
	holdUntil: 0,
	fullFrom: 0,
	epochs: 1,
	batchSize: 4,
	learningRate: 0.002,
	learningRateDrops: [],
	augmentation: {cropScale: [0.85, 1], flip: 0.5, brightness: 0.2, contrast: 0.2, saturation: 0.1},
};

/** Named lists of numbers. */
type Numbers = Readonly<Record<string, ArrayLike<number>>>;

/** Computes on every backend, and compares with plain JavaScript. */
async function agrees(t: ExecutionContext, compute: () => Promise<Numbers>, tolerance: number): Promise<void> {
	const [plain, ...others] = testedBackends;
	await useBackend(plain!);
	const expected = await compute();
	for (const backend of others) {
		await useBackend(backend);
		const actual = await compute();
		t.deepEqual(Object.keys(actual), Object.keys(expected));
		for (const [name, numbers] of Object.entries(actual)) {
			const difference = relativeDifference(numbers, Array.from(expected[name]!));
			t.true(difference < tolerance, `${backend}: ${name} differs by ${difference}`);
		}
	}
}

const dataOf = (weights: Readonly<Record<string, {readonly data: Float32Array}>>) => Object.fromEntries(Object.entries(weights).map(([name, {data}]) => [name, data]));

test.serial(`loss, logits, gradients and moving moments of a training step agree on ${testedBackends.join(', ')}`, async t => {
	await agrees(t, async () => {
		const network = trainableClassifier(target);
		const batch = imageBatch(images, images.labels.map((_, index) => index));
		const input = tf.tidy(() => classifierInput(batch));
		const {loss, logits, gradients} = await network.step(input, output => labelSmoothingLoss(output, images.labels, -0.05));
		const numbers = {loss: await loss.data(), logits: await logits.data(), ...Object.fromEntries(await Promise.all(Object.entries(gradients).map(async ([name, gradient]) => [`gradient of ${name}`, await gradient.data()] as const)))};
		const {'block1/movingMean': mean, 'block1/movingVariance': variance} = await network.snapshot();
		tf.dispose([batch, input, loss, logits, gradients]);
		network.dispose();
		return {...numbers, mean: mean!.data, variance: variance!.data};
	}, passTolerance);
});

test.serial('the trained target model agrees', async t => {
	await agrees(t, async () => dataOf((await perform(targetTraining, {train: images}, training)).outputs.target.weights), stepsTolerance);
});

test.serial('the trained generator agrees', async t => {
	const params = {components: 4, latentSize: 3, hidden: 8, steps: 5, batchSize: 6, learningRate: 0.001, klWeight: 0.0005, weightExponent: 1.5, augmentCopies: 1};
	await agrees(t, async () => dataOf((await perform(generatorTraining, {images}, params)).outputs.generator.weights), stepsTolerance);
});

test.serial('optimized and selected latents and their scores agree', async t => {
	const {latents, latentSize, targetClasses} = {latents: randomStream('latents').normals(18), latentSize: 3, targetClasses: Int32Array.of(0, 0, 1, 1, 2, 2)};
	const initial = {latents, latentSize, targetClasses, scores: new Float32Array(6)};
	const views = {views: 2, cropScale: [0.7, 0.9] as [number, number], cropAspect: [0.8, 1.2] as [number, number], flip: 0.5, batchSize: 4};
	await agrees(t, async () => {
		const {outputs: {optimized, history}} = await perform(optimization, {initial, generator, target}, {steps: 3, learningRate: 0.05, beta1: 0.1, beta2: 0.1, cropScale: [0.9, 1], batchSize: 4});
		const {outputs: {selected}} = await perform(selection, {optimized, generator, target}, {keepPerClass: 1, ...views});
		return {latents: optimized.latents, scores: optimized.scores, loss: history.columns.loss!, selected: selected.latents, robustness: selected.scores};
	}, stepsTolerance);
});

test.serial('logits and features agree', async t => {
	await agrees(t, async () => {
		using network = buildClassifier(target);
		return {logits: await predictLogits(network, images, {batchSize: 5}), features: await predictFeatures(network, images, {batchSize: 5})};
	}, passTolerance);
});

test.serial('metrics agree', async t => {
	const draw = (seed: string) => colouredImages(seed, {classes: 3, perClass: 4, size: untrainedSize});
	const inputs = {
		images: draw('images'), candidates: draw('candidates'), initialImages: draw('initial'), train: images, test: draw('test'), target,
		evaluation: untrainedClassifier('evaluation', {architecture: 'evaluation-small'}),
		embedding: untrainedClassifier('embedding', {architecture: 'embedding-small'}),
		surrogate: untrainedClassifier('surrogate'),
	};
	await agrees(t, async () => {
		const {outputs} = await perform(metrics, await attackEvidence(inputs), {});
		return Object.fromEntries(Object.entries(outputs.metrics).map(([name, value]) => [name, [value]]));
	}, stepsTolerance);
});

test.serial('a stage gives the same bytes again and leaves no tensors, on every backend', async t => {
	for (const backend of testedBackends) {
		await useBackend(backend);
		const first = await perform(targetTraining, {train: images}, training);
		t.is(first.leakedTensors, 0, backend);
		t.deepEqual((await perform(targetTraining, {train: images}, training)).digests, first.digests, backend);
	}
});
