import {readdirSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {readParams} from '../engine/params-file.ts';
import {root} from './helpers/experiment.ts';

type Section = Readonly<Record<string, unknown>>;

type Preset = {readonly seed: number; readonly goals?: readonly string[]; readonly variants: Readonly<Record<string, Section>>; readonly target: Section; readonly surrogate: Section; readonly evaluation: Section; readonly embedding: Section; readonly importedGenerator: Section};

const read = (name: string) => readParams(path.join(root, 'presets', `${name}.json`)) as unknown as Preset;

/** Weights that others trained, by the file that the paper's authors took (section 4.1 of the specification). */
const imageNet = {
	resnet152: 'resnet152-f82ba261.pth', resnext50_32x4d: 'resnext50_32x4d-1a0047aa.pth', densenet121: 'densenet121-a639ec97.pth', resnet50: 'resnet50-11ad3fa6.pth',
};

/** The settings of the paper that both data sets share (section numbers of the specification). */
const shared = {
	// 2.3, 3.4, 4.2
	target: {
		alpha: 0, smoothingRamp: 'official', holdUntil: 0.5, fullFrom: 0.75, epochs: 100, batchSize: 128, lastBatch: 'kept', optimizer: 'adam', learningRate: 1e-3, learningRateDrops: [0.75, 0.9],
		augmentation: {cropScale: [0.85, 1], crops: 'whole', flip: 0.5, brightness: 0.2, contrast: 0.2, saturation: 0.1, hue: 0.1},
	},
	// 4.3
	evaluation: {
		architecture: 'inception_v3', imageSize: 299, inputTransform: 'measured', alpha: 0, epochs: 100, batchSize: 128, lastBatch: 'kept', optimizer: 'adam', learningRate: 1e-3,
		augmentation: {cropScale: [0.85, 1], crops: 'whole', flip: 0.5, brightness: 0.2, contrast: 0.2, saturation: 0.1, hue: 0.1},
	},
	// 5.2
	sampling: {perClass: 200, scoredImage: 'official', views: 'mirrored', batchSize: 25},
	// 5.3
	optimization: {loss: 'poincare', learningRate: 0.005, beta1: 0.1, beta2: 0.1, cropScale: [0.9, 1], batchSize: 25, draws: 'batch'},
	// 5.4
	selection: {keepPerClass: 50, views: 100, cropScale: [0.5, 0.9], cropAspect: [0.8, 1.2], flip: 0.5, draws: 'class'},
	// 6, knowledge extraction
	surrogate: {
		reconstructions: 'selected', architecture: 'resnet50', alpha: 0, epochs: 75, batchSize: 32, lastBatch: 'kept', optimizer: 'sgd', momentum: 0.9, weightDecay: 1e-4, learningRate: 0.1,
		learningRateSchedule: 'cosine', learningRateMinimum: 1e-4, augmentation: {cropScale: [0.8, 1], crops: 'whole', draws: 'batch', flip: 0.5, brightness: 0, contrast: 0, saturation: 0},
	},
	// 6
	// eslint-disable-next-line no-template-curly-in-string
	metrics: {trainingImages: 'all', fid: {weights: '${FID_WEIGHTS:-weights-files/pt_inception-2015-12-05-6726825d.pth}'}, fidInput: 'official', neighbours: 3, prdcDefinition: 'official'},
	calibration: {bins: 10},
	// 7
	tsne: {classes: 100, perplexity: 30, earlyExaggeration: 12, learningRate: 200, iterations: 1000, seed: 42},
	gradientSimilarity: {samples: 1000, steps: 50, losses: ['poincare'], point: 'view', randomCrop: true},
	comparison: {baseline: 'standard', advantage: 'relative'},
	// 3.1 to 3.3: everything that is not the tests'
	subsample: {perClass: 10_000, onShort: 'accept'},
};

const settings = {
	facescrub: {
		...shared,
		dataset: {kind: 'facescrub', size: 224, officialSplit: {numpySeed: 42, trainShare: 0.9}},
		evaluation: {...shared.evaluation, learningRateDrops: [0.8]},
		latentPool: {size: 2000, numpySeed: 42, truncation: {psi: 0.5, cutoff: 8}},
		optimization: {...shared.optimization, steps: 50},
	},
	celeba: {
		...shared,
		dataset: {kind: 'celeba', size: 224, identities: 1000, officialSplit: {numpySeed: 42, trainShare: 0.9}},
		evaluation: {...shared.evaluation, learningRateDrops: [0.75, 0.9]},
		latentPool: {size: 5000, numpySeed: 42, truncation: {psi: 0.5, cutoff: 8}},
		optimization: {...shared.optimization, steps: 70},
	},
};

const architectures = {
	'facescrub-resnet152': 'resnet152',
	'facescrub-resnext50': 'resnext50_32x4d',
	'facescrub-densenet121': 'densenet121',
	'facescrub-defences': 'resnet152',
	'facescrub-samples': 'resnet152',
	'facescrub-sampling': 'resnet152',
	'facescrub-selection': 'resnet152',
	'celeba-resnet152': 'resnet152',
	'celeba-resnext50': 'resnext50_32x4d',
	'celeba-densenet121': 'densenet121',
	'celeba-defences': 'resnet152',
	'celeba-samples': 'resnet152',
} as const;

test('every preset of the paper is looked at', t => {
	t.deepEqual(readdirSync(path.join(root, 'presets')).filter(name => /^(?:facescrub|celeba)-/.test(name)).map(name => path.parse(name).name).toSorted(), ['celeba-64', ...Object.keys(architectures)].toSorted());
});

for (const [name, architecture] of Object.entries(architectures)) {
	const dataset = name.startsWith('celeba') ? 'celeba' : 'facescrub';
	test(`${name} has the settings of the paper`, t => {
		const params = read(name);
		// Tables 5 and 6 have sizes of their own.
		const {latentPool, sampling, selection, ...others} = settings[dataset];
		t.is(params.seed, 42);
		for (const [section, expected] of Object.entries(name === 'facescrub-sampling' ? others : {...others, latentPool, sampling, selection})) {
			t.like((params as unknown as Record<string, Section>)[section], expected);
		}

		t.is(params.target.architecture, architecture);
		t.true(String(params.target.initial).endsWith(`:-weights-files/${imageNet[architecture]}}`));
		t.true(String(params.surrogate.initial).endsWith(`:-weights-files/${imageNet.resnet50}}`));
		t.is(params.evaluation.weights, `\${${dataset.toUpperCase()}_EVALUATION_WEIGHTS:-weights-files/inception_v3_${dataset}.pt}`);
		t.like(params.embedding, {architecture: 'inception_resnet_v1', imageSize: 160, weights: '${FACENET_WEIGHTS:-weights-files/20180402-114759-vggface2.pt}'}); // eslint-disable-line no-template-curly-in-string
		t.like(params.importedGenerator, {crop: 800, resize: 224});
	});
}

test('celeba-64 has the target model of the low-resolution attacks', t => {
	const {target, evaluation, embedding, variants, ...params} = read('celeba-64');
	t.like(params, {seed: 42, dataset: {kind: 'celeba-64', size: 64}, importedGenerator: undefined});
	// 3.5, 4.6 and 4.7: nothing but flips, no weight decay, the last batch left out.
	t.like(target, {
		architecture: 'vgg16_bn', smoothingRamp: 'official', holdUntil: 0.5, fullFrom: 0.75, epochs: 100, batchSize: 64, lastBatch: 'dropped', optimizer: 'sgd', momentum: 0.9, weightDecay: 0,
		learningRate: 0.01, learningRateDrops: [0.5, 0.75], augmentation: {cropScale: [1, 1], flip: 0.5, brightness: 0, contrast: 0, saturation: 0},
	});
	t.true(String(target.initial).endsWith(':-weights-files/vgg16_bn-6c64b313.pth}'));
	t.like(evaluation, {architecture: 'ir50', imageSize: 112, epochs: 30, optimizer: 'sgd', momentum: 0.9, learningRate: 0.01, weightDecay: 1e-4});
	t.like(embedding, {architecture: 'inception_resnet_v1', imageSize: 160});
	t.like(params, {metrics: {trainingImages: 'all', neighbours: 3}});
	t.deepEqual(variants, three);
});

const alphas = {positive: 0.1, standard: 0, negative: -0.05};
const three = Object.fromEntries(Object.entries(alphas).map(([name, alpha]) => [name, {'target.alpha': alpha}]));

test('Table 2: the smoothing factors', t => {
	const {variants} = read('facescrub-resnet152');
	t.deepEqual(Object.values(variants).map(patch => patch['target.alpha']), [0.3, 0.2, 0.1, 0, -0.005, -0.01, -0.05]);
	for (const name of ['facescrub-resnext50', 'facescrub-densenet121', 'celeba-resnet152', 'celeba-resnext50', 'celeba-densenet121']) {
		t.deepEqual(read(name).variants, three);
	}
});

test('Table 3: the defences', t => {
	const defencesOf = (name: string) => Object.values(read(name).variants).flatMap(patch => patch['target.defense'] ?? []);
	const mid = (...lambdas: number[]) => lambdas.map(lambda => ({kind: 'mid', lambda, width: 1024}));
	const bido = (...lambdas: number[]) => lambdas.map(lambdaY => ({kind: 'bido', lambdaX: 0.05, lambdaY}));
	t.deepEqual(defencesOf('facescrub-defences'), [...mid(0.001, 0.005, 0.01), ...bido(0.5, 1, 2.5)]);
	t.deepEqual(defencesOf('celeba-defences'), [...mid(0.005, 0.01), ...bido(0.5, 1)]);
});

test('Table 4: few samples', t => {
	const expected = (...counts: number[]) => counts.flatMap(count => Object.values(alphas).map(alpha => ({'target.alpha': alpha, 'subsample.perClass': count})));
	t.deepEqual(Object.values(read('facescrub-samples').variants).slice(1), expected(10, 20, 30, 40, 50));
	t.deepEqual(Object.values(read('celeba-samples').variants).slice(1), expected(10, 20, 30));
});

test('Tables 5 and 6: another model samples or optimizes, and all that is optimized is kept', t => {
	const preset = read('facescrub-sampling');
	t.like(preset, {goals: ['stage-ablations'], latentPool: {size: 10_000}, sampling: {perClass: 50}, selection: {keepPerClass: 50}, optimization: {steps: 50}});
	t.deepEqual(preset.variants, {
		standard: {'target.alpha': 0},
		'sampled-by-positive': {'sampling.target': {alpha: 0.1}},
		'sampled-by-negative': {'sampling.target': {alpha: -0.05}},
		'optimized-by-positive': {'optimization.target': {alpha: 0.1}},
		'optimized-by-negative': {'optimization.target': {alpha: -0.05}},
	});
});

test('Table 7: another model selects', t => {
	const {variants, goals} = read('facescrub-selection');
	t.deepEqual(goals, ['stage-ablations']);
	t.deepEqual(variants, {
		standard: {'target.alpha': 0},
		negative: {'target.alpha': -0.05},
		'standard-selected-by-positive': {'selection.target': {alpha: 0.1}},
		'standard-selected-by-negative': {'selection.target': {alpha: -0.05}},
		'negative-selected-by-positive': {'target.alpha': -0.05, 'selection.target': {alpha: 0.1}},
		'negative-selected-by-standard': {'target.alpha': -0.05, 'selection.target': {alpha: 0}},
	});
});
