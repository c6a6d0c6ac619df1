import {createHash} from 'node:crypto';
import {readdirSync, statSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {start} from '../../helpers/cli.ts';
import {root} from '../../helpers/experiment.ts';
import {makePhotographs, pixmap} from '../../helpers/photographs.ts';

const photographs = () => makePhotographs(Object.fromEntries(['actors/faces/Ann', 'actors/faces/Bob', 'actresses/faces/Zoë'].flatMap((folder, person) =>
	Array.from({length: 10}, (_, shot) => [`${folder}/${shot}.ppm`, pixmap((person * 10) + shot)]))));

const dataset = (folder: string, more = {}) => `dataset=${JSON.stringify({kind: 'facescrub', path: folder, size: 16, skipCorrupt: false, officialSplit: {numpySeed: 42, trainShare: 0.9}, ...more})}`;
const check = async (...args: readonly string[]) => start(root, ['data', 'check', '--params', path.join(root, 'presets/miniature.json'), ...args]).ended();
const linesOf = (text: string, folder: string) => text.replaceAll(folder, 'FOLDER').replaceAll(/\b[\da-f]{64}\b/g, 'DIGEST').split('\n').map(line => line.trim().replaceAll(/ {2,}/g, '  '));

test('a data set that can be used is described, without a run and without writing', async t => {
	using folder = photographs();
	const before = readdirSync(folder.root, {recursive: true}).map(name => [name, statSync(path.join(folder.root, String(name))).mtimeMs]);
	const {exitCode, stdout, stderr} = await check('--set', dataset(folder.root), '--all');
	t.is(stderr, '');
	t.is(exitCode, 0);
	t.deepEqual(linesOf(stdout, folder.root), [
		'ok  data set  facescrub in "FOLDER"',
		'ok  files  30 images of 30 files',
		'ok  images  all can be decoded',
		'ok  kinds  30 PPM, colour',
		'ok  shapes  all square; the shorter side has 8 pixels',
		'ok  duplicates  no file twice',
		'ok  people  3 people, 30 usable images; per person at least 10, median 10, at most 10',
		'note  people  1 person without a test image: Zoë',
		'ok  split  27 training and 3 test images of 3 private people, no public ones among them',
		'ok  5 per class  everybody has as many training images',
		'ok  split digest  DIGEST of names, people, order and split',
		'pipeline data check --list prints what is digested: compare it where digests differ.',
		'ok  content digest  DIGEST of these and the bytes of the images',
		'note  the paper\'s  530 people, 37878 images: 34090 for training, 3788 for tests (the numbers of images are believed to be theirs, no source confirms them)',
		'here: 3 people, 30 images: 27 for training, 3 for tests',
		'FaceScrub is distributed as addresses, and many lead nowhere by now. The split depends on every file, so results differ a little; say yours with the split digest.',
		'person  images  train  test',
		'Ann  10  9  1',
		'Bob  10  8  2',
		'Zoë  10  10  0',
		'usable: 0 problems, 0 warnings',
	]);
	t.deepEqual(readdirSync(folder.root, {recursive: true}).map(name => [name, statSync(path.join(folder.root, String(name))).mtimeMs]), before);
});

test('what would stop a run is a problem', async t => {
	using folder = makePhotographs({
		...Object.fromEntries(Array.from({length: 30}, (_, shot) => [`actors/faces/Ann/${shot}.ppm`, pixmap(shot)])),
		'actors/images/Ann/0.jpg': 'not looked at', 'actors/faces/Ann/cut.jpg': 'text', 'actresses/faces/Zoë/1.ppm': pixmap(1, [8, 9]), 'actresses/faces/Zoë/2.ppm': pixmap(3),
	});
	const {exitCode, stdout} = await check('--set', dataset(folder.root), '--set', 'variants={"few":{},"many":{"subsample.perClass":28}}', '--json');
	t.is(exitCode, 1);
	const {isUsable, findings, splitDigest} = JSON.parse(stdout) as {isUsable: boolean; findings: ReadonlyArray<{check: string; status: string; found: string}>; splitDigest: string};
	t.false(isUsable);
	t.regex(splitDigest, /^[\da-f]{64}$/);
	t.deepEqual(findings.filter(({status}) => status === 'problem').map(({check: name, found}) => [name, found]), [
		['images', '1 image cannot be used\nactors/faces/Ann/cut.jpg: Input buffer contains unsupported image format'],
		['5 per class', '1 person has fewer training images, down to 2: Zoë (2)'],
		['28 per class', '2 people have fewer training images, down to 2: Ann (26), Zoë (2)'],
	]);
	t.deepEqual(findings.filter(({status}) => status === 'warning').map(({found}) => found), [
		'1 image under the names of different people\nactors/faces/Ann/3.ppm: the same file as actresses/faces/Zoë/2.ppm',
	]);
	t.deepEqual(findings.filter(({check: name}) => name === 'unused files' || name === 'shapes').map(({found}) => found), [
		'1 file that the layout does not use: 1 in actors/images',
		'1 image is not square and loses its edges; the shorter side has 8 pixels: actresses/faces/Zoë/1.ppm',
	]);
});

test('the list has the split digest', async t => {
	using folder = photographs();
	const [{stdout: list, exitCode}, {stdout: json}] = await Promise.all([check('--set', dataset(folder.root), '--list'), check('--set', dataset(folder.root), '--json')]);
	t.is(exitCode, 0);
	t.is(list.split('\n').length, 30);
	// The last line feed is not kept by the helper.
	t.is(createHash('sha256').update(`${list}\n`).digest('hex'), (JSON.parse(json) as {splitDigest: string}).splitDigest);
});

test('a folder that is not laid out so, or not there, is a problem', async t => {
	using folder = makePhotographs({'a.ppm': pixmap(1)});
	const results = await Promise.all([check('--set', dataset(folder.root)), check('--set', dataset(path.join(folder.root, 'none')))]);
	t.deepEqual(results.map(({exitCode}) => exitCode), [1, 1]);
	t.deepEqual(results.map(({stdout}) => linesOf(stdout, folder.root)[0]), [
		'problem  data set  "FOLDER" is not laid out as FaceScrub: there is nothing in actors/faces/',
		'problem  data set  The folder "FOLDER/none" does not exist',
	]);
});

test('a preset is named without its file', async t => {
	using folder = makePhotographs(Object.fromEntries(Array.from({length: 210}, (_, image) => [`s${Math.floor(image / 10)}/${image % 10}.pgm`, `P2 1 1 255 ${image}`])));
	const {exitCode, stdout} = await start(root, ['data', 'check', 'orl-faces'], {env: {ORL_FACES: folder.root}}).ended();
	t.is(exitCode, 0);
	t.true(stdout.includes('140 training and 60 test images of 20 private people, 10 public images of others'));
	const unknown = await start(root, ['data', 'check', 'nowhere']).ended();
	t.is(unknown.exitCode, 2);
	t.is(unknown.stderr, 'error There is no preset "nowhere" beside the pipeline\nName a file of presets/ without its extension, or any params file with --params FILE.');
});

test('Ctrl-C ends it', async t => {
	using folder = makePhotographs(Object.fromEntries(Array.from({length: 3000}, (_, shot) => [`actors/faces/Ann/${shot}.ppm`, pixmap(shot % 256, [64, 64])])));
	const running = start(root, ['data', 'check', '--params', path.join(root, 'presets/miniature.json'), '--set', dataset(folder.root)], {env: {PIPELINE_CACHE: ''}});
	const timer = setInterval(() => {
		running.kill('SIGINT');
	}, 50);
	const {exitCode, signal, stdout} = await running.ended();
	clearInterval(timer);
	t.true(exitCode === 130 || signal === 'SIGINT');
	t.is(stdout, '');
});
