
import {Buffer} from 'node:buffer';
import {
	mkdir, mkdtemp, rm, writeFile,
} from 'node:fs/promises';
import {existsSync, readdirSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import test from 'ava';
import {describeError, UserError} from '../../../engine/error.ts';
import type {FileSet, OnStep} from '../../../engine/stage.ts';
import {loadImageFolder, readFolderImage, type ImageFolderParams} from '../../../datasets/image-folder/index.ts';
import {allPixels} from '../../helpers/identity-set.ts';
import {inThisThread} from '../../helpers/stage.ts';

const params: ImageFolderParams = {size: 2, colour: 'grey', skipCorrupt: false};
const context = {
	readImages: inThisThread({readFolderImage}).readFolderImage,
	onStep: async () => undefined,
	scratchFile(): never {
		throw new Error('A small set is assembled in memory.');
	},
};

/** A greymap of one grey level. */
const flat = (value: number) => `P2 2 2 255 ${value} ${value} ${value} ${value}`;

test('images are labelled in the order of identities and paths', async t => {
	await using folder = await photos({'b/1.pgm': flat(30), 'a/2.pgm': flat(20), 'a/1.pgm': flat(10)});
	const {images, skipped, ignored} = await loadImageFolder(folder.files, params, context);
	t.deepEqual(images, {
		images: Uint8Array.of(10, 10, 10, 10, 20, 20, 20, 20, 30, 30, 30, 30),
		shape: [3, 2, 2, 1],
		labels: Int32Array.of(0, 0, 1),
		identities: ['a', 'b'],
	});
	t.deepEqual([skipped, ignored], [[], []]);
});

test('colour images have three channels', async t => {
	await using folder = await photos({'a/1.ppm': 'P3 1 1 255 1 2 3'});
	const {images} = await loadImageFolder(folder.files, {...params, size: 1, colour: 'rgb'}, context);
	t.deepEqual(images.shape, [1, 1, 1, 3]);
	t.deepEqual([...allPixels(images)], [1, 2, 3]);
});

test('names outside ASCII are read', async t => {
	await using folder = await photos({'Zoë 李/写真 1.pgm': flat(5)});
	const {images} = await loadImageFolder(folder.files, params, context);
	t.deepEqual(images.identities, ['Zoë 李']);
});

test.serial('all damaged images are named together with the decoder\'s reason', async t => {
	await using folder = await photos({
		'a/1.pgm': flat(1), 'a/2.png': 'no image', 'b/1.pgm': 'P2 2 2 255 1', 'b/2.pgm': flat(2),
	});
	const error = await t.throwsAsync(loadImageFolder(folder.files, params, context));
	t.is(describeError(error), [
		`2 images of "${folder.files.root}" cannot be decoded`,
		'  a/2.png  Input buffer contains unsupported image format',
		'  b/1.pgm  truncated: expected 4 values for 2×2, got 1',
		'Replace or remove them, or set "skipCorrupt" to true to leave them out.',
	].join('\n'));
});

test.serial('images damaged side by side are each named with their own reason', async t => {
	await using folder = await photos({
		'a/1.png': 'no image', 'a/2.pgm': '', 'a/3.png': 'no image', 'a/4.png': '',
	});
	const error = await t.throwsAsync(loadImageFolder(folder.files, params, context));
	t.deepEqual(error instanceof UserError && Object.values(error.facts), [
		'Input buffer contains unsupported image format',
		'Input Buffer is empty',
		'Input buffer contains unsupported image format',
		'Input Buffer is empty',
	]);
});

test('damaged images can be skipped and are reported', async t => {
	await using folder = await photos({'a/1.pgm': 'P2 2 2 255 1', 'a/2.pgm': flat(2), 'b/1.pgm': flat(3)});
	const {images, skipped} = await loadImageFolder(folder.files, {...params, skipCorrupt: true}, context);
	t.deepEqual([...allPixels(images)], [2, 2, 2, 2, 3, 3, 3, 3]);
	t.deepEqual([...images.labels], [0, 1]);
	t.deepEqual(skipped, [{subject: 'a/1.pgm', reason: 'truncated: expected 4 values for 2×2, got 1'}]);
});

test.serial('skipping every image of an identity is refused', async t => {
	await using folder = await photos({'a/1.pgm': '', 'b/1.pgm': flat(3)});
	const error = await t.throwsAsync(loadImageFolder(folder.files, {...params, skipCorrupt: true}, context));
	t.is(describeError(error), [
		'1 identity would have no image left, because all are damaged',
		'  a        no readable image',
		'  a/1.pgm  Input Buffer is empty',
		'Replace the damaged images or remove the folders of these identities.',
	].join('\n'));
});

test('a file that is gone is never skipped', async t => {
	await using folder = await photos({'a/1.pgm': flat(1), 'a/2.pgm': flat(2)});
	await rm(path.join(folder.files.root, 'a/2.pgm'));
	const file = path.join(folder.files.root, 'a/2.pgm');
	await t.throwsAsync(loadImageFolder(folder.files, {...params, skipCorrupt: true}, context), {
		name: 'UserError',
		message: `The image "${file}" cannot be read`,
	});
});

test('cancelling stops the reading', async t => {
	await using folder = await photos(Object.fromEntries(Array.from({length: 20}, (_, index) => [`a/${index}.pgm`, flat(index)])));
	let steps = 0;
	const cancel: OnStep = async () => {
		steps++;
		throw new Error('cancelled');
	};

	await t.throwsAsync(loadImageFolder(folder.files, params, {...context, onStep: cancel}), {message: 'cancelled'});
	t.is(steps, 1);
});

const orlFaces = path.resolve(process.env.ORL_FACES ?? '../shared/data/orl-faces');
const hasOrlFaces = existsSync(orlFaces);
const orlTitle = hasOrlFaces ? '' : ` (skipped: no ORL faces at ${orlFaces}; set ORL_FACES)`;

(hasOrlFaces ? test : test.skip)(`real photographs of 40 people are read${orlTitle}`, async t => {
	const files = listFiles(orlFaces);
	const {images, skipped} = await loadImageFolder(files, {size: 32, colour: 'grey', skipCorrupt: false}, context);
	t.deepEqual(images.shape, [400, 32, 32, 1]);
	t.is(images.identities.length, 40);
	t.is(images.identities[0], 's01');
	t.deepEqual(images.labels.slice(0, 11), Int32Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
	t.deepEqual(skipped, []);
});

async function photos(contents: Record<string, string>): Promise<{files: FileSet} & AsyncDisposable> {
	const root = await mkdtemp(path.join(tmpdir(), 'photos-'));
	for (const [name, content] of Object.entries(contents)) {
		await mkdir(path.dirname(path.join(root, name)), {recursive: true});
		await writeFile(path.join(root, name), Buffer.from(content, 'latin1'));
	}

	return {
		files: listFiles(root),
		async [Symbol.asyncDispose]() {
			await rm(root, {recursive: true});
		},
	};
}

function listFiles(root: string): FileSet {
	const entries = readdirSync(root, {recursive: true, withFileTypes: true}).filter(entry => entry.isFile());
	return {
		root,
		files: entries.map(entry => ({
			path: path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'),
			sizeBytes: 0,
			digest: '',
		})),
	};
}
