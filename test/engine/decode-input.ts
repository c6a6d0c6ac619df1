import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {imageSet, type ImageSet} from '../../artifacts/image-set.ts';
import {selectImages} from '../../datasets/select-images.ts';
import {DamagedObject, valueOf} from '../../engine/decode-input.ts';
import {digestBytes, type Digest} from '../../engine/digest.ts';
import {OpenedFiles} from '../../engine/opened-files.ts';
import {bytesOf} from '../helpers/bytes.ts';
import {allPixels} from '../helpers/identity-set.ts';

const set: ImageSet = {
	images: Uint8Array.from({length: 5 * 2 * 3}, (_, index) => 3 * index),
	shape: [5, 2, 3, 1],
	labels: Int32Array.of(0, 1, 0, 1, 1),
	identities: ['Ada', 'Zoë'],
};

/** A file with the set, and where it is. */
function fileOf(t: ExecutionContext) {
	const folder = mkdtempSync(path.join(tmpdir(), 'decode-input-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true});
	});
	const bytes = bytesOf(imageSet, set);
	const file = path.join(folder, 'images');
	writeFileSync(file, bytes);
	return {file, digest: digestBytes(bytes), bytes};
}

/** The set as a stage gets it from a file that is larger than what is read as a whole. */
const opened = ({file, digest}: {readonly file: string; readonly digest: Digest}, files: OpenedFiles) => valueOf(imageSet, {file, digest}, files, 16) as ImageSet;

test('a large image set is read from its file when its pixels are looked at', t => {
	using files = new OpenedFiles();
	const {images, ...rest} = opened(fileOf(t), files);
	const {images: pixels, ...expected} = set;
	t.deepEqual(rest, expected);
	t.false(images instanceof Uint8Array);
	t.is(images.length, 30);
	t.deepEqual(images.subarray(6, 12), pixels.subarray(6, 12));
	t.deepEqual(allPixels({images}), pixels as Uint8Array);
});

test('images selected from a large set stay on the disk, and encode as those selected in memory', t => {
	using files = new OpenedFiles();
	for (const indices of [[4, 0, 2], [1], [], [3, 3]]) {
		const selected = selectImages(opened(fileOf(t), files), indices);
		t.false(selected.images instanceof Uint8Array);
		t.deepEqual(bytesOf(imageSet, selected), bytesOf(imageSet, selectImages(set, indices)));
		for (let start = 0; start < selected.images.length; start++) {
			t.deepEqual(selected.images.subarray(start, start + 1), allPixels(selected).subarray(start, start + 1));
		}
	}
});

test('a small file is read as a whole', t => {
	using files = new OpenedFiles();
	const {file, digest} = fileOf(t);
	t.deepEqual(valueOf(imageSet, {file, digest}, files), set);
});

test('a large file with other bytes, or none, is damaged', t => {
	using files = new OpenedFiles();
	const whole = fileOf(t);
	writeFileSync(whole.file, whole.bytes.with(-1, 1));
	t.throws(() => opened(whole, files), {instanceOf: DamagedObject});
	rmSync(whole.file);
	t.throws(() => opened(whole, files), {instanceOf: DamagedObject});
});

test('what is read after the file was closed is an error', t => {
	const files = new OpenedFiles();
	const {images} = opened(fileOf(t), files);
	files[Symbol.dispose]();
	t.throws(() => images.subarray(0, 1), {code: 'EBADF'});
});
