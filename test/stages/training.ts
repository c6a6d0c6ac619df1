import test from 'ava';
import type {Static} from '@sinclair/typebox';
import {embeddingTraining} from '../../stages/24-embedding-training.ts';
import {evaluationTraining} from '../../stages/22-evaluation-training.ts';
import {generatorTraining} from '../../stages/30-generator-training.ts';
import {surrogateTraining} from '../../stages/70-surrogate-training.ts';
import {targetTraining} from '../../stages/20-target-training.ts';
import {buildClassifier, predictLogits} from '../../models/classifier.ts';
import {accuracy} from '../../metrics/accuracy.ts';
import {useBackend} from '../../tensors/backend.ts';
import type {trainingParams} from '../../training/params.ts';
import {colouredImages} from '../helpers/report.ts';
import {perform} from '../helpers/stage.ts';

const images = colouredImages('train', {classes: 3, perClass: 4, size: 8});
const training: Static<typeof trainingParams> = {
	architecture: 'surrogate-small',
	alpha: 0,
	holdUntil: 0.15,
	fullFrom: 0.35,
	epochs: 2,
	batchSize: 5,
	learningRate: 0.002,
	learningRateDrops: [0.9],
	augmentation: {cropScale: [0.85, 1], flip: 0.5, brightness: 0.2, contrast: 0.2, saturation: 0.1},
};
const prior: Static<typeof generatorTraining.params> = {components: 4, latentSize: 3, hidden: 8, steps: 60, batchSize: 6, learningRate: 0.01, klWeight: 0.0005, weightExponent: 1.5, augmentCopies: 1};

test.before(async () => {
	await useBackend('wasm');
});

test.serial('every training of a classifier yields a classifier of the classes and a row per epoch', async t => {
	const results = {
		target: (await perform(targetTraining, {train: images}, training)).outputs,
		evaluation: (await perform(evaluationTraining, {train: images}, {...training, architecture: 'evaluation-small'})).outputs,
		embedding: (await perform(embeddingTraining, {images}, {...training, architecture: 'embedding-small'})).outputs,
		surrogate: (await perform(surrogateTraining, {reconstructions: images}, training)).outputs,
	};
	const classifiers = [results.target.target, results.evaluation.evaluation, results.embedding.embedding, results.surrogate.surrogate];
	t.deepEqual(classifiers.map(({architecture}) => architecture), ['surrogate-small', 'evaluation-small', 'embedding-small', 'surrogate-small']);
	t.deepEqual(classifiers.map(({numClasses}) => numClasses), [3, 3, 3, 3]);
	t.deepEqual(classifiers.map(({imageShape}) => imageShape), classifiers.map(() => [8, 8, 3] as const));
	for (const {history} of Object.values(results)) {
		t.is(history.unit, 'epoch');
		t.true(Object.values(history.columns).every(column => column.length === 2 && column.every(value => Number.isFinite(value))));
	}
});

test.serial('training follows from its seed, to the byte', async t => {
	const first = await perform(targetTraining, {train: images}, training);
	t.deepEqual((await perform(targetTraining, {train: images}, training)).digests, first.digests);
	t.not((await perform(targetTraining, {train: images}, training, {seed: 'other'})).digests.target, first.digests.target);
	t.is(first.leakedTensors, 0);
	t.deepEqual(first.steps, ['1/6 step', '2/6 step', '3/6 step', '4/6 step', '5/6 step', '6/6 step']);
});

test.serial('the smoothing factor changes the model and is in its history', async t => {
	const alphas = async (alpha: number) => perform(targetTraining, {train: images}, {...training, alpha, epochs: 4, holdUntil: 0.25, fullFrom: 0.75});
	const [standard, negative] = [await alphas(0), await alphas(-0.05)];
	t.not(standard.digests.target, negative.digests.target);
	t.deepEqual([negative.outputs.history.columns.alpha?.[0], negative.outputs.history.columns.alpha?.at(-1)], [0, -0.05]);
});

test.serial('a defence is in the target model, follows from the seed and leaves no tensors behind', async t => {
	const defended = async (defense: Static<typeof targetTraining.params>['defense']) => perform(targetTraining, {train: images}, {...training, ...(defense && {defense})});
	const plain = await defended(undefined);
	const mid = {kind: 'mid', lambda: 0.01, noiseAtEvaluation: false, width: 6} as const;
	const bido = {
		kind: 'bido', lambdaX: 0.05, lambdaY: 0.5, labelKernel: 'gaussian', sigma: 5, epsilon: 1e-5,
	} as const;
	for (const defense of [mid, bido]) {
		const {outputs, digests, leakedTensors} = await defended(defense);
		t.deepEqual((await defended(defense)).digests, digests);
		t.not(digests.target, plain.digests.target);
		t.is(leakedTensors, 0);
		t.deepEqual(outputs.target.bottleneck, defense === mid ? {noiseAtEvaluation: false} : undefined);
		t.deepEqual(outputs.target.weights['bottleneck/kernel']?.shape, defense === mid ? [96, 12] : undefined);
	}
});

test.serial('a trained target model knows its images', async t => {
	const {outputs: {target}} = await perform(targetTraining, {train: images}, {...training, epochs: 12});
	using network = buildClassifier(target);
	t.is(accuracy(await predictLogits(network, images, {batchSize: 12}), images.labels), 1);
});

test.serial('an unknown architecture is refused with those there are', async t => {
	await t.throwsAsync(async () => perform(targetTraining, {train: images}, {...training, architecture: 'resnet'}), {name: 'UserError', message: 'There is no architecture "resnet"'});
});

test.serial('the generator has the params\' sizes and no more components than the images allow', async t => {
	const {outputs: {generator, history}, leakedTensors} = await perform(generatorTraining, {images}, prior);
	t.is(generator.latentSize, 3);
	t.deepEqual(generator.imageShape, [8, 8, 3]);
	t.deepEqual(generator.weights.basis?.shape, [4, 8 * 8 * 3]);
	t.true(Object.values(history.columns).every(column => column.every(value => Number.isFinite(value))));
	t.is(leakedTensors, 0);
});

test.serial('the generator follows from its seed, to the byte', async t => {
	const {digests} = await perform(generatorTraining, {images}, prior);
	t.deepEqual((await perform(generatorTraining, {images}, prior)).digests, digests);
	t.not((await perform(generatorTraining, {images}, prior, {seed: 'other'})).digests.generator, digests.generator);
});
