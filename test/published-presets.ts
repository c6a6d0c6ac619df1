import {cpSync, mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {classifier} from '../artifacts/classifier.ts';
import {readParams} from '../engine/params-file.ts';
import {initialClassifier} from '../models/initial-classifier.ts';
import {randomStream} from '../tensors/random.ts';
import {bytesOf} from './helpers/bytes.ts';
import {makeExperiment, root} from './helpers/experiment.ts';
import {pixmap} from './helpers/photographs.ts';

/** One cache for all, as a user has: what presets share is computed once. */
const experiment = makeExperiment();
const place = (name: string) => path.join(experiment.folder, name);
const people = ['actors/faces/Ann', 'actors/faces/Bob', 'actresses/faces/Cleo'];
const shots = 12;
const weights = (architecture: string) => place(`weights/${architecture}.safetensors`);

test.before(() => {
	mkdirSync(place('weights'));
	cpSync(path.join(root, 'test/fixtures/stylegan2-file.safetensors'), place('weights/prior.safetensors'));
	for (const architecture of ['target-small', 'evaluation-small', 'embedding-small', 'surrogate-small']) {
		writeFileSync(weights(architecture), bytesOf(classifier, initialClassifier(architecture, {numClasses: people.length, imageShape: [16, 16, 3]}, randomStream(architecture))));
	}

	const list: string[] = [];
	mkdirSync(place('celeba/img_align_celeba'), {recursive: true});
	for (const [person, folder] of people.entries()) {
		mkdirSync(place(`facescrub/${folder}`), {recursive: true});
		for (let shot = 0; shot < shots; shot++) {
			const image = pixmap((80 * person) + (5 * shot), [18, 18]);
			const number = (shot * people.length) + person;
			writeFileSync(place(`facescrub/${folder}/${shot}.ppm`), image);
			writeFileSync(place(`celeba/img_align_celeba/${number}.ppm`), image);
			list.push(`${number}.ppm ${person}\n`);
		}
	}

	writeFileSync(place('celeba/identity_CelebA.txt'), list.join(''));

	const private64 = Array.from({length: people.length * shots}, (_, number) => `${number}.png ${number % people.length}\n`);
	const public64 = Array.from({length: 20}, (_, number) => `${private64.length + number}.png\n`);
	mkdirSync(place('celeba-64/img_align_celeba_png'), {recursive: true});
	for (const [number] of [...private64, ...public64].entries()) {
		writeFileSync(place(`celeba-64/img_align_celeba_png/${number}.png`), pixmap(4 * number, [178, 218]));
	}

	writeFileSync(place('celeba-64/trainset.txt'), private64.slice(6).join(''));
	writeFileSync(place('celeba-64/testset.txt'), private64.slice(0, 6).join(''));
	writeFileSync(place('celeba-64/ganset.txt'), public64.join(''));
});

test.after.always(() => {
	experiment[Symbol.dispose]();
});

/** The same experiment with the smallest numbers of all. */
const small = {
	'dataset.size': 16,
	'target.architecture': 'target-small',
	'target.initial': weights('target-small'),
	'target.epochs': 2,
	'evaluation.imageSize': 16,
	'evaluation.architecture': 'evaluation-small',
	'evaluation.weights': weights('evaluation-small'),
	'embedding.imageSize': 16,
	'embedding.architecture': 'embedding-small',
	'embedding.weights': weights('embedding-small'),
	'surrogate.architecture': 'surrogate-small',
	'surrogate.initial': weights('surrogate-small'),
	'surrogate.epochs': 1,
	'latentPool.size': 12,
	'sampling.perClass': 4,
	'optimization.steps': 2,
	'selection.keepPerClass': 2,
	'selection.views': 2,
	'tsne.perplexity': 3,
	'tsne.iterations': 20,
	'gradientSimilarity.samples': 4,
	'gradientSimilarity.steps': 2,
	// Without the network of the FID, which has one size.
	metrics: {fidInput: 'official', neighbours: 1, prdcDefinition: 'official'},
};

const stylegan = {importedGenerator: {weights: place('weights/prior.safetensors'), crop: 14, resize: 16}};

/** The data set of a preset and its image prior, of the smallest size. */
function worldOf(name: string) {
	if (name === 'celeba-64') {
		return {
			'dataset.path': place('celeba-64'), 'generator.components': 4, 'generator.latentSize': 3, 'generator.hidden': 8, 'generator.steps': 2,
		};
	}

	return name.startsWith('celeba') ? {...stylegan, 'dataset.path': place('celeba'), 'dataset.identities': people.length} : {...stylegan, 'dataset.path': place('facescrub')};
}

/** Presets and which of their variants are enough, all when none is named: the others differ in a number alone. */
const presets: Readonly<Record<string, readonly string[]>> = {
	'facescrub-resnet152': ['standard', 'negative'],
	'facescrub-resnext50': [],
	'facescrub-densenet121': [],
	'facescrub-defences': ['standard', 'mid-0.001', 'bido-0.05-0.5'],
	'facescrub-samples': ['standard', 'negative-10'],
	'facescrub-sampling': [],
	'facescrub-selection': [],
	'celeba-64': [],
	'celeba-resnet152': ['standard', 'negative'],
	'celeba-resnext50': ['standard', 'negative'],
	'celeba-densenet121': ['standard', 'negative'],
	'celeba-defences': ['standard', 'mid-0.005'],
	'celeba-samples': ['standard', 'negative-10'],
};

for (const [name, enough] of Object.entries(presets)) {
	test.serial(`${name} runs in miniature`, async t => {
		const file = path.join(root, 'presets', `${name}.json`);
		const all = Object.entries(readParams(file).variants as Readonly<Record<string, Readonly<Record<string, unknown>>>>);
		const chosen = enough.length === 0 ? all : all.filter(([variant]) => enough.includes(variant));
		// Where the paper keeps all that it optimized, so do we.
		const kept = name === 'facescrub-sampling' ? small['sampling.perClass'] : small['selection.keepPerClass'];
		const settings = Object.entries({...small, ...worldOf(name), 'selection.keepPerClass': kept, variants: Object.fromEntries(chosen)}).flatMap(([key, value]) => ['--set', `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`]);
		const {exitCode, stderr} = await experiment.run(['--params', file, ...settings]);
		t.log(stderr);
		t.is(exitCode, 0);
		t.regex(stderr, /^(?:(?:ran|reused) +report |\d+ reused in )/m);
	});
}
