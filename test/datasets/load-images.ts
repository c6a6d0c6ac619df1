import {existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {imageSet} from '../../artifacts/image-set.ts';
import {decodeLikePillow} from '../../datasets/decode-like-pillow.ts';
import {loadImages, readImage, type ImageJob, type LoadOptions} from '../../datasets/load-images.ts';
import {pillowSquare} from '../../datasets/pillow-square.ts';
import {ScratchFiles} from '../../engine/scratch-files.ts';
import {bytesOf} from '../helpers/bytes.ts';
import {allPixels} from '../helpers/identity-set.ts';
import {inThisThread} from '../helpers/stage.ts';

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
