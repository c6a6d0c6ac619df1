import {Buffer} from 'node:buffer';
import {cpSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {classifier} from '../artifacts/classifier.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {predictions} from '../artifacts/predictions.ts';
import {initialClassifier} from '../models/initial-classifier.ts';
import {randomStream} from '../tensors/random.ts';
import {bytesOf} from './helpers/bytes.ts';
import {start} from './helpers/cli.ts';
import {makeExperiment, root} from './helpers/experiment.ts';

/*
The target model, the evaluation model and the embedding model each read images of a size of their own.
*/

const experiment = makeExperiment();
const place = (name: string) => path.join(experiment.folder, name);
const people = ['Ann', 'Bob', 'Cleo', 'Dora', 'Eve', 'Finn'];
const shots = 9;

/** Noise around a colour of the person; wider than high, so that the middle is cut out. */
function photograph(person: number, shot: number): Buffer {
	const stream = randomStream(`photograph ${person} ${shot}`);
	const pixels = Buffer.from(Array.from({length: 44 * 40 * 3}, (_, offset) => Math.floor((30 * ((person + offset) % 6)) + stream.uniform(0, 60))));
	return Buffer.concat([Buffer.from('P6 44 40 255\n'), pixels]);
}

test.before(() => {
	mkdirSync(place('weights'));
	cpSync(path.join(root, 'test/fixtures/stylegan2-file.safetensors'), place('weights/prior.safetensors'));
	writeFileSync(place('weights/embedding.safetensors'), bytesOf(classifier, initialClassifier('embedding-small', {numClasses: 5, imageShape: [20, 20, 3]}, randomStream('embedding'))));
	for (const [index, person] of people.entries()) {
		mkdirSync(place(`people/${person}`), {recursive: true});
		for (let shot = 0; shot < shots; shot++) {
			writeFileSync(place(`people/${person}/${shot}.ppm`), photograph(index, shot));
		}
	}
});

test.after.always(() => {
	experiment[Symbol.dispose]();
});

const args = ['--params', path.join(root, 'presets/miniature.json'), ...Object.entries({
	variants: {standard: {'target.alpha': 0}, negative: {'target.alpha': -0.05}},
	dataset: {kind: 'folder', path: place('people'), size: 16, colour: 'rgb', skipCorrupt: false, privateIdentities: 4, testPerIdentity: 3},
	'subsample.perClass': 4,
	importedGenerator: {weights: place('weights/prior.safetensors'), crop: 14, resize: 16},
	'evaluation.imageSize': 24,
	'embedding.imageSize': 20,
	'embedding.weights': place('weights/embedding.safetensors'),
}).flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`])];

async function shown(output: string): Promise<Uint8Array> {
	const file = place(`shown-${output}`);
	const {exitCode, stderr} = await start(root, ['show', output, ...args, '--cache', place('cache'), '--backend', 'wasm', '--to', file]).ended();
	if (exitCode !== 0) {
		throw new Error(stderr);
	}

	return readFileSync(file);
}

test.serial('every model reads images of its own size, and no image of a size is made twice', async t => {
	const {exitCode, stderr, warnings, ran} = await experiment.report(args);
	t.is(stderr, '');
	t.is(exitCode, 0);
	t.deepEqual(warnings, []);
	t.deepEqual(ran.filter(node => /^(?:image-folder|subsample|evaluation-on-train|embedding-on-train)/.test(node)), ['embedding-on-train', 'evaluation-on-train', 'image-folder', 'image-folder-20', 'image-folder-24', 'subsample', 'subsample-20', 'subsample-24']);
	const sideOf = async (output: string) => classifier.decode(await shown(output)).imageShape[0];
	t.deepEqual([await sideOf('target-training@standard.target'), await sideOf('evaluation-training.evaluation'), await sideOf('embedding-import.model')], [16, 24, 20]);
	t.is(imageSet.decode(await shown('reconstruction@standard.images')).shape[1], 16);
});

test.serial('at every size the same images are for training, for testing, and of the same people', async t => {
	for (const [node, output] of [['identity-split', 'private'], ['identity-split', 'public'], ['image-split', 'train'], ['image-split', 'test'], ['subsample', 'subset']] as const) {
		const [small, ...larger] = [imageSet.decode(await shown(`${node}.${output}`)), imageSet.decode(await shown(`${node}-20.${output}`)), imageSet.decode(await shown(`${node}-24.${output}`))];
		for (const {labels, identities, images, shape} of larger) {
			t.deepEqual({labels, identities}, {labels: small.labels, identities: small.identities});
			// The same photographs, by their mean colours.
			const length = (set: typeof shape) => set[1] * set[2] * 3;
			const means = (pixels: typeof images, size: number) => Array.from(labels, (_, index) => pixels.subarray(index * size, (index + 1) * size).reduce((sum, value) => sum + value, 0) / size);
			const [own, others] = [means(small.images, length(small.shape)), means(images, length(shape))];
			t.true(own.every((mean, index) => Math.abs(mean - others[index]!) < 1), `${node}.${output}`);
			t.true(new Set(own.map(mean => mean.toFixed(3))).size > labels.length / 2, 'photographs have different means');
		}
	}
});

test.serial('what the judges say is kept without images', async t => {
	const {labels, logits, features} = predictions.decode(await shown('evaluation-on-selected@standard.predictions'));
	t.deepEqual([labels.length, logits.length, features.length], [8, 8 * 4, 8 * 96]);
	const faces = predictions.decode(await shown('embedding-on-train.predictions'));
	t.deepEqual([faces.labels.length, faces.logits.length, faces.features.length], [16, 0, 16 * 64]);
});
