import test from 'ava';
import {latentPool} from '../../stages/35-latent-pool.ts';
import {sampling} from '../../stages/40-sampling.ts';
import {optimization} from '../../stages/50-optimization.ts';
import {selection} from '../../stages/60-selection.ts';
import {reconstruction} from '../../stages/65-reconstruction.ts';
import {useBackend} from '../../tensors/backend.ts';
import {colouredImages} from '../helpers/report.ts';
import {perform} from '../helpers/stage.ts';
import {fixture} from '../helpers/tensors.ts';
import {untrainedClassifier, untrainedGenerator, untrainedSize} from '../helpers/untrained.ts';

const generator = untrainedGenerator('generator');
const target = untrainedClassifier('target');
const views = {views: 2, cropScale: [0.7, 0.9] as [number, number], cropAspect: [0.8, 1.2] as [number, number], flip: 0.5, batchSize: 4};
const samplingParams = {perClass: 3, ...views};
const optimizationParams = {steps: 4, learningRate: 0.05, beta1: 0.1, beta2: 0.1, cropScale: [0.9, 1] as [number, number], batchSize: 4};
const selectionParams = {keepPerClass: 2, ...views};

const draw = async (seed = 'seed') => perform(latentPool, {generator}, {size: 10}, {seed});
const sample = async (seed = 'seed') => perform(sampling, {pool: (await draw()).outputs.pool, generator, target}, samplingParams, {seed});
const optimize = async (seed = 'seed') => perform(optimization, {initial: (await sample()).outputs.initial, generator, target}, optimizationParams, {seed});
const select = async (seed = 'seed') => perform(selection, {optimized: (await optimize()).outputs.optimized, generator, target}, selectionParams, {seed});

const isDescending = (scores: Float32Array, perClass: number) =>
	scores.every((score, index) => score >= 0 && score <= 1 && (index % perClass === 0 || score <= scores[index - 1]!));

test.before(async () => {
	await useBackend('wasm');
});

test.serial('the pool is that of the authors\' code when a seed of NumPy is given, whatever the seed of the run', async t => {
	const {latentPool: {size, latentSize, latents}} = fixture<{latentPool: {readonly size: number; readonly latentSize: number; readonly latents: readonly number[]}}>('framework-random.json');
	const {outputs: {pool}, digests} = await perform(latentPool, {generator: {...generator, latentSize}}, {size, numpySeed: 42});
	t.is(pool.latentSize, latentSize);
	t.deepEqual([...pool.latents], latents);
	t.deepEqual((await perform(latentPool, {generator: {...generator, latentSize}}, {size, numpySeed: 42}, {seed: 'other'})).digests, digests);
});

test.serial('the pool has latents of the generator\'s size', async t => {
	const {outputs: {pool}} = await draw();
	t.is(pool.latentSize, 3);
	t.is(pool.latents.length, 10 * 3);
});

test.serial('sampling keeps latents of the pool for every class, best first', async t => {
	const {outputs: {initial}, leakedTensors} = await sample();
	const {latents, targetClasses, scores, latentSize} = initial;
	t.deepEqual([...targetClasses], [0, 0, 0, 1, 1, 1, 2, 2, 2]);
	t.true(isDescending(scores, 3));
	const rows = (values: Float32Array) => Array.from({length: values.length / latentSize}, (_, row) => values.subarray(row * latentSize, (row + 1) * latentSize).join(' '));
	const {outputs: {pool}} = await draw();
	const known = new Set(rows(pool.latents));
	t.true(rows(latents).every(row => known.has(row)));
	t.is(leakedTensors, 0);
});

test.serial('optimization moves latents and keeps their classes', async t => {
	const {outputs: {optimized, history}, leakedTensors} = await optimize();
	const {outputs: {initial}} = await sample();
	t.deepEqual(optimized.targetClasses, initial.targetClasses);
	t.true(optimized.latents.every(value => !initial.latents.includes(value)));
	t.true(isDescending(optimized.scores, 3));
	t.is(history.unit, 'step');
	t.true(Object.values(history.columns).every(column => column.length === 4));
	t.is(leakedTensors, 0);
});

test.serial('selection keeps the most robust of every class', async t => {
	const {outputs: {selected}, leakedTensors} = await select();
	t.deepEqual([...selected.targetClasses], [0, 0, 1, 1, 2, 2]);
	t.true(isDescending(selected.scores, 2));
	t.is(leakedTensors, 0);
});

test.serial('reconstructions are images with the names of those they aim at', async t => {
	const train = colouredImages('train', {classes: 3, perClass: 1, size: untrainedSize});
	const {outputs: {selected: latents}} = await select();
	const {outputs: {images}, leakedTensors, digests} = await perform(reconstruction, {latents, generator, train}, {});
	t.deepEqual(images.shape, [6, untrainedSize, untrainedSize, 3]);
	t.deepEqual(images.labels, latents.targetClasses);
	t.deepEqual(images.identities, train.identities);
	t.is(leakedTensors, 0);
	// Nothing is drawn at random here: the seed does not matter.
	t.deepEqual((await perform(reconstruction, {latents, generator, train}, {}, {seed: 'other'})).digests, digests);
});

const seeded = test.macro({
	async exec(t, act: (seed?: string) => Promise<{readonly digests: Readonly<Record<string, string>>}>) {
		const {digests} = await act();
		t.deepEqual((await act()).digests, digests);
		t.notDeepEqual((await act('other')).digests, digests);
	},
	title: (name = '') => `${name} follows from its seed, to the byte`,
});

test.serial('the pool', seeded, draw);
test.serial('sampling', seeded, sample);
test.serial('optimization', seeded, optimize);
test.serial('selection', seeded, select);

test.serial('a pool smaller than what sampling keeps is refused', async t => {
	const {outputs: {pool}} = await draw();
	await t.throwsAsync(async () => perform(sampling, {pool, generator, target}, {...samplingParams, perClass: 11}), {name: 'UserError', message: 'Sampling keeps 11 latents per class, but the pool has 10'});
});
