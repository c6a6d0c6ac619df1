import test from 'ava';
import {listCelebA} from '../../datasets/celeba.ts';
import type {UserError} from '../../engine/error.ts';
import type {FileSet} from '../../engine/stage.ts';

const filesOf = (...names: string[]): FileSet => ({root: '/data/celeba', files: names.map(name => ({path: `img_align_celeba/${name}`, sizeBytes: 1, digest: 'd'}))});

/** Identity 7 has three images, 5 and 9 have two, 3 has one; of 9 and 5, 9 appears first. */
const text = '000001.jpg 9\n000002.jpg 7\n000003.jpg 5\n000004.jpg 7\n000005.jpg 3\n000006.jpg 9\n000007.jpg 5\n000008.jpg 7\n';

const all = filesOf('000001.jpg', '000002.jpg', '000003.jpg', '000004.jpg', '000005.jpg', '000006.png', '000007.jpg', '000008.jpg');

test('the identities with most images are kept, of equals the one that appears first, and images stay in the order of the list', t => {
	t.deepEqual(listCelebA(all, text, {identities: 2}), {
		identities: ['7', '9'],
		entries: [
			{path: 'img_align_celeba/000001.jpg', label: 1},
			{path: 'img_align_celeba/000002.jpg', label: 0},
			{path: 'img_align_celeba/000004.jpg', label: 0},
			{path: 'img_align_celeba/000006.png', label: 1},
			{path: 'img_align_celeba/000008.jpg', label: 0},
		],
	});
	t.deepEqual(listCelebA(all, text, {identities: 4}).identities, ['7', '9', '5', '3']);
});

test('images of people that are not kept may be missing', t => {
	const without = filesOf('000001.jpg', '000002.jpg', '000004.jpg', '000006.jpg', '000008.jpg');
	t.is(listCelebA(without, text, {identities: 2}).entries.length, 5);
});

test('missing images of people that are kept are named', t => {
	const error = t.throws<UserError>(() => listCelebA(filesOf('000001.jpg', '000002.jpg'), text, {identities: 2}), {name: 'UserError', code: 'missing-images'});
	t.is(error.message, '3 images of 2 identities of CelebA are missing in "/data/celeba/img_align_celeba"');
	t.deepEqual(Object.keys(error.facts), ['000004.jpg', '000006.jpg', '000008.jpg']);
});

test('more identities than the list names are refused', t => {
	t.throws(() => listCelebA(all, text, {identities: 5}), {name: 'UserError', code: 'too-few-identities', message: '"/data/celeba/identity_CelebA.txt" names 4 identities, fewer than wanted'});
});

for (const line of ['000009.jpg', '000009.jpg seven', '../000009.jpg 7', '000009.jpg 7 8', '<html>']) {
	test(`a list with the line "${line}" is refused with its place`, t => {
		t.throws(() => listCelebA(all, `${text}${line}\n`, {identities: 2}), {
			name: 'UserError', code: 'invalid-celeba', message: `Line 9 of "/data/celeba/identity_CelebA.txt" is "${line}", expected an image and the number of its identity, such as "000001.jpg 2880"`,
		});
	});
}
