import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import test, {type ExecutionContext} from 'ava';
import {imageSet} from '../artifacts/image-set.ts';
import {makeExperiment, root} from './helpers/experiment.ts';
import {start} from './helpers/cli.ts';

/** The ORL Database of Faces: 40 people, 10 photographs each. */
const orlFaces = path.resolve(root, process.env.ORL_FACES ?? '../shared/data/orl-faces');
const preset = ['--params', path.join(root, 'presets/orl-faces.json')];

async function orlTest(t: ExecutionContext, check: (experiment: ReturnType<typeof makeExperiment>) => Promise<void>) {
	if (!existsSync(orlFaces)) {
		t.log(`Skipped: there are no photographs at ${orlFaces}; set ORL_FACES to where the ORL Database of Faces is.`);
		t.pass();
		return;
	}

	using experiment = makeExperiment();
	await check(experiment);
}

/** An output of a node as what it stands for. */
async function imagesOf(experiment: ReturnType<typeof makeExperiment>, output: string) {
	const file = path.join(experiment.folder, output);
	const {exitCode, stderr} = await start(root, ['show', output, ...preset, '--set', `dataset.path=${orlFaces}`, '--cache', path.join(experiment.folder, 'cache'), '--to', file]).ended();
	if (exitCode !== 0) {
		throw new Error(stderr);
	}

	return imageSet.decode(readFileSync(file));
}

test('photographs of real people are split into private and public people, training and test images', async t => {
	await orlTest(t, async experiment => {
		const {exitCode, ran} = await experiment.report(['subsample', ...preset, '--set', `dataset.path=${orlFaces}`]);
		t.is(exitCode, 0);
		t.deepEqual(ran, ['identity-split', 'image-folder', 'image-split', 'subsample']);
		const sets = {
			all: await imagesOf(experiment, 'image-folder.images'),
			public: await imagesOf(experiment, 'identity-split.public'),
			test: await imagesOf(experiment, 'image-split.test'),
			subset: await imagesOf(experiment, 'subsample.subset'),
		};
		t.deepEqual(sets.all.shape, [400, 32, 32, 1]);
		t.deepEqual(sets.public.shape, [200, 32, 32, 1]);
		t.deepEqual(sets.test.shape, [60, 32, 32, 1]);
		t.deepEqual(sets.subset.shape, [140, 32, 32, 1]);
		t.deepEqual([...sets.public.identities, ...sets.subset.identities].toSorted((a, b) => (a < b ? -1 : 1)), sets.all.identities);
		t.deepEqual(sets.test.identities, sets.subset.identities);
		t.deepEqual([...sets.subset.labels], Array.from({length: 140}, (_, index) => Math.floor(index / 7)));
	});
});

test('more training images than there are is refused with what to set', async t => {
	await orlTest(t, async experiment => {
		const {exitCode, stderr} = await experiment.run(['subsample', ...preset, '--set', `dataset.path=${orlFaces}`, '--set', 'subsample.perClass=8']);
		t.is(exitCode, 1);
		const {message} = failure(stderr);
		t.is(message[0], '20 classes have fewer than 8 training images');
		t.is(message.at(-1), 'Set "perClass" to at most 7, or "onShort" to "accept" to train with what there is.');
		t.true(message.includes('…: and 10 more'));
	});
});

/** Which node failed, and the lines of its message, which follow indented. */
function failure(stderr: string): {readonly node: string | undefined; readonly message: readonly string[]} {
	const lines = stderr.split('\n');
	const at = lines.findIndex(line => line.startsWith('failed'));
	const end = lines.findIndex((line, index) => index > at && !line.startsWith(' '));
	return {node: lines[at]?.split(/\s+/)[1], message: lines.slice(at + 1, end).map(line => line.trim())};
}

/** A greymap of one pixel. */
const grey = 'P2 1 1 255 9';
const small = ['--set', 'dataset.privateIdentities=2', '--set', 'dataset.testPerIdentity=1', '--set', 'subsample.perClass=1'];

/** Runs the data part on a folder of files. @returns the exit code, and all that was printed to stderr, with the folder as FOLDER */
async function runOn(contents: Readonly<Record<string, string>> | undefined, args: readonly string[] = []) {
	using experiment = makeExperiment();
	const folder = mkdtempSync(path.join(tmpdir(), 'photographs-'));
	try {
		for (const [name, content] of Object.entries(contents ?? {})) {
			mkdirSync(path.dirname(path.join(folder, name)), {recursive: true});
			writeFileSync(path.join(folder, name), content);
		}

		if (contents === undefined) {
			rmSync(folder, {recursive: true});
		}

		const {exitCode, stderr} = await experiment.run(['subsample', ...preset, '--set', `dataset.path=${folder}`, ...small, ...args]);
		const masked = stderr.replaceAll(folder, 'FOLDER').replaceAll(/ in [\d.]+ m?s\b/g, ' in TIME').trim();
		return {exitCode, stderr: masked, ...failure(masked)};
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}

/** Everyone with as many images as told. */
const people = (...counts: readonly number[]) => Object.fromEntries(counts.flatMap((count, person) =>
	Array.from({length: count}, (_, index) => [`p${person}/${index}.pgm`, grey])));

/** Whom the seed made private does not matter. */
const anyPerson = (line: string) => line.replace(/^p\d/, 'SOMEONE');

test('a folder that is not there is named', async t => {
	const {exitCode, stderr} = await runOn(undefined);
	t.is(exitCode, 2);
	t.is(stderr, 'error The folder "FOLDER" does not exist\nCheck the path in the params; a relative one starts at the folder of pipeline.ts.');
});

test('an empty folder is named', async t => {
	const {exitCode, stderr} = await runOn({});
	t.is(exitCode, 2);
	t.is(stderr, 'error The folder "FOLDER" holds no files\nCheck the path in the params; a relative one starts at the folder of pipeline.ts.');
});

test('a folder without people is named', async t => {
	const {exitCode, node, message} = await runOn({'a.pgm': grey});
	t.is(exitCode, 1);
	t.is(node, 'image-folder');
	t.deepEqual(message, [
		'No identity folders in "FOLDER"',
		'a.pgm: in no identity folder',
		'Put the images of each identity into a folder of their own: <folder>/<identity>/<image>.',
	]);
});

test('a damaged image is named with the reason, and what follows is skipped', async t => {
	const {exitCode, node, message, stderr} = await runOn({...people(2, 2, 2), 'p1/bad.png': 'no image'});
	t.is(exitCode, 1);
	t.is(node, 'image-folder');
	t.deepEqual(message, [
		'1 image of "FOLDER" cannot be decoded',
		'p1/bad.png: Input buffer contains unsupported image format',
		'Replace or remove them, or set "skipCorrupt" to true to leave them out.',
	]);
	t.deepEqual(stderr.split('\n').slice(-4).map(line => line.trim().replaceAll(/\s+/g, ' ')), [
		'skipped identity-split because of image-folder',
		'skipped image-split because of identity-split',
		'skipped subsample because of image-split',
		'1 failed, 3 skipped in TIME',
	]);
});

test('a damaged image that may be skipped is a warning', async t => {
	const {exitCode, stderr} = await runOn({...people(2, 2, 2), 'p1/bad.png': 'no image'}, ['--set', 'dataset.skipCorrupt=true']);
	t.is(exitCode, 0);
	t.deepEqual(stderr.split('\n').filter(line => line.startsWith('warning')).map(line => line.replaceAll(/\s+/g, ' ')), ['warning image-folder left out "p1/bad.png": Input buffer contains unsupported image format']);
});

test('one image per person leaves nothing to test with', async t => {
	const {exitCode, node, message} = await runOn(people(1, 1, 1));
	t.is(exitCode, 1);
	t.is(node, 'image-split');
	t.deepEqual(message.map(line => anyPerson(line)), [
		'2 identities have too few images to split',
		'expected: at least 2 each: "testPerIdentity" takes 1, and 1 must be left as training image',
		'SOMEONE: has 1 image',
		'SOMEONE: has 1 image',
		'Set "testPerIdentity" lower, add images of these identities or remove their folders.',
	]);
});

test('fewer people than the private split needs are refused', async t => {
	const {exitCode, node, message} = await runOn(people(2, 2));
	t.is(exitCode, 1);
	t.is(node, 'identity-split');
	t.deepEqual(message, [
		'The data set has 2 identities, too few for a private and a public split',
		'expected: 2 private and at least 1 public',
		'got: 2',
		'Set "privateIdentities" lower or add identities to the data set.',
	]);
});

test('too few training images are refused, or accepted with a warning', async t => {
	const tooMany = ['--set', 'subsample.perClass=3'];
	const {exitCode, node, message} = await runOn(people(3, 3, 3), tooMany);
	t.is(exitCode, 1);
	t.is(node, 'subsample');
	t.deepEqual(message.map(line => anyPerson(line)), [
		'2 classes have fewer than 3 training images',
		'SOMEONE: has 2 images',
		'SOMEONE: has 2 images',
		'Set "perClass" to at most 2, or "onShort" to "accept" to train with what there is.',
	]);

	const accepted = await runOn(people(3, 3, 3), [...tooMany, '--set', 'subsample.onShort=accept']);
	t.is(accepted.exitCode, 0);
	t.regex(accepted.stderr, /^warning {3}subsample +2 classes have fewer than 3 images: p\d, p\d$/m);
});
