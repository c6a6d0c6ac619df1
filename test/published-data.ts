import {Buffer} from 'node:buffer';
import {cpSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {classifier} from '../artifacts/classifier.ts';
import {initialClassifier} from '../models/initial-classifier.ts';
import {randomStream} from '../tensors/random.ts';
import {bytesOf} from './helpers/bytes.ts';
import {makeExperiment, root} from './helpers/experiment.ts';

const experiment = makeExperiment();
const place = (name: string) => path.join(experiment.folder, name);

/** A square of one colour per person, a little brighter with every photograph. */
function photograph(person: number, shot: number): Buffer {
	const pixels = Buffer.alloc(18 * 18 * 3, 0);
	for (let offset = 0; offset < pixels.length; offset++) {
		pixels[offset] = ((40 * person) + (3 * shot) + (offset % 3 === person % 3 ? 90 : 0)) % 256;
	}

	return Buffer.concat([Buffer.from('P6 18 18 255\n'), pixels]);
}

const people = ['actors/faces/Ann', 'actors/faces/Bob', 'actresses/faces/Cleo', 'actresses/faces/Dora'];
const shots = 10;

test.before(() => {
	mkdirSync(place('weights'));
	cpSync(path.join(root, 'test/fixtures/stylegan2-file.safetensors'), place('weights/prior.safetensors'));
	writeFileSync(place('weights/embedding.safetensors'), bytesOf(classifier, initialClassifier('embedding-small', {numClasses: 5, imageShape: [16, 16, 3]}, randomStream('embedding'))));
	const list: string[] = [];
	for (const [person, folder] of people.entries()) {
		mkdirSync(place(`facescrub/${folder}`), {recursive: true});
		mkdirSync(place('celeba/img_align_celeba'), {recursive: true});
		for (let shot = 0; shot < shots; shot++) {
			const bytes = photograph(person, shot);
			const number = String((shot * people.length) + person + 1).padStart(6, '0');
			writeFileSync(place(`facescrub/${folder}/${shot}.ppm`), bytes);
			writeFileSync(place(`celeba/img_align_celeba/${number}.png`), bytes);
			list.push(`${number}.jpg ${person + 7}`);
		}
	}

	writeFileSync(place('celeba/identity_CelebA.txt'), `${list.toSorted().join('\n')}\n`);
});

test.after.always(() => {
	experiment[Symbol.dispose]();
});

const imported = {
	importedGenerator: {weights: place('weights/prior.safetensors'), crop: 14, resize: 16},
	'embedding.weights': place('weights/embedding.safetensors'),
};
const data = (kind: string, more: object) => ({kind, path: place(kind), size: 16, skipCorrupt: false, officialSplit: {numpySeed: 42, trainShare: 0.8}, ...more});
const argumentsOf = (settings: object) => ['--params', path.join(root, 'presets/miniature.json'), ...Object.entries({
	variants: {standard: {'target.alpha': 0}, negative: {'target.alpha': -0.05}},
	'subsample.onShort': 'accept',
	'latentPool.numpySeed': 42,
	...settings,
}).flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`])];

for (const [kind, more] of [['facescrub', {}], ['celeba', {identities: 4}]] as const) {
	test.serial(`the experiment runs on a folder of the form of ${kind}, with models that others trained`, async t => {
		const {exitCode, stderr, ran, reused} = await experiment.report(argumentsOf({dataset: data(kind, more), ...imported}));
		t.is(stderr, '');
		t.is(exitCode, 0);
		t.true([kind, 'image-split', 'target-training@negative', 'metrics@negative', 'report'].every(name => ran.includes(name)));
		t.true(['embedding-import', 'imported-generator'].every(name => [...ran, ...reused].includes(name)));
		t.false(ran.some(node => /^(?:embedding|generator)-training|identity-split/.test(node)));
		const {rows} = JSON.parse(readFileSync(place('reports/miniature/results.json'), 'utf8')) as {rows: unknown[]};
		t.is(rows.length, 2);
	});
}

test.serial('without models that others trained, it says what is missing', async t => {
	const {exitCode, stderr} = await experiment.run(argumentsOf({dataset: data('facescrub', {}), 'embedding.weights': imported['embedding.weights']}));
	t.is(exitCode, 2);
	t.is(stderr, 'error Nobody in this data set is public, so nothing can be trained on public people\nName a file in "importedGenerator", as the paper\'s attacker does, who took models that others had trained.');
});

test.serial('a data set without its split is refused', async t => {
	const {officialSplit: _, ...dataset} = data('facescrub', {});
	const {exitCode, stderr} = await experiment.run(argumentsOf({dataset, ...imported}));
	t.is(exitCode, 2);
	t.regex(stderr, /"dataset\.officialSplit" is missing/);
});
