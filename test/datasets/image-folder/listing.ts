import test from 'ava';
import {listIdentities} from '../../../datasets/image-folder/listing.ts';
import {describeError} from '../../../engine/error.ts';
import type {FileSet} from '../../../engine/stage.ts';

const hint = 'Put the images of each identity into a folder of their own: <folder>/<identity>/<image>.';

test('each folder is an identity with its images', t => {
	t.deepEqual(list('anna/1.png', 'anna/2.JPG', 'ben/1.pgm'), {
		identities: [{name: 'anna', paths: ['anna/1.png', 'anna/2.JPG']}, {name: 'ben', paths: ['ben/1.pgm']}],
		ignored: [],
	});
});

test('the order of the file list does not matter', t => {
	t.deepEqual(list('b/2.png', 'a/1.png', 'b/10.png', 'b/1.png'), list('a/1.png', 'b/1.png', 'b/10.png', 'b/2.png'));
});

test('names are sorted by code point, not by UTF-16 unit', t => {
	// U+FF21 comes before U+1F600, whose first UTF-16 unit is 0xD83D.
	t.deepEqual(namesOf('😀/1.png', 'Ａ/1.png', 'z/1.png'), ['z', 'Ａ', '😀']);
});

test('a decomposed and a composed name are one identity', t => {
	const {identities} = list('Adrianne_Le\u{301}on/1.png', 'Adrianne_L\u{E9}on/2.png');
	t.deepEqual(identities, [{name: 'Adrianne_L\u{E9}on', paths: ['Adrianne_Le\u{301}on/1.png', 'Adrianne_L\u{E9}on/2.png']}]);
});

test('files that are no images are passed over', t => {
	const {identities, ignored} = list('README.md', 'anna/1.png', 'anna/Thumbs.db', 'anna/notes.txt', 'ben/1.png');
	t.deepEqual(identities.map(({paths}) => paths), [['anna/1.png'], ['ben/1.png']]);
	t.deepEqual(ignored, []);
});

test('hidden files and folders of archivers are passed over', t => {
	t.deepEqual(namesOf('.DS_Store', '.git/1.png', '__MACOSX/anna/._1.png', 'anna/.DS_Store', 'anna/._1.png', 'anna/1.png'), ['anna']);
});

test('images outside identity folders are ignored with a note', t => {
	t.deepEqual(list('anna/1.png', 'group.jpg').ignored, [{subject: 'group.jpg', reason: 'in no identity folder'}]);
});

test('images of unreadable formats are ignored with a note', t => {
	t.deepEqual(list('anna/1.png', 'anna/2.BMP').ignored, [{subject: 'anna/2.BMP', reason: '.bmp images cannot be read; convert them to PNG'}]);
});

const fails = test.macro((t, paths: string[], lines: string[]) => {
	const error = t.throws(() => list(...paths));
	t.is(describeError(error), lines.join('\n'));
});

test('a folder without identities is refused', fails, ['1.png', 'README.md'], [
	'No identity folders in "/photos"',
	'  1.png  in no identity folder',
	hint,
]);

test('an empty folder is refused', fails, [], ['No identity folders in "/photos"', hint]);

test('all identities without images are named', fails, ['anna/1.png', 'ben/notes.txt', 'carl/1.bmp'], [
	'"/photos" is not a folder of one folder per identity: 2 problems',
	'  ben         has no images',
	'  carl        has no images',
	'  carl/1.bmp  .bmp images cannot be read; convert them to PNG',
	hint,
]);

test('images deeper than their identity are refused', fails, ['faces/anna/1.png'], [
	'"/photos" is not a folder of one folder per identity: 1 problem',
	'  faces/anna/1.png  an image must lie in its identity\'s folder, expected anna/1.png',
	hint,
]);

test('ten problems are listed and the rest counted', fails, Array.from({length: 13}, (_, index) => `person-${10 + index}/notes.txt`), [
	'"/photos" is not a folder of one folder per identity: 13 problems',
	...Array.from({length: 10}, (_, index) => `  person-${10 + index}  has no images`),
	'  …          and 3 more',
	hint,
]);

function list(...paths: string[]) {
	const files: FileSet = {root: '/photos', files: paths.map(path => ({path, sizeBytes: 1, digest: path}))};
	return listIdentities(files);
}

function namesOf(...paths: string[]): string[] {
	return list(...paths).identities.map(({name}) => name);
}
