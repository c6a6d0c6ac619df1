import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {mapLatents, type Truncation} from '../../attacks/mapping.ts';
import {optimizeLatents, type OptimizationResult, type OptimizationState} from '../../attacks/optimization.ts';
import {selectInitialLatents} from '../../attacks/sampling.ts';
import {meanConfidences} from '../../attacks/scoring.ts';
import {selectMostRobust} from '../../attacks/selection.ts';
import {viewsOf} from '../../attacks/views.ts';
import {buildGenerator, buildMapping, type GeneratorNetwork} from '../../models/generator.ts';
import type {Stylegan2Network} from '../../models/networks/stylegan2.ts';
import {useBackend} from '../../tensors/backend.ts';
import {float32Tolerance, relativeDifference} from '../helpers/golden.ts';
import {performStopped} from '../helpers/stopped.ts';
import {hashed, hashedStylegan2} from '../helpers/stylegan2.ts';
import {fixture, largestDifference} from '../helpers/tensors.ts';
import {context} from '../helpers/tiny-attack.ts';

const golden = fixture<{
	readonly pool: number; readonly perClass: number; readonly crop: number; readonly size: number; readonly numClasses: number; readonly batch: number; readonly steps: number; readonly learningRate: number;
	readonly confidences: number[]; readonly chosen: number[]; readonly initial: number[]; readonly losses: number[]; readonly optimized: number[]; readonly scores: number[];
}>('stylegan2-attack.json');
const {latentSize, wSize, psi, cutoff} = fixture<{readonly latentSize: number; readonly wSize: number; readonly psi: number; readonly cutoff: number}>('stylegan2.json');
const {numClasses, size, perClass} = golden;
const model = hashedStylegan2({
	latentSize, wSize, mappingLayers: 8, imageShape: [16, 16, 3], channelBase: 512, channelMax: 24,
}, {crop: golden.crop, size});

const targetWeights = hashed('target', size * size * 3 * numClasses).map(value => value * Math.fround(0.1));
const targetModel = {
	logits: (images: tf.Tensor4D): tf.Tensor2D => tf.tidy(() => tf.matMul(tf.reshape(images, [images.shape[0], -1]), tf.tensor2d(targetWeights, [size * size * 3, numClasses]))),
};

const views = {views: 'mirrored', cropScale: [1, 1], cropAspect: [1, 1], flip: 0, batchSize: 3} as const;
const official = {
	steps: golden.steps, learningRate: golden.learningRate, beta1: 0.1, beta2: 0.1, cropScale: [1, 1], draws: 'batch', batchSize: golden.batch,
} as const;

let network: GeneratorNetwork;
let mapping: Stylegan2Network;

test.before(async () => {
	await useBackend('wasm');
	network = buildGenerator(model);
	mapping = buildMapping(model);
});

const latentsOf = (count: number) => ({latents: hashed('pool', count * latentSize), latentSize});
const truncate = async (truncation: Truncation) => mapLatents(latentsOf(golden.pool), mapping, {truncation, onStep: context().onStep});
const mapped = async () => truncate({psi, cutoff});
const sample = async (changes: object = {}) => selectInitialLatents(await mapped(), network, targetModel, {perClass, ...views, ...changes}, context());
const optimize = async (changes: object = {}, given: Parameters<typeof optimizeLatents>[4] = context(), target = targetModel) => optimizeLatents(await sample(), network, target, {...official, ...changes}, given);

test.serial('sampling scores the clamped, cropped images of partly truncated latents, and keeps the truncated vector, as the authors\' code does', async t => {
	const pool = await mapped();
	t.is(pool.upper?.firstLayer, cutoff);
	const confidences = await meanConfidences(pool, {
		generator: network, targetModel, noise: context().stream, views: viewsOf(views, context().stream), batchSize: 3, isClamped: true, onStep: context().onStep,
	});
	t.true(relativeDifference(confidences, golden.confidences) < float32Tolerance);
	const {latents, targetClasses} = await sample();
	t.deepEqual([...targetClasses], [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
	t.true(relativeDifference(latents, golden.initial) < float32Tolerance);
});

test.serial('optimization is that of the authors\' code: losses, latents and scores after three steps', async t => {
	const {optimized, history} = await optimize();
	t.true(relativeDifference(history.columns.loss!, golden.losses) < float32Tolerance);
	t.true(relativeDifference(optimized.scores, golden.scores) < float32Tolerance);
	t.true(relativeDifference(optimized.latents, golden.optimized) < float32Tolerance);
});

test.serial('sampling can score the image that optimization starts from instead', async t => {
	const [{scores, latents}, {scores: others}] = [await sample({scoredImage: 'initial'}), await sample()];
	t.notDeepEqual(scores, others);
	const {optimized} = await optimizeLatents({...await sample({scoredImage: 'initial'})}, network, targetModel, {...official, steps: 0}, context());
	// Sampling clamps and averages over two views, so that the numbers differ, but not the latents.
	t.deepEqual(optimized.latents.toSorted(), latents.toSorted());
});

test.serial('truncation without a cutoff moves all layers, and none without truncation', async t => {
	const [all, none] = [await truncate({psi}), await mapLatents(latentsOf(golden.pool), mapping, {onStep: context().onStep})];
	t.deepEqual([all.upper, none.upper], [undefined, undefined]);
	t.deepEqual(all.latents, (await mapped()).latents);
	t.deepEqual(none.latents, (await mapped()).upper?.latents);
	t.is((await truncate({psi, cutoff: 6})).upper, undefined);
});

for (const microBatch of [1, 3]) {
	test.serial(`a batch computed ${microBatch} at a time gives the latents of the whole batch, its crops included`, async t => {
		const random = {cropScale: [0.5, 0.9], steps: 4};
		const [whole, pieces] = [await optimize(random), await optimize({...random, microBatch})];
		t.true(relativeDifference(pieces.optimized.latents, [...whole.optimized.latents]) < float32Tolerance);
		t.true(relativeDifference(pieces.history.columns.loss!, whole.history.columns.loss!) < float32Tolerance);
	});
}

test.serial('all images of a batch share a crop, another batch has another', async t => {
	const same = {...await sample(), targetClasses: new Int32Array(10)};
	const latents = Float32Array.from({length: 10 * wSize}, (_, index) => same.latents[index % wSize]!);
	const {optimized} = await optimizeLatents({...same, latents}, network, targetModel, {...official, cropScale: [0.3, 0.4], batchSize: 5}, context());
	const rows = new Set(Array.from({length: 10}, (_, row) => optimized.latents.subarray(row * wSize, (row + 1) * wSize).join(' ')));
	t.is(rows.size, 2);
});

test.serial('stopped in the middle, the attack goes on to the same bytes', async t => {
	const changes = {cropScale: [0.5, 0.9], microBatch: 3};
	const undisturbed = await optimize(changes);
	const {value} = await performStopped<OptimizationState, OptimizationResult>(async resumable => optimize(changes, {...context(), ...resumable}), [2, 5]);
	t.deepEqual(value, undisturbed);
});

test.serial('when memory is short, the batch is halved, the log says so, and the latents stay the same', async t => {
	const lines: string[] = [];
	const before = tf.memory().numTensors;
	const greedy = {
		logits(images: tf.Tensor4D) {
			if (images.shape[0] > 1) {
				throw new Error('OOM when allocating tensor with shape[4,64,224,224]');
			}

			return targetModel.logits(images);
		},
	};
	const initial = await sample();
	const {optimized} = await optimizeLatents(initial, network, greedy, official, {...context(), log: line => lines.push(line)});
	t.deepEqual(lines, ['warning: out of memory, going on with 2 latents at a time', 'warning: out of memory, going on with 1 latents at a time']);
	t.true(relativeDifference(optimized.latents, golden.optimized) < float32Tolerance);
	t.is(tf.memory().numTensors, before);
});

test.serial('images of a class share their views in selection, whatever the batches', async t => {
	const {optimized} = await optimize();
	const select = async (changes: object = {}) => selectMostRobust(optimized, network, targetModel, {
		keepPerClass: 2, draws: 'class', ...views, views: 4, cropScale: [0.3, 0.6], cropAspect: [0.8, 1.2], flip: 0.5, ...changes,
	}, context());
	const [some, all] = [await select(), await select({batchSize: 10})];
	t.true(largestDifference(some.scores, all.scores) < float32Tolerance);
	t.notDeepEqual(some.scores, (await select({draws: 'image'})).scores);
	// Twins of a class stay twins; the same image in another class is seen otherwise.
	const twin = optimized.latents.slice(0, wSize);
	const twins = {
		latents: Float32Array.from([...twin, ...twin, ...twin, ...twin]), latentSize: wSize, targetClasses: new Int32Array([0, 0, 1, 1]), scores: new Float32Array(4),
	};
	const bright = {logits: (images: tf.Tensor4D): tf.Tensor2D => tf.tidy(() => tf.matMul(tf.reshape(tf.mean(images, [1, 2, 3]), [-1, 1]), tf.tensor2d([[1, -1]])))};
	const seen = await selectMostRobust(twins, network, bright, {
		keepPerClass: 2, draws: 'class', ...views, views: 2, cropScale: [0.1, 0.2], cropAspect: [1, 1],
	}, context());
	t.is(seen.scores[0], seen.scores[1]);
	t.not(Math.fround(1 - seen.scores[2]!), seen.scores[0]);
});
