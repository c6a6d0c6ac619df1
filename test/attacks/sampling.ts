import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import type {LatentSet} from '../../artifacts/latents.ts';
import {drawLatentPool, selectInitialLatents} from '../../attacks/sampling.ts';
import type {ScoringState} from '../../attacks/scoring.ts';
import {useBackend} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';
import {
	context, latentSize, noisyTargetModel, numClasses, tinyConfidences, tinyGenerator, tinyTargetModel,
} from '../helpers/tiny-attack.ts';
import {performStopped, upTo} from '../helpers/stopped.ts';

const float32Tolerance = 1e-5;

const pool = drawLatentPool({size: 20, latentSize}, randomStream('pool'));
const options = {
	perClass: 3, views: 4, cropScale: [0.5, 0.9], cropAspect: [0.8, 1.2], flip: 0.5, batchSize: 8,
} as const;
/** The whole image, not mirrored. */
const plain = {...options, cropScale: [1, 1], cropAspect: [1, 1], flip: 0} as const;
const sample = async (changes: Partial<Parameters<typeof selectInitialLatents>[3]> = {}, given: Parameters<typeof selectInitialLatents>[4] = context()) =>
	selectInitialLatents(pool, tinyGenerator, tinyTargetModel, {...options, ...changes}, given);

test.before(async () => {
	await useBackend('wasm');
});

test('a pool holds standard normal latents', t => {
	const {latents} = drawLatentPool({size: 5000, latentSize: 4}, randomStream('pool'));
	const mean = latents.reduce((sum, value) => sum + value, 0) / latents.length;
	const variance = latents.reduce((sum, value) => sum + (value ** 2), 0) / latents.length;
	t.is(latents.length, 20_000);
	// Four standard errors.
	t.true(Math.abs(mean) < 4 / Math.sqrt(20_000));
	t.true(Math.abs(variance - 1) < 4 * Math.sqrt(2 / 20_000));
});

test('each class gets the latents it is most confident about, best first', async t => {
	const confidences = Array.from({length: 20}, (_, index) => tinyConfidences(pool.latents.subarray(index * latentSize, (index + 1) * latentSize)));
	const initial = await sample(plain);
	t.deepEqual([...initial.targetClasses], [0, 0, 0, 1, 1, 1, 2, 2, 2]);
	for (let classIndex = 0; classIndex < numClasses; classIndex++) {
		const ranking = confidences.map((row, index) => ({index, score: row[classIndex]!})).toSorted((a, b) => b.score - a.score);
		for (const [rank, {index, score}] of ranking.slice(0, 3).entries()) {
			const position = (classIndex * 3) + rank;
			t.deepEqual(initial.latents.subarray(position * latentSize, (position + 1) * latentSize), pool.latents.subarray(index * latentSize, (index + 1) * latentSize));
			t.true(Math.abs(initial.scores[position]! - score) < float32Tolerance);
		}
	}
});

test('of equal confidences the latent earlier in the pool counts as better', async t => {
	// Zero latents everywhere but for a mark that the generator does not look at.
	const marked = {latents: Float32Array.from({length: 5 * (latentSize + 1)}, (_, index) => (index % (latentSize + 1) === latentSize ? index : 0)), latentSize: latentSize + 1};
	const generator = {generate: (latents: tf.Tensor2D) => tf.tidy(() => tinyGenerator.generate(tf.slice(latents, [0, 0], [-1, latentSize])))};
	const initial = await selectInitialLatents(marked, generator, tinyTargetModel, {...plain, perClass: 2}, context());
	t.deepEqual([...initial.latents].filter(value => value !== 0), [3, 7, 3, 7, 3, 7]);
});

test('mirrored views see an image and its mirror image alike', async t => {
	const mirrored = {generate: (latents: tf.Tensor2D) => tf.tidy(() => tf.reverse(tinyGenerator.generate(latents), 2))};
	const initial = await sample({views: 'mirrored'});
	t.deepEqual(initial, await selectInitialLatents(pool, mirrored, tinyTargetModel, {...options, views: 'mirrored'}, context()));
	t.notDeepEqual(initial, await sample(plain));
});

test('the same seed gives the same bytes', async t => {
	t.deepEqual(await sample(), await sample());
});

test('another seed gives other scores', async t => {
	t.notDeepEqual((await sample()).scores, (await sample({}, context('other'))).scores);
});

test('the batch size changes scores by rounding only', async t => {
	const [small, whole] = [await sample({batchSize: 3}), await sample({batchSize: 100})];
	t.deepEqual(small.latents, whole.latents);
	t.true(small.scores.every((score, index) => Math.abs(score - whole.scores[index]!) < float32Tolerance));
});

test('the noise of a target model belongs to the seed, the view and the latent, not to the batch', async t => {
	const noisy = async (changes: object, seed = 'attack') => selectInitialLatents(pool, tinyGenerator, noisyTargetModel, {...plain, perClass: 20, ...changes}, context(seed));
	const [small, whole] = [await noisy({batchSize: 3}), await noisy({batchSize: 100})];
	t.deepEqual(small.latents, whole.latents);
	t.true(small.scores.every((score, index) => Math.abs(score - whole.scores[index]!) < float32Tolerance));
	t.notDeepEqual((await noisy({}, 'other')).scores, whole.scores);
	// Were all views given the same noise, as many of them would say the same as one.
	t.notDeepEqual((await noisy({views: 1})).scores, (await noisy({views: 2})).scores);
});

test('steps count every view of every batch', async t => {
	const steps: unknown[] = [];
	await sample({batchSize: 10, views: 2}, {...context(), async onStep(done, total, unit) {
		steps.push([done, total, unit]);
	}});
	t.deepEqual(steps, [[1, 4, 'view'], [2, 4, 'view'], [3, 4, 'view'], [4, 4, 'view']]);
});

test('a pool smaller than what is kept is refused', async t => {
	await t.throwsAsync(async () => sample({perClass: 21}), {name: 'UserError', message: 'Sampling keeps 21 latents per class, but the pool has 20'});
});

test('a target model that yields NaN is reported with the latent', async t => {
	const broken = {logits: (images: tf.Tensor4D) => tf.tidy((): tf.Tensor2D => tf.mul(tinyTargetModel.logits(images), Number.NaN))};
	await t.throwsAsync(async () => selectInitialLatents(pool, tinyGenerator, broken, options, context()), {name: 'UserError', message: 'The target model\'s confidence is not a number for the image of latent 0'});
});

test.serial('no tensors are left behind', async t => {
	const before = tf.memory().numTensors;
	await sample();
	t.is(tf.memory().numTensors, before);
});

test.serial('no tensors are left behind when the run is cancelled', async t => {
	const before = tf.memory().numTensors;
	await t.throwsAsync(async () => sample({}, context('attack', async () => {
		throw new Error('Cancelled');
	})), {message: 'Cancelled'});
	t.is(tf.memory().numTensors, before);
});

// 20 latents in batches of 8 with four views each.
for (const stops of [[1], [4, 8], [3, 6, 9], [12], upTo(12)]) {
	test.serial(`stopped after views ${stops.join(', ')}, sampling goes on to the same bytes`, async t => {
		const undisturbed = await sample();
		const before = tf.memory().numTensors;
		const {value, steps} = await performStopped<ScoringState, LatentSet>(async resumable => sample({}, {...context(), ...resumable}), stops);
		t.deepEqual(value, undisturbed);
		t.deepEqual(steps, upTo(12), 'no view was computed twice');
		t.is(tf.memory().numTensors, before);
	});
}
