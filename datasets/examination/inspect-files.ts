import {readFile} from 'node:fs/promises';
import {availableParallelism} from 'node:os';
import path from 'node:path';
import {UserError} from '../../engine/error.ts';
import {inspectImage, type InspectedImage} from './inspect-image.ts';
import type {Source} from './source.ts';

export type InspectOptions = {
	/** Absolute path of the folder of the data set. */
	readonly root: string;
	readonly onProgress?: ((done: number, total: number) => void) | undefined;
	readonly signal?: AbortSignal | undefined;
};

/** Images read at a time: the decoder's threads have work while others are waited for. */
const lanes = 2 * availableParallelism();

/**
 * Reads every image of a data set, several at a time; each file once, however often it is listed.
 * @returns what was found, in the order of the entries
 * @throws the reason of the signal when it is aborted
 */
export async function inspectFiles({entries, decode, check}: Pick<Source, 'entries' | 'decode' | 'check'>, {root, onProgress, signal}: InspectOptions): Promise<readonly InspectedImage[]> {
	const found: InspectedImage[] = [];
	let next = 0;
	let done = 0;
	const lane = async () => {
		while (next < entries.length) {
			signal?.throwIfAborted();
			const index = next++;
			found[index] = await inspectFile(path.join(root, entries[index]!.path), {decode, check});
			onProgress?.(++done, entries.length);
		}
	};

	await Promise.all(Array.from({length: lanes}, lane));
	// The decoder's messages share one buffer between images decoded at a time; alone, an image gets its own.
	for (const [index, {reason}] of found.entries()) {
		if (reason !== undefined) {
			signal?.throwIfAborted();
			found[index] = await inspectFile(path.join(root, entries[index]!.path), {decode, check});
		}
	}

	return found;
}

async function inspectFile(file: string, source: Pick<Source, 'decode' | 'check'>): Promise<InspectedImage> {
	let bytes: Uint8Array;
	try {
		bytes = await readFile(file);
	} catch (error) {
		throw new UserError('unreadable-image', `The image "${file}" cannot be read`, {
			cause: error,
			facts: {reason: error instanceof Error ? error.message : String(error)},
			hint: 'Check that the file still exists and that you may read it.',
		});
	}

	return inspectImage(bytes, source);
}
