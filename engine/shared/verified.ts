import {createReadStream} from 'node:fs';
import {digestStream, type Digest, type Fingerprint} from '../digest.ts';
import type {StoredArtifact, Store} from '../store.ts';

/** What arrived is not what its name says; it must not be used. */
export class RefusedError extends Error {
	override readonly name = 'RefusedError';
	/** The object or the record it is about. */
	readonly subject: Digest | Fingerprint;

	constructor(subject: Digest | Fingerprint, message: string) {
		super(message);
		this.subject = subject;
	}
}

/** Passes bytes on and throws at their end, or as soon as there are too many, unless they are the bytes of the digest. */
export async function * verified(chunks: AsyncIterable<Uint8Array>, {digest, sizeBytes}: Pick<StoredArtifact, 'digest' | 'sizeBytes'>): AsyncGenerator<Uint8Array> {
	const stream = digestStream();
	let arrivedBytes = 0;
	for await (const chunk of chunks) {
		arrivedBytes += chunk.length;
		if (arrivedBytes > sizeBytes) {
			throw new RefusedError(digest, `object ${digest} has more than ${sizeBytes} bytes`);
		}

		stream.update(chunk);
		yield chunk;
	}

	if (arrivedBytes < sizeBytes) {
		throw new RefusedError(digest, `object ${digest} has ${arrivedBytes} bytes, expected ${sizeBytes}`);
	}

	if (stream.digest() !== digest) {
		throw new RefusedError(digest, `object ${digest} is damaged: its bytes have another digest`);
	}
}

/** How much of a file is read at a time. */
const pieceBytes = 1 << 20;

/** The bytes of an object of the local cache, unverified. Opens it when the first bytes are asked for, and fails then when it is not there. */
export async function * localChunks(store: Store, digest: Digest): AsyncGenerator<Uint8Array> {
	const source = store.locate(digest);
	if ('bytes' in source) {
		yield source.bytes;
	} else {
		yield * createReadStream(source.file, {highWaterMark: pieceBytes}) as AsyncIterable<Uint8Array>;
	}
}
