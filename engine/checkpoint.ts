import {closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {deserialize, serialize} from 'node:v8';
import {digestStream, type Digest, type Fingerprint} from './digest.ts';
import type {Store} from './store.ts';

/** Where a stage was after one of its steps. */
export type Checkpoint = {
	/** Units that were finished. */
	readonly done: number;
	readonly total: number;
	readonly unit: string;
	/** Milliseconds it took to come here, in all processes that took part. */
	readonly computedMs: number;
	/** What the stage needs to go on; its meaning is the stage's own. */
	readonly state: unknown;
};

/** What was found in the place of a checkpoint. */
export type FoundCheckpoint =
	| {readonly found: 'checkpoint'; readonly checkpoint: Checkpoint}
	| {readonly found: 'nothing'}
	/** A file that cannot be used; `why` completes "the checkpoint …". */
	| {readonly found: 'unusable'; readonly why: string};

/** Of the file format, and of what a state means to the worker. */
const version = 1;

const longestLineBytes = 100;

/** How much is hashed at a time, so that the hash needs constant memory. */
const pieceBytes = 1 << 20;

/** Where the checkpoint of a computation is. The name is its fingerprint, so that nothing but the same computation finds it. */
export function checkpointFile(cacheFolder: string, fingerprint: string): string {
	return path.join(cacheFolder, 'checkpoints', fingerprint);
}

/** The checkpoint as bytes: a line with version and digest, then the structured clone, which keeps every bit of numbers and typed arrays. */
export function encodeCheckpoint(checkpoint: Checkpoint): readonly Uint8Array[] {
	const body = serialize(checkpoint);
	return [new TextEncoder().encode(`pipeline checkpoint ${version} ${digestOf(body)}\n`), body];
}

/** Reads what `encodeCheckpoint` made; whatever else the bytes are, nothing is thrown. */
export function decodeCheckpoint(bytes: Uint8Array): FoundCheckpoint {
	const [line = '', format, digest] = /^pipeline checkpoint (\d+) (.*)\n/.exec(new TextDecoder().decode(bytes.subarray(0, longestLineBytes))) ?? [];
	if (format !== undefined && Number(format) !== version) {
		return {found: 'unusable', why: `has the format ${format}, expected ${version}`};
	}

	const body = bytes.subarray(line.length);
	if (digestOf(body) !== digest) {
		return {found: 'unusable', why: 'is damaged'};
	}

	const checkpoint = cloneIn(body);
	return isCheckpoint(checkpoint) ? {found: 'checkpoint', checkpoint} : {found: 'unusable', why: 'was written by another version of Node'};
}

/** Absent when this version of Node cannot read it: the bytes themselves are those that were written. */
function cloneIn(body: Uint8Array): unknown {
	try {
		return deserialize(body);
	} catch {
		return undefined;
	}
}

function isCheckpoint(value: unknown): value is Checkpoint {
	const {done, total, unit, computedMs} = (value ?? {}) as Partial<Record<keyof Checkpoint, unknown>>;
	return [done, total, computedMs].every(number => typeof number === 'number') && typeof unit === 'string';
}

/**
 * Puts a checkpoint in place of the one before, or leaves that one whole.
 * @param temporaryFile on the same file system, and this process's own
 * @throws what the file system throws
 */
export function writeCheckpoint(file: string, temporaryFile: string, chunks: readonly Uint8Array[]): void {
	try {
		mkdirSync(path.dirname(temporaryFile), {recursive: true});
		const descriptor = openSync(temporaryFile, 'w');
		try {
			for (const chunk of chunks) {
				writeFileSync(descriptor, chunk);
			}

			fsyncSync(descriptor);
		} finally {
			closeSync(descriptor);
		}

		mkdirSync(path.dirname(file), {recursive: true});
		// The folder needs no sync: after a power cut the name leads to this checkpoint or the one before.
		renameSync(temporaryFile, file);
	} catch (error) {
		rmSync(temporaryFile, {force: true});
		throw error;
	}
}

/** Looks for a checkpoint. */
export function readCheckpoint(file: string): FoundCheckpoint {
	try {
		return decodeCheckpoint(readFileSync(file));
	} catch (error) {
		const {code, message} = error as NodeJS.ErrnoException;
		return code === 'ENOENT' ? {found: 'nothing'} : {found: 'unusable', why: `cannot be read: ${message}`};
	}
}

/** Removes the checkpoint of a computation that has a result. */
export function discardCheckpoint(cacheFolder: string, fingerprint: string): void {
	rmSync(checkpointFile(cacheFolder, fingerprint), {force: true});
}

/** Removes checkpoints that outlived their use because a process died between publishing a result and discarding its checkpoint. */
export function sweepCheckpoints(store: Pick<Store, 'folder' | 'find'>): void {
	const folder = path.join(store.folder, 'checkpoints');
	for (const fingerprint of existsSync(folder) ? readdirSync(folder) : []) {
		const result = store.find(fingerprint as Fingerprint);
		if (result) {
			discardCheckpoint(store.folder, fingerprint);
		}
	}
}

function digestOf(bytes: Uint8Array): Digest {
	const stream = digestStream();
	for (let start = 0; start < bytes.length; start += pieceBytes) {
		stream.update(bytes.subarray(start, start + pieceBytes));
	}

	return stream.digest();
}
