import {Buffer} from 'node:buffer';
import type {Digest, Fingerprint} from '../digest.ts';

/**
 * A cache that several machines share: records of results by fingerprint, and objects by digest, which never change. Whatever it
 * hands out is unverified; whatever it is given is there as a whole or not at all, even with many writers.
 *
 * Every method throws a `UserError` whose code starts with `shared-` when the cache cannot be reached or refuses.
 */
export type SharedCache = {
	readonly hasRecord: (fingerprint: Fingerprint) => Promise<boolean>;
	/** The text of a record; nothing when there is none. */
	readonly getRecord: (fingerprint: Fingerprint, signal: AbortSignal) => Promise<string | undefined>;
	/** Replaces a record that is there. */
	readonly putRecord: (fingerprint: Fingerprint, text: string, signal: AbortSignal) => Promise<void>;
	/** Bytes of an object; nothing when it is not there. */
	readonly sizeOf: (digest: Digest) => Promise<number | undefined>;
	/** The bytes of an object piece by piece; nothing when it is not there. */
	readonly getObject: (digest: Digest, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array> | undefined>;
	/** Replaces an object that is there. When the content throws, nothing becomes visible and the error is passed on. */
	readonly putObject: (digest: Digest, content: Content, signal: AbortSignal) => Promise<void>;
	readonly close: () => void;
};

/** Bytes on their way: never the whole object in memory. */
export type Content = {readonly sizeBytes: number; readonly chunks: AsyncIterable<Uint8Array>};

/** Records are a few kilobytes; a larger one is not ours and not worth the memory. */
export const recordLimitBytes = 16 * 1024 * 1024;

/** Where an object or a record is, relative to the folder or prefix: the same layout for every kind of cache. */
export function objectPath(digest: Digest): string {
	return `objects/${digest.slice(0, 2)}/${digest.slice(2)}`;
}

export function recordPath(fingerprint: Fingerprint): string {
	return `results/${fingerprint.slice(0, 2)}/${fingerprint.slice(2)}.json`;
}

/** The text of a record that arrives in pieces; cut off when it is too long, so that it is refused. */
export async function readRecord(chunks: AsyncIterable<Uint8Array>): Promise<string> {
	const parts: Uint8Array[] = [];
	let sizeBytes = 0;
	for await (const chunk of chunks) {
		parts.push(chunk);
		sizeBytes += chunk.length;
		if (sizeBytes > recordLimitBytes) {
			break;
		}
	}

	return Buffer.concat(parts).toString('utf8');
}

/** All the bytes of something small. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
	const parts: Uint8Array[] = [];
	for await (const chunk of chunks) {
		parts.push(chunk);
	}

	return Buffer.concat(parts);
}
