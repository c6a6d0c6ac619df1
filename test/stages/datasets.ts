import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import type {ImageSet} from '../../artifacts/image-set.ts';
import {digestFolder} from '../../engine/files.ts';
import {proceduralFaces} from '../../stages/10-procedural-faces.ts';
import {imageFolder} from '../../stages/11-image-folder.ts';
import {celebA} from '../../stages/11-celeba.ts';
import {faceScrub} from '../../stages/11-facescrub.ts';
import {identitySplit} from '../../stages/12-identity-split.ts';
import {imageSplit} from '../../stages/14-image-split.ts';
import {subsample} from '../../stages/16-subsample.ts';
import {allPixels, identitySet, pixelsOf} from '../helpers/identity-set.ts';
import {perform} from '../helpers/stage.ts';

const faces = {identities: 3, imagesPerIdentity: 2, size: 8};

/** Files by path, as what the stage gets. */
async function photos(contents: Readonly<Record<string, string>>) {
	const root = await mkdtemp(path.join(tmpdir(), 'photos-'));
	for (const [name, content] of Object.entries(contents)) {
		await mkdir(path.dirname(path.join(root, name)), {recursive: true});
		await writeFile(path.join(root, name), content);
	}

	return {...digestFolder(root, undefined), [Symbol.asyncDispose]: async () => rm(root, {recursive: true})};
}

const countsOf = ({labels, identities}: ImageSet) => identities.map((_, label) => labels.filter(other => other === label).length);

test('procedural faces are images of every person', async t => {
	const {outputs: {images}, steps} = await perform(proceduralFaces, {}, faces);
	t.deepEqual(images.shape, [6, 8, 8, 3]);
	t.deepEqual([...images.labels], [0, 0, 1, 1, 2, 2]);
	t.is(new Set(images.identities).size, 3);
	t.is(steps.at(-1)?.split(' ')[0]?.split('/')[0], steps.at(-1)?.split(' ')[0]?.split('/')[1]);
});

test('procedural faces follow from the seed', async t => {
	const {digests} = await perform(proceduralFaces, {}, faces);
	t.deepEqual((await perform(proceduralFaces, {}, faces)).digests, digests);
	t.notDeepEqual((await perform(proceduralFaces, {}, faces, {seed: 'other'})).digests, digests);
});

test('a folder of photographs becomes images of one size', async t => {
	await using folder = await photos({'b/1.pgm': 'P2 1 1 255 7', 'a/1.pgm': 'P2 1 1 255 5'});
	const {outputs: {images}, lines} = await perform(imageFolder, {files: folder.files}, {size: 8, colour: 'rgb', skipCorrupt: false});
	t.deepEqual(images.shape, [2, 8, 8, 3]);
	t.deepEqual(images.identities, ['a', 'b']);
	t.deepEqual([...new Set(allPixels(images))], [5, 7]);
	t.deepEqual(lines, []);
});

test('FaceScrub becomes squares in the order of its classes', async t => {
	await using folder = await photos({
		'actresses/faces/Zoe/1.pgm': 'P2 2 3 255 7 7 7 7 7 7', 'actors/faces/Bob/1.pgm': 'P2 1 1 255 5', 'actors/faces/Bob/2.pgm': 'P2 2 1 255 5', 'actors/images/Bob/1.pgm': 'P2 1 1 255 9',
	});
	const {outputs: {images}, lines} = await perform(faceScrub, {files: folder.files}, {size: 8, skipCorrupt: true});
	t.deepEqual(images.shape, [2, 8, 8, 3]);
	t.deepEqual(images.identities, ['Bob', 'Zoe']);
	t.deepEqual([...new Set(allPixels(images))], [5, 7]);
	t.deepEqual(lines, ['warning: left out "actors/faces/Bob/2.pgm": truncated: expected 2 values for 2×1, got 1']);
});

const celebAFiles = {
	'identity_CelebA.txt': '000001.jpg 9\n000002.jpg 7\n000003.jpg 7\n000004.jpg 5\n000005.jpg 9\n',
	...Object.fromEntries([1, 2, 3, 5].map(number => [`img_align_celeba/00000${number}.png`, `P2 1 1 255 ${number}`])),
};

test('CelebA becomes squares of the people with most images, in the order of the list', async t => {
	await using folder = await photos(celebAFiles);
	const {outputs: {images}} = await perform(celebA, {files: folder.files}, {size: 8, skipCorrupt: false, identities: 2});
	t.deepEqual(images.identities, ['9', '7']);
	t.deepEqual([...images.labels], [0, 1, 1, 0]);
	t.deepEqual([...new Set(allPixels(images))], [1, 2, 3, 5]);
});

test('a folder without the list of CelebA is refused', async t => {
	const {'identity_CelebA.txt': _, ...others} = celebAFiles;
	await using folder = await photos(others);
	await t.throwsAsync(perform(celebA, {files: folder.files}, {size: 8, skipCorrupt: false, identities: 2}), {name: 'UserError', code: 'invalid-celeba', message: /^There is no identity_CelebA\.txt in /});
});

test('photographs that are left out are warned of, those that were never asked for are mentioned', async t => {
	await using folder = await photos({'a/1.pgm': 'P2 1 1 255 5', 'a/2.pgm': 'P2 2 1 255 5', 'a/3.heic': '', 'loose.png': '', 'notes.txt': ''});
	const {lines} = await perform(imageFolder, {files: folder.files}, {size: 8, colour: 'grey', skipCorrupt: true});
	t.deepEqual(lines, [
		'warning: left out "a/2.pgm": truncated: expected 2 values for 2×1, got 1',
		'ignored "a/3.heic": .heic images cannot be read; convert them to PNG',
		'ignored "loose.png": in no identity folder',
	]);
});

test('people are private or public', async t => {
	const images = identitySet([1, 2, 3, 1]);
	const {outputs, digests} = await perform(identitySplit, {images}, {privateIdentities: 3});
	t.is(outputs.private.identities.length, 3);
	t.is(outputs.public.identities.length, 1);
	t.deepEqual([...outputs.private.identities, ...outputs.public.identities].toSorted((a, b) => (a < b ? -1 : 1)), ['a', 'b', 'c', 'd']);
	t.deepEqual((await perform(identitySplit, {images}, {privateIdentities: 3})).digests, digests);
	const seeds = await Promise.all(['1', '2', '3', '4', '5'].map(async seed => perform(identitySplit, {images}, {privateIdentities: 3}, {seed})));
	t.true(new Set(seeds.map(({outputs: {public: others}}) => others.identities[0])).size > 1);
});

test('images are for training or for testing', async t => {
	const images = identitySet([3, 6]);
	const {outputs: {train, test: held}, digests} = await perform(imageSplit, {images}, {testPerIdentity: 2});
	t.deepEqual([countsOf(train), countsOf(held)], [[1, 4], [2, 2]]);
	t.is(new Set([...pixelsOf(train), ...pixelsOf(held)]).size, 9);
	t.deepEqual((await perform(imageSplit, {images}, {testPerIdentity: 2})).digests, digests);
	t.notDeepEqual((await perform(imageSplit, {images}, {testPerIdentity: 2}, {seed: 'other'})).digests, digests);
});

test('images are split as in the authors\' code when that is asked for, whatever the seed', async t => {
	const images = identitySet([3, 6]);
	const params = {testPerIdentity: 2, officialSplit: {numpySeed: 42, trainShare: 0.7}};
	const {outputs: {train, test: held}, digests} = await perform(imageSplit, {images}, params);
	// Of numpy.random.RandomState(42).permutation(9).
	const order = [7, 1, 5, 0, 8, 2, 4, 3, 6];
	t.deepEqual([...pixelsOf(train), ...pixelsOf(held)], order.map(index => pixelsOf(images)[index]));
	t.is(train.labels.length, 6);
	t.deepEqual((await perform(imageSplit, {images}, params, {seed: 'other'})).digests, digests);
});

test('a subsample takes as many images of every class', async t => {
	const train = identitySet([4, 7]);
	const {outputs: {subset}, digests, lines} = await perform(subsample, {train}, {perClass: 3, onShort: 'error'});
	t.deepEqual(countsOf(subset), [3, 3]);
	t.deepEqual(lines, []);
	t.deepEqual((await perform(subsample, {train}, {perClass: 3, onShort: 'error'})).digests, digests);
	t.notDeepEqual((await perform(subsample, {train}, {perClass: 3, onShort: 'error'}, {seed: 'other'})).digests, digests);
});

test('a subsample warns of a short class', async t => {
	const {outputs: {subset}, lines} = await perform(subsample, {train: identitySet([4, 1])}, {perClass: 3, onShort: 'accept'});
	t.deepEqual(countsOf(subset), [3, 1]);
	t.deepEqual(lines, ['warning: 1 class has fewer than 3 images: b']);
});

test('a subsample names ten short classes at most', async t => {
	const train = identitySet(Array.from({length: 12}, () => 1));
	const {lines} = await perform(subsample, {train}, {perClass: 2, onShort: 'accept'});
	t.deepEqual(lines, ['warning: 12 classes have fewer than 2 images: a, b, c, d, e, f, g, h, i, j, and 2 more']);
});
