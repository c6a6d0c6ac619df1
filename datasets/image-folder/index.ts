import {readFile} from 'node:fs/promises';
import path from 'node:path';
import type {ImageSet} from '../../artifacts/image-set.ts';
import {UserError} from '../../engine/error.ts';
import type {FileSet, OnStep} from '../../engine/stage.ts';
import {counted, problemFacts, type Problem} from '../problems.ts';
import {decodeImage} from './decode-image.ts';
import {listIdentities} from './listing.ts';
import {squareImage} from './square-image.ts';

export type ImageFolderParams = {
	/** Height and width of every image in pixels. */
	readonly size: number;
	/** Three channels or one. */
	readonly colour: 'rgb' | 'grey';
	/** Leave damaged images out instead of failing. */
	readonly skipCorrupt: boolean;
};

/** A folder of photographs as a labelled set, and what was left out of it. */
export type ImageFolder = {
	readonly images: ImageSet;
	/** Damaged images, with the decoder's reason; empty unless `skipCorrupt`. */
	readonly skipped: readonly Problem[];
	/** Images that belong to no identity or are of an unsupported format. */
	readonly ignored: readonly Problem[];
};

/** Images decoded at a time; bounds memory to this many pictures of full size. */
const concurrency = 4;

type Entry = {readonly path: string; readonly label: number};

/**
 * Reads a folder with one folder of images per identity: AVIF, GIF, JPEG, PNG, TIFF, WebP, PGM, PPM. Each image is turned
 * upright, cropped to its largest centred square and resized with antialiasing. Identities and the images of each are in
 * code-point order of their NFC names, whatever order the files are listed in.
 * @throws {UserError} when the folder is not laid out so, a file is unreadable, or an image is damaged; all of a kind together.
 */
export async function loadImageFolder(files: FileSet, {size, colour, skipCorrupt}: ImageFolderParams, onStep: OnStep): Promise<ImageFolder> {
	const {identities, ignored} = listIdentities(files);
	const entries = identities.flatMap(({paths}, label) => paths.map(name => ({path: name, label})));
	const channels = colour === 'rgb' ? 3 : 1;
	const {kept, pixels, damaged} = await decodeAll(entries, {
		root: files.root, size, channels, onStep,
	});
	if (damaged.length > 0 && !skipCorrupt) {
		throw new UserError('corrupt-images', `${counted(damaged.length, 'image')} of "${files.root}" cannot be decoded`, {
			facts: problemFacts(damaged),
			hint: 'Replace or remove them, or set "skipCorrupt" to true to leave them out.',
		});
	}

	const labels = Int32Array.from(kept, ({label}) => label);
	refuseEmptyIdentities(identities.map(({name}) => name), labels, damaged);
	return {
		images: {
			images: pixels,
			shape: [kept.length, size, size, channels],
			labels,
			identities: identities.map(({name}) => name),
		},
		skipped: damaged,
		ignored,
	};
}

type Decoded = {
	readonly kept: readonly Entry[];
	/** [kept, size, size, channels]. */
	readonly pixels: Uint8Array;
	readonly damaged: readonly Problem[];
};

async function decodeAll(entries: readonly Entry[], {root, size, channels, onStep}: {
	readonly root: string;
	readonly size: number;
	readonly channels: 1 | 3;
	readonly onStep: OnStep;
}): Promise<Decoded> {
	const imageLength = size * size * channels;
	const pixels = new Uint8Array(entries.length * imageLength);
	const kept: Entry[] = [];
	const damaged: Problem[] = [];
	for (let start = 0; start < entries.length; start += concurrency) {
		const batch = entries.slice(start, start + concurrency);
		const results = await Promise.all(batch.map(async entry => readSquare(path.join(root, entry.path), {size, channels})));
		for (const [index, entry] of batch.entries()) {
			const first = results[index]!;
			// The decoder's messages share one buffer between images decoded at a time; alone, an image gets its own.
			const result = first instanceof Uint8Array ? first : await readSquare(path.join(root, entry.path), {size, channels});
			if (result instanceof Uint8Array) {
				pixels.set(result, kept.length * imageLength);
				kept.push(entry);
			} else {
				damaged.push({subject: entry.path, reason: result.reason});
			}
		}

		await onStep(start + batch.length, entries.length, 'image');
	}

	return {kept, pixels: pixels.subarray(0, kept.length * imageLength), damaged};
}

/** The pixels, or the decoder's reason why there are none. */
async function readSquare(file: string, options: {readonly size: number; readonly channels: 1 | 3}): Promise<Uint8Array | {readonly reason: string}> {
	const bytes = await readBytes(file);
	try {
		return squareImage(await decodeImage(bytes), options);
	} catch (error) {
		return {reason: error instanceof Error ? error.message.trim().replaceAll(/\s*\n\s*/gu, '; ') : String(error)};
	}
}

/** A file that cannot be read is never skipped: it says nothing about the image. */
async function readBytes(file: string): Promise<Uint8Array> {
	try {
		return await readFile(file);
	} catch (error) {
		throw new UserError('unreadable-image', `The image "${file}" cannot be read`, {
			cause: error,
			facts: {reason: error instanceof Error ? error.message : String(error)},
			hint: 'Check that the file still exists and that you may read it.',
		});
	}
}

function refuseEmptyIdentities(identities: readonly string[], labels: Int32Array, damaged: readonly Problem[]): void {
	const present = new Set(labels);
	const empty = identities.filter((_, label) => !present.has(label));
	if (empty.length > 0) {
		throw new UserError('identity-without-images', `${counted(empty.length, 'identity', 'identities')} would have no image left, because all are damaged`, {
			facts: problemFacts([...empty.map(name => ({subject: name, reason: 'no readable image'})), ...damaged]),
			hint: 'Replace the damaged images or remove the folders of these identities.',
		});
	}
}
