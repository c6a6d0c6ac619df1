import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import type {LatentSet} from '../../artifacts/latents.ts';
import {drawLatentPool} from '../../attacks/sampling.ts';
import type {ScoringState} from '../../attacks/scoring.ts';
import {selectMostRobust} from '../../attacks/selection.ts';
import {useBackend} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';
import {
	context, latentSize, tinyConfidences, tinyGenerator, tinyTargetModel,
} from '../helpers/tiny-attack.ts';
import {performStopped, upTo} from '../helpers/stopped.ts';

const float32Tolerance = 1e-5;

/** Four candidates for each of the classes 0, 1 and 2. */
const optimized = {
	...drawLatentPool({size: 12, latentSize}, randomStream('candidates')),
	targetClasses: Int32Array.from({length: 12}, (_, index) => Math.floor(index / 4)),
	scores: new Float32Array(12),
};
const options = {
	keepPerClass: 2, views: 8, cropScale: [0.5, 0.9], cropAspect: [0.8, 1.2], flip: 0.5, batchSize: 5,
} as const;
const plain = {...options, cropScale: [1, 1], cropAspect: [1, 1], flip: 0} as const;
const select = async (changes: Partial<Parameters<typeof selectMostRobust>[3]> = {}, given: Parameters<typeof selectMostRobust>[4] = context()) =>
	selectMostRobust(optimized, tinyGenerator, tinyTargetModel, {...options, ...changes}, given);

test.before(async () => {
	await useBackend('wasm');
});

test('each class keeps its candidates of highest confidence, best first', async t => {
	const selected = await select(plain);
	t.deepEqual([...selected.targetClasses], [0, 0, 1, 1, 2, 2]);
	const expected = [0, 1, 2].flatMap(classIndex => Array.from({length: 4}, (_, index) => {
		const start = ((classIndex * 4) + index) * latentSize;
		const latent = optimized.latents.subarray(start, start + latentSize);
		return {latent, score: tinyConfidences(latent)[classIndex]!};
	}).toSorted((a, b) => b.score - a.score).slice(0, 2));
	t.deepEqual([...selected.latents], expected.flatMap(({latent}) => [...latent]));
	t.true(expected.every(({score}, index) => Math.abs(score - selected.scores[index]!) < float32Tolerance));
});

test('strong views change the scores', async t => {
	t.notDeepEqual((await select()).scores, (await select(plain)).scores);
});

test('classes are judged apart even when they are not in order', async t => {
	const order = [8, 0, 4, 9, 1, 5, 10, 2, 6, 11, 3, 7];
	const shuffled = {
		...optimized,
		latents: Float32Array.from(order.flatMap(index => [...optimized.latents.subarray(index * latentSize, (index + 1) * latentSize)])),
		targetClasses: Int32Array.from(order, index => optimized.targetClasses[index]!),
	};
	const selected = await selectMostRobust(shuffled, tinyGenerator, tinyTargetModel, plain, context());
	t.deepEqual(selected.latents, (await select(plain)).latents);
});

test('the same seed gives the same bytes', async t => {
	t.deepEqual(await select(), await select());
});

test('the batch size changes scores by rounding only', async t => {
	const [small, whole] = [await select({batchSize: 1}), await select({batchSize: 12})];
	t.deepEqual(small.latents, whole.latents);
	t.true(small.scores.every((score, index) => Math.abs(score - whole.scores[index]!) < float32Tolerance));
});

test('a class with too few candidates is refused', async t => {
	await t.throwsAsync(async () => select({keepPerClass: 5}), {name: 'UserError', message: 'Selection keeps 5 latents per class, but class 0 has 4'});
});

test.serial('no tensors are left behind', async t => {
	const before = tf.memory().numTensors;
	await select();
	t.is(tf.memory().numTensors, before);
});

test.serial('no tensors are left behind when the run is cancelled', async t => {
	const before = tf.memory().numTensors;
	await t.throwsAsync(async () => select({}, context('attack', async () => {
		throw new Error('Cancelled');
	})), {message: 'Cancelled'});
	t.is(tf.memory().numTensors, before);
});

test.serial('stopped after some views, selection goes on to the same bytes', async t => {
	const undisturbed = await select();
	const {value, steps} = await performStopped<ScoringState, LatentSet>(async resumable => select({}, {...context(), ...resumable}), [1, 2, 5]);
	t.deepEqual(value, undisturbed);
	t.deepEqual(steps, upTo(steps.length), 'no view was computed twice');
	t.true(steps.length > 5);
});
