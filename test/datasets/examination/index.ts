import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {imageAt, type ImageSet} from '../../../artifacts/image-set.ts';
import {examineDrawn, examinePhotographs, type Examination} from '../../../datasets/examination/index.ts';
import type {PhotographParams} from '../../../datasets/examination/source.ts';
import type {UserError} from '../../../engine/error.ts';
import {digestFolder} from '../../../engine/files.ts';
import {seedOf} from '../../../engine/graph.ts';
import {proceduralFaces} from '../../../stages/10-procedural-faces.ts';
import {celebA} from '../../../stages/11-celeba.ts';
import {celebA64} from '../../../stages/11-celeba-64.ts';
import {faceScrub} from '../../../stages/11-facescrub.ts';
import {imageFolder} from '../../../stages/11-image-folder.ts';
import {identitySplit} from '../../../stages/12-identity-split.ts';
import {imageSplit} from '../../../stages/14-image-split.ts';
import {makePhotographs, pixmap} from '../../helpers/photographs.ts';
import {perform} from '../../helpers/stage.ts';

const seed = 5;
const ofRun = {seedOf: (stage: string) => seedOf(seed, stage)};
const officialSplit = {numpySeed: 42, trainShare: 0.7};
const size = 8;

/** Everybody has so many images; the colour of each is its number. */
const numbered = (folders: readonly string[], count: number, extension = '.ppm') => Object.fromEntries(folders.flatMap((folder, person) =>
	Array.from({length: count}, (_, shot) => [`${folder}/${shot}${extension}`, pixmap((person * count) + shot)])));

/** The colour of each image. */
const coloursOf = (set: ImageSet) => Array.from({length: set.shape[0]}, (_, index) => imageAt(set, index)[0]!);

/** The colours of the images of a part, in the order in which models would see them, and their classes. */
function membersOf({listing, root = ''}: Examination, part: string) {
	const members = listing.map(line => line.split('\t')).filter(([first]) => first === part);
	return {colours: members.map(member => readFileSync(path.join(root, member[3]!)).at(-1)), labels: members.map(([, label]) => Number(label))};
}

test('people of FaceScrub are split as by a run', async t => {
	using folder = makePhotographs(numbered(['actors/faces/Bob', 'actors/faces/Ann', 'actresses/faces/Zoe'], 9));
	const found = await examinePhotographs({kind: 'facescrub', path: '', size, skipCorrupt: false, officialSplit}, folder.list(), ofRun);
	const {outputs: {images}} = await perform(faceScrub, digestFolder(folder.root, undefined), {size, skipCorrupt: false});
	const {outputs} = await perform(imageSplit, {images}, {officialSplit});
	for (const part of ['train', 'test'] as const) {
		t.deepEqual(membersOf(found, part), {colours: coloursOf(outputs[part]), labels: [...outputs[part].labels]});
	}

	t.deepEqual(found.split, {train: 18, test: 9, public: 0});
	t.deepEqual(found.people.map(({name}) => name), images.identities);
});

test('people of CelebA are split as by a run', async t => {
	using folder = makePhotographs({...numbered(['img_align_celeba'], 12), 'identity_CelebA.txt': Array.from({length: 12}, (_, image) => `${image}.ppm ${image % 3}\n`).join('')});
	const params = {size, skipCorrupt: false, identities: 2};
	const found = await examinePhotographs({kind: 'celeba', path: '', ...params, officialSplit}, folder.list(), ofRun);
	const {outputs: {images}} = await perform(celebA, digestFolder(folder.root, undefined), params);
	const {outputs} = await perform(imageSplit, {images}, {officialSplit});
	for (const part of ['train', 'test'] as const) {
		t.deepEqual(membersOf(found, part), {colours: coloursOf(outputs[part]), labels: [...outputs[part].labels]});
	}

	t.deepEqual(found.files?.unused, {img_align_celeba: 4});
});

test('people of a folder are split as by a run', async t => {
	using folder = makePhotographs(numbered(['p0', 'p1', 'p2', 'p3', 'p4'], 5));
	const params: PhotographParams = {kind: 'folder', path: '', size, colour: 'rgb', skipCorrupt: false, privateIdentities: 3, testPerIdentity: 2};
	const found = await examinePhotographs(params, folder.list(), ofRun);
	const {outputs: {images}} = await perform(imageFolder, digestFolder(folder.root, undefined), params);
	const {outputs: people} = await perform(identitySplit, {images}, params, {seed: seedOf(seed, 'identity-split')});
	const {outputs} = await perform(imageSplit, {images: people.private}, params, {seed: seedOf(seed, 'image-split')});
	for (const [part, set] of Object.entries({train: outputs.train, test: outputs.test, public: people.public})) {
		t.deepEqual(membersOf(found, part), {colours: coloursOf(set), labels: [...set.labels]});
	}

	t.deepEqual(found.people.filter(({isPublic}) => isPublic).map(({name}) => name), people.public.identities);
});

test('the lists of CelebA 64×64 are its split', async t => {
	const aligned = Object.fromEntries(['1', '2', '3', '4'].map((name, number) => [`img_align_celeba/${name}.png`, pixmap(10 + number, [178, 218])]));
	using folder = makePhotographs({...aligned, 'trainset.txt': '2.png 1\n1.png 0\n', 'testset.txt': '3.png 1\n', 'ganset.txt': '4.png\n'});
	const found = await examinePhotographs({kind: 'celeba-64', path: '', size, skipCorrupt: false}, folder.list(), ofRun);
	const {outputs} = await perform(celebA64, digestFolder(folder.root, undefined), {size, skipCorrupt: false});
	for (const [part, set] of [['train', outputs.train], ['test', outputs.test], ['public', outputs.prior]] as const) {
		t.deepEqual(membersOf(found, part).colours, coloursOf(set));
	}

	t.deepEqual(membersOf(found, 'train').labels, [...outputs.train.labels]);
	t.deepEqual(found.people.map(({name, train, test: tested, isPublic}) => [name, train, tested, isPublic]), [['0', 1, 0, false], ['1', 1, 1, false], ['public', 0, 0, true]]);
	t.deepEqual(found.files?.unused, {});
});

test('drawn people are those of a run', async t => {
	const people = {identities: 3, imagesPerIdentity: 4};
	const found = examineDrawn({kind: 'procedural', size, private: people, prior: people, embedding: people, testPerIdentity: 1}, ofRun.seedOf);
	const {outputs: {images}} = await perform(proceduralFaces, {}, {...people, size});
	t.deepEqual(found.people.map(({name}) => name), images.identities);
	t.deepEqual(found.split, {train: 9, test: 3, public: 0});
	t.is(found.contentDigest, undefined);
});

test('the split digest is that of the listing, and follows names, people and split; the content digest also bytes', async t => {
	const contents = numbered(['a', 'b', 'c'], 4);
	const params: PhotographParams = {kind: 'folder', path: '', size, colour: 'rgb', skipCorrupt: false, privateIdentities: 2, testPerIdentity: 1};
	const digestsOf = async (files: Readonly<Record<string, Uint8Array>>, how = params, options = ofRun) => {
		using folder = makePhotographs(files);
		const found = await examinePhotographs(how, folder.list(), options);
		return found;
	};

	const {splitDigest, contentDigest, listing} = await digestsOf(contents);
	t.is(splitDigest, createHash('sha256').update(`${listing.join('\n')}\n`).digest('hex'));
	const again = await digestsOf(contents);
	t.deepEqual([again.splitDigest, again.contentDigest], [splitDigest, contentDigest]);
	const otherBytes = await digestsOf({...contents, 'a/0.ppm': pixmap(99)});
	t.is(otherBytes.splitDigest, splitDigest);
	t.not(otherBytes.contentDigest, contentDigest);
	t.not((await digestsOf({...contents, 'a/9.ppm': pixmap(1)})).splitDigest, splitDigest);
	t.not((await digestsOf(contents, {...params, testPerIdentity: 2})).splitDigest, splitDigest);
	t.not((await digestsOf(contents, params, {seedOf: stage => seedOf(6, stage)})).splitDigest, splitDigest);
});

test('damaged images are named and left out of the split; the same bytes twice are found', async t => {
	using folder = makePhotographs({...numbered(['actors/faces/A', 'actresses/faces/B'], 5), 'actors/faces/A/bad.jpg': 'text', 'actors/faces/A/empty.png': '', 'actors/faces/A/x.bmp': 'BM', 'actresses/faces/B/copy.ppm': pixmap(2)});
	const {files, split, people} = await examinePhotographs({kind: 'facescrub', path: '', size, skipCorrupt: true, officialSplit}, folder.list(), ofRun);
	t.deepEqual(files?.damaged, [
		{subject: 'actors/faces/A/bad.jpg', reason: 'Input buffer contains unsupported image format'},
		{subject: 'actors/faces/A/empty.png', reason: 'the file is empty'},
	]);
	t.deepEqual(files?.ignored.map(({subject}) => subject), ['actors/faces/A/x.bmp']);
	t.deepEqual(files?.duplicates.map(({paths, identities}) => ({paths, identities})), [{paths: ['actors/faces/A/2.ppm', 'actresses/faces/B/copy.ppm'], identities: ['A', 'B']}]);
	t.deepEqual(split, {train: 7, test: 4, public: 0});
	t.deepEqual(people.map(({images}) => images), [5, 6]);
});

test('a split that is not possible is told with all that was found', async t => {
	using folder = makePhotographs(numbered(['a', 'b'], 1));
	const {split, splitError, files, splitDigest} = await examinePhotographs({kind: 'folder', path: '', size, colour: 'rgb', skipCorrupt: false, privateIdentities: 5, testPerIdentity: 1}, folder.list(), ofRun);
	t.is(split, undefined);
	t.is(splitDigest, undefined);
	t.is(splitError?.message, 'The data set has 2 identities, too few for a private and a public split');
	t.is(files?.used, 2);
});

test('it stops when it is told to, and says how far it is', async t => {
	using folder = makePhotographs(numbered(['a', 'b'], 40));
	const controller = new AbortController();
	const params: PhotographParams = {kind: 'folder', path: '', size, colour: 'rgb', skipCorrupt: false, privateIdentities: 1, testPerIdentity: 1};
	const steps: string[] = [];
	await t.throwsAsync(examinePhotographs(params, folder.list(), {...ofRun, signal: controller.signal, onProgress(done, total) {
		steps.push(`${done}/${total}`);
		controller.abort(new Error('stopped'));
	}}), {message: 'stopped'});
	t.is(steps[0], '1/80');
	t.true(steps.length < 80);
});

test('a folder of another layout is refused', async t => {
	using folder = makePhotographs({'a.ppm': pixmap(1)});
	await t.throwsAsync<UserError>(examinePhotographs({kind: 'celeba', path: '', size, skipCorrupt: false, identities: 2, officialSplit}, folder.list(), ofRun), {name: 'UserError', code: 'list-missing'});
});
