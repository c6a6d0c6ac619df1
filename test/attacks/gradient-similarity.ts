import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {cosineSimilarity, measureSimilarity, type SimilarityNetworks} from '../../attacks/gradient-similarity.ts';
import type {AttackLoss} from '../../artifacts/analyses.ts';
import {UserError} from '../../engine/error.ts';
import {useBackend} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';
import {noisyTargetModel, numClasses, tinyGenerator, tinyInitial, tinyTargetModel} from '../helpers/tiny-attack.ts';
import {fixture, largestDifference} from '../helpers/tensors.ts';

type Pair = `${AttackLoss} ${'view' | 'generator'}`;

/** By PyTorch, test/fixtures/analyses.py: for every target class the cosines [step][latent]. */
const {similarity: golden} = fixture<{similarity: Record<Pair, number[][][]>}>('analyses.json');

/** Cosines of float32 gradients; Adam with small betas turns rounding near zero slopes into whole steps. */
const tolerance = 1e-4;

const options = {
	samples: 6, steps: 8, losses: ['poincare', 'cross-entropy'], point: 'view', randomCrop: false, cropScale: [0.5, 0.9], learningRate: 0.7, beta1: 0.1, beta2: 0.1, batchSize: 4,
} as const;
const seed = 'similarity';

/** The fixed change of the fixture. */
const attackView = (images: tf.Tensor4D) => tf.tidy(() => tf.mul<tf.Tensor4D>(images, tf.reshape(tf.add(tf.sin(tf.range(0, 16)), 0.5), [1, 4, 4, 1])));
const networks = {generator: {...tinyGenerator, view: attackView}, targetModel: tinyTargetModel};
const measure = async (changes: Partial<Parameters<typeof measureSimilarity>[2]> = {}, given: SimilarityNetworks = networks, onStep = async () => undefined) =>
	measureSimilarity(tinyInitial, given, {...options, ...changes}, {numClasses, stream: randomStream(seed), onStep});

/** The same draws of target classes, to look up what PyTorch says about each pair of latent and class. */
function goldenMeans(pair: Pair): number[] {
	const classStream = randomStream(seed).split('target classes');
	const classes = Array.from({length: options.samples}, () => classStream.integer(numClasses));
	return Array.from({length: options.steps - 1}, (_, step) => classes.reduce((sum, target, latent) => sum + golden[pair][target]![step]![latent]!, 0) / options.samples);
}

test.before(async () => {
	await useBackend('wasm');
});

for (const point of ['view', 'generator'] as const) {
	test.serial(`cosines at the ${point} agree with PyTorch for both losses`, async t => {
		const {curves} = await measure({point});
		for (const {loss, mean, zeroGradients} of curves) {
			t.true(largestDifference(mean as number[], goldenMeans(`${loss} ${point}`)) < tolerance, `${loss}`);
			t.true(zeroGradients.every(count => count === 0));
		}
	});
}

test('the fixture tells the two points and the two losses apart', t => {
	const pairs = (Object.keys(golden) as Pair[]).map(pair => goldenMeans(pair));
	for (const [index, means] of pairs.entries()) {
		t.true(pairs.slice(0, index).every(others => largestDifference(means, others) > 20 * tolerance));
		t.true(means.some(mean => mean < 0.99));
	}
});

test.serial('without a fixed change both points are the same', async t => {
	const plain = {generator: tinyGenerator, targetModel: tinyTargetModel};
	t.deepEqual(await measure({point: 'generator'}, plain), await measure({point: 'view'}, plain));
});

test.serial('the batch size changes cosines by rounding only', async t => {
	const [whole, parts] = [await measure({batchSize: 6, randomCrop: true}), await measure({batchSize: 1, randomCrop: true})];
	for (const [index, {mean}] of whole.curves.entries()) {
		t.true(largestDifference(mean as number[], parts.curves[index]!.mean as number[]) < tolerance);
	}
});

test.serial('a noisy target model answers with noise, as in the attack, which belongs to the latent and not to the batch', async t => {
	const noisy = {...networks, targetModel: noisyTargetModel};
	const [whole, parts] = [await measure({batchSize: 6}, noisy), await measure({batchSize: 1}, noisy)];
	for (const [index, {mean}] of whole.curves.entries()) {
		t.true(largestDifference(mean as number[], parts.curves[index]!.mean as number[]) < tolerance);
	}

	t.true(largestDifference(whole.curves[0]!.mean as number[], (await measure()).curves[0]!.mean as number[]) > 20 * tolerance);
});

test.serial('random crops make gradients differ', async t => {
	const still = await measure({learningRate: 1e-7, losses: ['poincare']});
	const cropped = await measure({learningRate: 1e-7, losses: ['poincare'], randomCrop: true});
	t.true(still.curves[0]!.mean.every(mean => mean! > 0.9999));
	t.true(cropped.curves[0]!.mean.some(mean => mean! < 0.99));
});

test.serial('gradients that are exactly zero are counted and left out', async t => {
	// Logits so far apart that the softmax in float32 is 0 and 1: no gradient where the target class has won, a full one elsewhere.
	const saturated = {...networks, targetModel: {logits: (images: tf.Tensor4D) => tf.tidy(() => tf.add<tf.Tensor2D>(tinyTargetModel.logits(images), tf.tensor2d([[1e6, 0, 0]])))}};
	const {curves: [curve]} = await measure({losses: ['cross-entropy'], learningRate: 1e-7}, saturated);
	const classStream = randomStream(seed).split('target classes');
	const won = Array.from({length: options.samples}, () => classStream.integer(numClasses)).filter(target => target === 0).length;
	t.true(won > 0 && won < options.samples);
	t.deepEqual(curve!.zeroGradients, Array.from({length: 7}).fill(won));
	t.true(curve!.mean.every(mean => mean! > 0.9999));
});

test.serial('steps at which every gradient is zero have no value', async t => {
	const blind = {...networks, targetModel: {logits: (images: tf.Tensor4D) => tf.tidy(() => tf.add<tf.Tensor2D>(tf.mul(tinyTargetModel.logits(images), 0), 1))}};
	const {curves: [curve]} = await measure({losses: ['cross-entropy']}, blind);
	t.deepEqual(curve!.mean, Array.from({length: 7}).fill(null));
	t.deepEqual(curve!.deviation, Array.from({length: 7}).fill(null));
	t.deepEqual(curve!.zeroGradients, Array.from({length: 7}).fill(6));
});

test.serial('a gradient that is not a number is an error that says where', async t => {
	const broken = {...networks, targetModel: {logits: (images: tf.Tensor4D) => tf.tidy(() => tf.mul<tf.Tensor2D>(tinyTargetModel.logits(images), 0))}};
	const error = await t.throwsAsync(measure({losses: ['poincare']}, broken), {instanceOf: UserError, message: 'The gradient of latent 0 became NaN at step 1 of 8'});
	t.is((error).facts?.loss, 'poincare');
});

test.serial('a pool that is too small is refused', async t => {
	await t.throwsAsync(measure({samples: 7}), {instanceOf: UserError, message: 'Gradient similarity follows 7 latents, but the pool has 6'});
});

test.serial('no tensors are left, after an error neither', async t => {
	const before = tf.memory().numTensors;
	await measure({randomCrop: true});
	await t.throwsAsync(measure({}, networks, async () => {
		throw new Error('stopped');
	}), {message: 'stopped'});
	t.is(tf.memory().numTensors, before);
});

test('the cosine is scale-free, and undefined for a zero vector', t => {
	const cosine = (first: readonly number[], second: readonly number[]) => cosineSimilarity(Float32Array.from(first), Float32Array.from(second));
	t.is(cosine([1e-30, 0], [3, 3])?.toFixed(6), Math.SQRT1_2.toFixed(6));
	t.is(cosine([1, 2], [-2, -4]), -1);
	t.is(cosine([0, 0], [1, 1]), undefined);
});
