import {existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {imageSet} from '../../artifacts/image-set.ts';
import {decodeLikePillow} from '../../datasets/decode-like-pillow.ts';
import {loadImages, readImage, type ImageJob, type LoadOptions} from '../../datasets/load-images.ts';
import {pillowSquare} from '../../datasets/pillow-square.ts';
import {describeError} from '../../engine/error.ts';
import {ScratchFiles} from '../../engine/scratch-files.ts';
import {bytesOf} from '../helpers/bytes.ts';
import {allPixels} from '../helpers/identity-set.ts';
import {makePhotographs} from '../helpers/photographs.ts';
import {inThisThread} from '../helpers/stage.ts';
import {compiledStage, threadsFor} from '../helpers/threads.ts';
import {faceScrub} from '../../stages/11-facescrub.ts';

const {readImages} = inThisThread({readImages: async (job: ImageJob) => readImage(job, {decode: decodeLikePillow, square: pillowSquare})});

const entries = Array.from({length: 9}, (_, index) => ({path: `${index}.pgm`, label: index % 2}));

test('a set beyond the limit is assembled on the disk, and has the same bytes', async t => {
	const root = mkdtempSync(path.join(tmpdir(), 'load-images-'));
	t.teardown(() => {
		rmSync(root, {recursive: true});
	});
	for (const [index, entry] of entries.entries()) {
		writeFileSync(path.join(root, entry.path), index === 4 ? 'P2 2 2 255 1' : `P2 2 2 255 ${index} 10 20 30`);
	}

	const folder = path.join(root, 'job.scratch');
	using scratch = new ScratchFiles(folder);
	const options: LoadOptions = {
		root, size: 2, channels: 3, skipCorrupt: true, readImages, scratchFile: () => scratch.make(), onStep: async () => undefined,
	};
	const list = {identities: ['a', 'b'], entries};
	const inMemory = await loadImages(list, options);
	t.false(existsSync(folder));
	const onDisk = await loadImages(list, {...options, memoryLimitBytes: 10});
	t.deepEqual(readdirSync(folder), ['0']);
	t.true(inMemory.images.images instanceof Uint8Array);
	t.false(onDisk.images.images instanceof Uint8Array);
	t.deepEqual(onDisk.skipped, inMemory.skipped);
	t.is(onDisk.skipped.length, 1);
	t.deepEqual(allPixels(onDisk.images), allPixels(inMemory.images));
	t.deepEqual(bytesOf(imageSet, onDisk.images), bytesOf(imageSet, inMemory.images));
});

function noScratch(): never {
	throw new Error('A small set is assembled in memory.');
}

const damagedReasons = ['Input buffer contains unsupported image format', 'truncated: expected 12 values for 2×2, got 1', 'the file is empty'];

test('in any number of threads a set has the bytes and the reasons that one thread gives', async t => {
	const {default: sharp} = await import('sharp');
	const photograph = async (seed: number) => sharp(Uint8Array.from({length: 60 * 40 * 3}, (_, index) => (index * seed) % 256), {raw: {width: 60, height: 40, channels: 3}}).jpeg().toBuffer();
	using folder = makePhotographs({
		...Object.fromEntries(await Promise.all(Array.from({length: 20}, async (_, index) => [`${index}.jpg`, await photograph(index + 3)] as const))),
		'no-image.jpg': 'no image',
		'short.ppm': 'P3 2 2 255 1',
		'empty.jpg': '',
	});
	const entries = folder.list().files.map((file, index) => ({path: file.path, label: index % 2}));
	const list = {identities: ['a', 'b'], entries};
	const options = {root: folder.root, size: 16, channels: 3, skipCorrupt: true, onStep: async () => undefined, scratchFile: noScratch} as const;
	const expected = await loadImages(list, {...options, readImages});
	t.is(expected.images.shape[0], 20);
	t.deepEqual(expected.skipped.map(({reason}) => reason).toSorted(), damagedReasons.toSorted());
	const stageFile = await compiledStage('./stages/11-facescrub.ts', 'faceScrub');
	const lines: string[] = [];
	for (const size of [1, 2, 3]) {
		await using pool = await threadsFor(stageFile, {size, log: line => lines.push(line)});
		const threaded = {...options, readImages: pool.calling(faceScrub.threads!).readImage};
		t.deepEqual(await loadImages(list, threaded), expected);
		const error = await t.throwsAsync(loadImages(list, {...threaded, skipCorrupt: false}));
		t.is(describeError(error), [
			`3 images of "${folder.root}" cannot be decoded`,
			...expected.skipped.map(({subject, reason}) => `  ${subject.padEnd(12)}  ${reason}`),
			'Replace or remove them, or set "skipCorrupt" to true to leave them out.',
		].join('\n'));
		const gone = {...list, entries: [...entries, {path: 'gone.jpg', label: 0}]};
		await t.throwsAsync(loadImages(gone, threaded), {name: 'UserError', message: `The image "${path.join(folder.root, 'gone.jpg')}" cannot be read`});
	}

	t.deepEqual(lines, []);
});

test('an image that fails once and then does not is no damaged image', async t => {
	const file = {path: 'a.jpg', label: 0};
	let reads = 0;
	const unsteady = async function * () {
		yield reads++ === 0 ? {reason: 'no memory'} : new Uint8Array(12);
	};

	const error = await t.throwsAsync(loadImages({identities: ['a'], entries: [file]}, {root: '/photos', size: 2, channels: 3, skipCorrupt: true, onStep: async () => undefined, scratchFile: () => t.fail(), readImages: unsteady}));
	t.is(describeError(error), 'The image "a.jpg" could not be decoded at first, and then it could\n  reason  no memory\nThe machine may be short of memory. Run again.');
});
