import test from 'ava';
import {calibration} from '../../stages/86-calibration.ts';
import {embedding} from '../../stages/91-embedding.ts';
import {featureDistances} from '../../stages/83-feature-distances.ts';
import {gradientCosines} from '../../stages/84-gradient-cosines.ts';
import {gradientSimilarity} from '../../stages/92-gradient-similarity.ts';
import {reliability} from '../../stages/93-reliability.ts';
import {stageAblations} from '../../stages/94-stage-ablations.ts';
import {study} from '../../stages/95-study.ts';
import {startMetrics} from '../../stages/79-start-metrics.ts';
import {imagePredictions} from '../../stages/72-image-predictions.ts';
import {tsne} from '../../stages/82-tsne.ts';
import {predictions} from '../../artifacts/predictions.ts';
import type {Classifier} from '../../artifacts/classifier.ts';
import {useBackend} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';
import {bytesOf} from '../helpers/bytes.ts';
import {colouredImages, metricsOf} from '../helpers/report.ts';
import {perform} from '../helpers/stage.ts';
import {untrainedClassifier, untrainedGenerator, untrainedSize} from '../helpers/untrained.ts';

const target = untrainedClassifier('target');
const train = colouredImages('train', {classes: 3, perClass: 4, size: untrainedSize});
const tsneParams = {classes: 2, perplexity: 3, earlyExaggeration: 12, learningRate: 10, iterations: 20, seed: 42};
const pool = {latents: randomStream('pool').normals(15), latentSize: 3};
const cosineParams = {samples: 4, steps: 3, losses: ['poincare', 'cross-entropy'] as Array<'poincare' | 'cross-entropy'>, point: 'view' as const, randomCrop: true, learningRate: 0.05, beta1: 0.1, beta2: 0.1, cropScale: [0.9, 1] as [number, number], batchSize: 3};
const pageParams = {baseline: 'standard', variants: [{name: 'standard', alpha: 0}, {name: 'positive', alpha: 0.1}], seed: 1, params: {}};
const both = <Value>(value: Value) => ({standard: value, positive: value});

const ask = async (model: Classifier, ...keep: Array<'logits' | 'features'>) => perform(imagePredictions, {model, images: train}, {keep});
const measureFeatures = async () => {
	const {outputs: {predictions: features}} = await ask(target, 'features');
	return {outputs: {features}};
};

const calibrate = async () => perform(calibration, {targetTest: (await ask(target, 'logits')).outputs.predictions}, {bins: 10});

const cosines = async (seed = 'seed') => perform(gradientCosines, {pool, generator: untrainedGenerator('generator'), target}, cosineParams, {seed});

test.before(async () => {
	await useBackend('wasm');
});

test.serial('what a model says is of every training image, comes back from bytes, and leaves no tensors', async t => {
	const {outputs: {predictions: said, backend}, leakedTensors, steps} = await ask(target, 'logits', 'features');
	t.deepEqual(said.labels, train.labels);
	t.is(said.logits.length, 12 * 3);
	t.is(said.features.length, 12 * 96);
	t.is(backend, 'wasm 4.22.0');
	t.deepEqual(predictions.decode(bytesOf(predictions, said)), said);
	t.deepEqual(steps, ['12/12 image']);
	t.is(leakedTensors, 0);
	t.deepEqual((await ask(target, 'logits')).outputs.predictions, {...said, features: new Float32Array()});
});

test.serial('the layout shows the first classes and follows from its own seed, not from the run\'s', async t => {
	const {outputs: {features}} = await measureFeatures();
	const {outputs: {projection}, digests} = await perform(tsne, {features}, tsneParams);
	t.deepEqual(projection.labels, [0, 0, 0, 0, 1, 1, 1, 1]);
	t.deepEqual((await perform(tsne, {features}, tsneParams, {seed: 'other'})).digests, digests);
	t.notDeepEqual((await perform(tsne, {features}, {...tsneParams, seed: 43})).digests, digests);
	t.is((await perform(tsne, {features}, {...tsneParams, classes: 100})).outputs.projection.x.length, 12);
});

test.serial('gradient similarity follows from the seed, to the byte, and leaves no tensors', async t => {
	const {outputs: {similarity}, digests, leakedTensors, steps} = await cosines();
	t.deepEqual(similarity.curves.map(({loss, mean}) => [loss, mean.length]), [['poincare', 2], ['cross-entropy', 2]]);
	t.is(steps.at(-1), '12/12 step');
	t.is(leakedTensors, 0);
	t.deepEqual((await cosines()).digests, digests);
	t.notDeepEqual((await cosines('other')).digests, digests);
});

test.serial('calibration and starts are finite', async t => {
	const calibrated = await calibrate();
	t.is(calibrated.outputs.reliability.bins.reduce((sum, {count}) => sum + count, 0), 12);
	const [{outputs: {predictions: initial}}, {outputs: {predictions: faces}}] = [await ask(untrainedClassifier('evaluation'), 'logits', 'features'), await ask(untrainedClassifier('embedding', {architecture: 'embedding-small'}), 'features')];
	const started = await perform(startMetrics, {initial, initialFeatures: initial, train: initial, initialFaces: faces, trainFaces: faces}, {});
	// Every image is its own nearest.
	t.is(started.outputs.metrics.faceDistance, 0);
	t.true(started.outputs.metrics.evaluationConfidence > 0 && started.outputs.metrics.evaluationConfidence < 1);
});

test.serial('pages are made from the results of all variants, in whatever order they come', async t => {
	const {outputs: {features}} = await measureFeatures();
	const {outputs: {distances}} = await perform(featureDistances, {features}, {});
	const {outputs: {projection}} = await perform(tsne, {features}, tsneParams);
	const {outputs: {similarity}} = await cosines();
	const {outputs: {reliability: measured}} = await calibrate();
	const backend = both('wasm 4.22.0');
	const context = {digests: {distances: {standard: 'd1', positive: 'd2'}}};
	const embedded = await perform(embedding, {distances: both(distances), projection: both(projection), backend}, pageParams, context);
	t.true(embedded.outputs.page.includes('pipeline show d2'));
	t.is(embedded.outputs.csv.split('\r\n').length, 26);
	t.is((await perform(gradientSimilarity, {similarity: both(similarity), backend}, pageParams)).outputs.table.rows.length, 4);
	t.is((await perform(reliability, {reliability: both(measured), backend}, pageParams)).outputs.table.rows.length, 2);
	const reordered = {...pageParams, variants: pageParams.variants.toReversed()};
	t.deepEqual((await perform(embedding, {distances: both(distances), projection: both(projection), backend}, reordered, context)).digests, embedded.digests);
});

test('ablations are tables, CSV and a page', async t => {
	const start = {accuracyTop1: 0.3, evaluationConfidence: 0.2, faceDistance: 0.8, evaluationDistance: 8};
	const runs = Object.entries({standard: 0, positive: 0.1}).map(([name, samplingAlpha]) => ({name, samplingAlpha, optimizationAlpha: 0, selectionAlpha: 0, hasSelection: false, patch: {}}));
	const {standard, positive} = metricsOf;
	const {outputs: {tables, csv, page}} = await perform(stageAblations, {metrics: {standard, positive}, start: both(start), backend: both('wasm 4.22.0')}, {runs, seed: 1, params: {}});
	t.deepEqual(tables.map(({rows}) => rows.length), [4, 2]);
	t.is(csv.split('\r\n').length, 6);
	t.true(page.includes('wasm 4.22.0'));
});

test.serial('a study has every table and figure on one page, analyses of the compared variants alone, and the numbers of all', async t => {
	const {outputs: {features}} = await measureFeatures();
	const {outputs: {distances}} = await perform(featureDistances, {features}, {});
	const {outputs: {projection}} = await perform(tsne, {features}, tsneParams);
	const {outputs: {similarity}} = await cosines();
	const {outputs: {reliability: measured}} = await calibrate();
	const selected = {'surrogate.reconstructions': 'selected'};
	const patches: Record<string, {readonly patch: Record<string, unknown>; readonly alpha?: number; readonly samplingAlpha?: number; readonly hasSelection?: boolean}> = {
		standard: {patch: {}},
		positive: {patch: {'target.alpha': 0.1}, alpha: 0.1, samplingAlpha: 0.1},
		plain: {patch: {...selected, 'selection.keepPerClass': 9}, hasSelection: false},
		ablated: {patch: {...selected, 'selection.keepPerClass': 9, 'sampling.target': {alpha: 0.1}}, samplingAlpha: 0.1, hasSelection: false},
	};
	const all = <Value>(valueOf: (name: string) => Value) => Object.fromEntries(Object.keys(patches).map(name => [name, valueOf(name)]));
	const {outputs: {tables, csv, page}} = await perform(study, {
		metrics: all(name => (name === 'positive' ? metricsOf.positive : metricsOf.standard)),
		start: all(() => ({accuracyTop1: 0.3, evaluationConfidence: 0.2, faceDistance: 0.8, evaluationDistance: 8})),
		images: all(name => colouredImages(name, {classes: 3, perClass: 2, size: untrainedSize})),
		train: all(() => train),
		distances: both(distances),
		projection: both(projection),
		similarity: both(similarity),
		reliability: both(measured),
		backend: all(() => 'wasm 4.22.0'),
	}, {
		...pageParams,
		studied: Object.entries(patches).map(([name, {patch, alpha = 0, samplingAlpha = 0, hasSelection = true}]) => ({name, alpha, samples: 4, patch, samplingAlpha, optimizationAlpha: alpha, selectionAlpha: alpha, hasSelection})),
	}, {digests: {metrics: {standard: 'd1'}, similarity: {positive: 'd2'}, images: {standard: 'd3'}}});
	t.deepEqual([...page.matchAll(/<h2>(?<text>[^<]*)<\/h2>/gu)].map(match => match.groups?.text), [
		'Smoothing factors',
		'Smoothing factors beside the paper',
		'Another model chooses the starts',
		'The starts alone',
		'Distances inside and between classes',
		'Training images in the plane',
		'Gradients of consecutive steps',
		'Accuracy against confidence',
		'Reconstructions',
		'Where the numbers come from',
	]);
	t.deepEqual(tables.map(({rows}) => rows.length), [2, 1, 4, 2, 2, 4, 2]);
	t.deepEqual(csv.trim().split('\r\n').slice(1).map(line => line.split(',')[1]), ['standard', 'positive', 'plain', 'ablated']);
	t.true(page.includes('pipeline show d1') && page.includes('pipeline show d2') && !page.includes('pipeline show d3'));
});
