import {Buffer} from 'node:buffer';
import test from 'ava';
import {alignedFace, listCelebA64} from '../../datasets/celeba-64.ts';
import type {UserError} from '../../engine/error.ts';
import {fixture} from '../helpers/tensors.ts';

/** The formula of `test/fixtures/celeba-64.py`. */
function picture(factor: number) {
	const [width, height, channels] = [178, 218, 3] as const;
	const data = new Uint8Array(width * height * channels);
	for (let y = 0, index = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			for (let channel = 0; channel < channels; channel++) {
				data[index++] = ((x * 37 * factor) + (y * 91) + (channel * 53) + (x * y * 7)) % 256;
			}
		}
	}

	return {width, height, channels, data};
}

for (const {factor, pixels} of fixture<ReadonlyArray<{readonly factor: number; readonly pixels: string}>>('celeba-64.json')) {
	test(`the face of aligned image ${factor} has the very pixels of the authors' transform`, t => {
		t.deepEqual(Buffer.from(alignedFace(picture(factor), {size: 64, channels: 3})), Buffer.from(pixels, 'base64'));
	});
}

test('an image that is not an aligned one is refused', t => {
	t.throws(() => alignedFace({width: 218, height: 178, channels: 3, data: new Uint8Array(218 * 178 * 3)}, {size: 64, channels: 3}), {
		instanceOf: RangeError, message: '218×178 pixels, expected the 178×218 of the aligned images of CelebA',
	});
});

const files = ['1', '2', '3', '4', '5', '6'].map(name => ({path: `img_align_celeba_png/${name}.png`}));
const folder = {root: '/data', files};
const texts = {train: '2.png 1\n1.png 0\n', test: '3.png 0\n4.png 1\n', prior: '6.png\n5.png\n'};

test('the lists say who is where, and in which order', t => {
	const {train, test: tested, prior, replaced} = listCelebA64(folder, texts);
	t.deepEqual(train, {identities: ['0', '1'], entries: [{path: 'img_align_celeba_png/2.png', label: 1}, {path: 'img_align_celeba_png/1.png', label: 0}]});
	t.deepEqual(tested, {identities: ['0', '1'], entries: [{path: 'img_align_celeba_png/3.png', label: 0}, {path: 'img_align_celeba_png/4.png', label: 1}]});
	t.deepEqual(prior, {identities: ['public'], entries: [{path: 'img_align_celeba_png/6.png', label: 0}, {path: 'img_align_celeba_png/5.png', label: 0}]});
	t.is(replaced, 0);
});

test('the distributed JPEG files stand for PNG files that are not there', t => {
	const {train, replaced} = listCelebA64({...folder, files: files.map(({path}) => ({path: path.replace('_png', '').replace('.png', '.jpg')}))}, texts);
	t.deepEqual(train.entries.map(({path}) => path), ['img_align_celeba/2.jpg', 'img_align_celeba/1.jpg']);
	t.is(replaced, 6);
});

const refusals: ReadonlyArray<readonly [what: string, changed: Partial<typeof texts>, expected: {code: string; message: string; facts?: object}]> = [
	['a line without a class', {train: '1.png 0\n2.png\n'}, {code: 'invalid-celeba-64', message: 'Line 2 of "/data/trainset.txt" is "2.png", expected an image and its class, such as "000001.png 12"'}],
	['a class that is no number', {test: '3.png x\n'}, {code: 'invalid-celeba-64', message: 'Line 1 of "/data/testset.txt" is "3.png x", expected an image and its class, such as "000001.png 12"'}],
	['a class of a public image', {prior: '5.png 3\n'}, {code: 'invalid-celeba-64', message: 'Line 1 of "/data/ganset.txt" is "5.png 3", expected an image alone, such as "000001.png"'}],
	['a way out of the folder', {prior: '../5.png\n'}, {code: 'invalid-celeba-64', message: 'Line 1 of "/data/ganset.txt" is "../5.png", expected an image alone, such as "000001.png"'}],
	['an empty list', {prior: '\n'}, {code: 'invalid-celeba-64', message: '"/data/ganset.txt" names no image'}],
	['classes with gaps', {train: '1.png 0\n2.png 3\n', test: '3.png 0\n'}, {
		code: 'celeba-64-classes', message: 'The classes of "/data/trainset.txt" have gaps: 2 classes, the largest of them 3', facts: {expected: 'every class from 0 to 3', missing: '1, 2'},
	}],
	['an absurd class', {train: '1.png 0\n2.png 999999999\n', test: '3.png 0\n'}, {
		code: 'celeba-64-classes', message: 'The classes of "/data/trainset.txt" have gaps: 2 classes, the largest of them 999999999', facts: {expected: 'every class from 0 to 999999999'},
	}],
	['a class that is only tested', {test: '3.png 0\n4.png 2\n'}, {code: 'celeba-64-classes', message: '1 class of "/data/testset.txt" is not in trainset.txt: 2'}],
	['a file in two lists', {prior: '6.png\n2.png\n3.png\n'}, {
		code: 'celeba-64-repeated', message: '2 images are on the lists more than once', facts: {'2.png': 'is in trainset.txt and in ganset.txt', '3.png': 'is in testset.txt and in ganset.txt'},
	}],
	['a file twice in one list', {prior: '6.png\n6.png\n'}, {
		code: 'celeba-64-repeated', message: '1 image is on the lists more than once', facts: {'6.png': 'is in ganset.txt and in ganset.txt'},
	}],
	['a file that is not there', {prior: '6.png\n7.png\n'}, {code: 'missing-images', message: '1 image of the lists is missing in "/data/img_align_celeba_png"', facts: {'7.png': 'is on the lists but not in img_align_celeba_png'}}],
];

for (const [what, changed, {code, message, facts = {}}] of refusals) {
	test(`${what} is refused`, t => {
		const error = t.throws<UserError>(() => listCelebA64(folder, {...texts, ...changed}), {name: 'UserError', code, message});
		t.deepEqual(error.facts, facts);
	});
}

test('a folder without aligned images is refused', t => {
	t.throws(() => listCelebA64({root: '/data', files: [{path: 'celeba/1.png'}]}, texts), {name: 'UserError', code: 'invalid-celeba-64', message: '"/data" holds no aligned images of CelebA'});
});
