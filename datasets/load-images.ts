import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {assemble, type Assembly} from '../artifacts/assembled-bytes.ts';
import type {ImageSet} from '../artifacts/image-set.ts';
import {UserError} from '../engine/error.ts';
import type {ScratchFile} from '../engine/scratch-files.ts';
import type {OnStep} from '../engine/stage.ts';
import type {Picture} from './image-folder/picture.ts';
import {counted, problemFacts, type Problem} from './problems.ts';

/** One image of a data set. */
export type ImageEntry = {
	/** Relative to the folder of the data set. */
	readonly path: string;
	/** Index into the identities. */
	readonly label: number;
};

/** Which files show whom, in the order of the data set. */
export type ImageList = {
	readonly identities: readonly string[];
	readonly entries: readonly ImageEntry[];
};

export type LoadOptions = Assembly & {
	/** Absolute path of the folder of the data set. */
	readonly root: string;
	/** Height and width of every image in pixels. */
	readonly size: number;
	readonly channels: 1 | 3;
	/** Leave damaged images out instead of failing. */
	readonly skipCorrupt: boolean;
	/** Calls `readImage` with many jobs, in threads; gives the results in the order of the jobs. */
	readonly readImages: (jobs: Iterable<ImageJob>) => AsyncIterable<ImageResult>;
	readonly onStep: OnStep;
};

/** One image to be read. */
export type ImageJob = {
	/** Absolute path. */
	readonly file: string;
	/** Height and width to give it, in pixels. */
	readonly size: number;
	readonly channels: 1 | 3;
};

/** Pixels [size, size, channels], or the decoder's reason why there are none. */
export type ImageResult = Uint8Array | {readonly reason: string};

/** How a data set reads its images. */
export type ImageReader = {
	/** Reads the bytes of a file. @throws when they are damaged */
	readonly decode: (bytes: Uint8Array) => Promise<Picture>;
	/** Makes a picture square: pixels [size, size, channels]. */
	readonly square: (picture: Picture, options: {readonly size: number; readonly channels: 1 | 3}) => Uint8Array;
};

/** A data set as a labelled set, and what was left out of it. */
export type LoadedImages = {
	readonly images: ImageSet;
	/** Damaged images, with the decoder's reason; empty unless `skipCorrupt`. */
	readonly skipped: readonly Problem[];
};

/**
 * Decodes images and makes them squares of one size, in threads. A large set is assembled on the disk, image by image.
 * @throws {UserError} when a file is unreadable or damaged, all of a kind together, or an identity would have no image.
 */
export async function loadImages({identities, entries}: ImageList, options: LoadOptions): Promise<LoadedImages> {
	const {root, size, channels, skipCorrupt} = options;
	const sink = assemble(entries.length * size * size * channels, options);
	const {kept, damaged} = await readAll(entries, options, sink);
	if (damaged.length > 0 && !skipCorrupt) {
		throw new UserError('corrupt-images', `${counted(damaged.length, 'image')} of "${root}" cannot be decoded`, {
			facts: problemFacts(damaged),
			hint: 'Replace or remove them, or set "skipCorrupt" to true to leave them out.',
		});
	}

	const labels = Int32Array.from(kept, ({label}) => label);
	refuseEmptyIdentities({identities, entries}, labels, damaged);
	return {
		images: {images: sink.finish(), shape: [kept.length, size, size, channels], labels, identities},
		skipped: damaged,
	};
}

/** An image, and a reason that may be that of another one. */
type FailedImage = {readonly entry: ImageEntry; readonly reason: string};

type ReadImages = {readonly kept: readonly ImageEntry[]; readonly damaged: readonly Problem[]};

async function readAll(entries: readonly ImageEntry[], options: LoadOptions, sink: ScratchFile): Promise<ReadImages> {
	// Threads load the image library, too: what is loaded here first stays loaded when they end, whatever they left running.
	await import('sharp');
	const kept: ImageEntry[] = [];
	const failed: FailedImage[] = [];
	let done = 0;
	for await (const result of options.readImages(jobsOf(entries, options))) {
		const entry = entries[done++]!;
		if (result instanceof Uint8Array) {
			sink.add(result);
			kept.push(entry);
		} else {
			failed.push({entry, reason: result.reason});
		}

		await options.onStep(done, entries.length, 'image');
	}

	return {kept, damaged: await reasonsOf(failed, options)};
}

/** The decoder's messages share one buffer between images decoded at a time; alone, an image gets its own. */
async function reasonsOf(failed: readonly FailedImage[], options: LoadOptions): Promise<readonly Problem[]> {
	const problems: Problem[] = [];
	for (const {entry, reason} of failed) {
		for await (const result of options.readImages(jobsOf([entry], options))) {
			if (result instanceof Uint8Array) {
				throw new UserError('image-not-steady', `The image "${entry.path}" could not be decoded at first, and then it could`, {facts: {reason}, hint: 'The machine may be short of memory. Run again.'});
			}

			problems.push({subject: entry.path, reason: result.reason});
		}
	}

	return problems;
}

function * jobsOf(entries: readonly ImageEntry[], {root, size, channels}: LoadOptions): Iterable<ImageJob> {
	for (const entry of entries) {
		yield {file: path.join(root, entry.path), size, channels};
	}
}

/**
 * Reads an image and makes it square, as one job of a thread.
 * @throws {UserError} when the file cannot be read
 */
export async function readImage({file, size, channels}: ImageJob, {decode, square}: ImageReader): Promise<ImageResult> {
	const bytes = await readBytes(file);
	try {
		return square(await decode(bytes), {size, channels});
	} catch (error) {
		return {reason: reasonOf(error)};
	}
}

/** The decoder's messages are on several lines. */
export function reasonOf(error: unknown): string {
	return error instanceof Error ? error.message.trim().replaceAll(/\s*\n\s*/gu, '; ') : String(error);
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

/** Whoever is not on the list at all, as in a list of test images, has lost nothing. */
function refuseEmptyIdentities({identities, entries}: ImageList, labels: Int32Array, damaged: readonly Problem[]): void {
	const present = new Set(labels);
	const listed = new Set(entries.map(({label}) => label));
	const empty = identities.filter((_, label) => listed.has(label) && !present.has(label));
	if (empty.length > 0) {
		throw new UserError('identity-without-images', `${counted(empty.length, 'identity', 'identities')} would have no image left, because all are damaged`, {
			facts: problemFacts([...empty.map(name => ({subject: name, reason: 'no readable image'})), ...damaged]),
			hint: 'Replace the damaged images or remove the folders of these identities.',
		});
	}
}
