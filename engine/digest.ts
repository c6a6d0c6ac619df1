import {Buffer} from 'node:buffer';
import {closeSync, openSync, readSync} from 'node:fs';
import {hasher} from './host.js';

declare const brand: unique symbol;

/** 128-bit hash of bytes that came out of a stage or a file: 32 hex digits. */
export type Digest = string & {readonly [brand]: 'digest'};

/** 128-bit hash of everything that determines a node's outputs: 32 hex digits. */
export type Fingerprint = string & {readonly [brand]: 'fingerprint'};

/** Two independently seeded 64-bit streams make one 128-bit digest; 64 bits are too few for a store shared by a team. */
const seeds = [0x9E_37_79_B9_7F_4A_7C_15n, 0xC2_B2_AE_3D_27_D4_EB_4Fn] as const;

const encoder = new TextEncoder();

/** What is hashed at a time: fits into the cache of a core, so that both streams find it there. */
const pieceBytes = 256 * 1024;

/** Hashes bytes that arrive piece by piece. */
export type DigestStream = {
	update(bytes: Uint8Array): DigestStream;
	digest(): Digest;
};

/** Starts a digest; the digest depends on the bytes, not on how they are cut into pieces. */
export function digestStream(): DigestStream {
	const streams = seeds.map(seed => hasher.create64(seed));
	return {
		update(bytes) {
			for (const stream of streams) {
				stream.update(bytes);
			}

			return this;
		},
		digest: () => streams.map(stream => hex(stream.digest())).join('') as Digest,
	};
}

/** Digest of bytes in memory. Many go piece by piece: hashed at once, WebAssembly would hold a copy of them all. */
export function digestBytes(bytes: Uint8Array): Digest {
	if (bytes.length > pieceBytes) {
		const stream = digestStream();
		for (let start = 0; start < bytes.length; start += pieceBytes) {
			stream.update(bytes.subarray(start, start + pieceBytes));
		}

		return stream.digest();
	}

	return seeds.map(seed => hex(hasher.h64Raw(bytes, seed))).join('') as Digest;
}

/** Digest of a text's UTF-8 bytes. */
export function digestText(text: string): Digest {
	return digestBytes(encoder.encode(text));
}

/** Digest of a file, read in pieces of constant size. */
export function digestFile(path: string): Digest {
	const descriptor = openSync(path, 'r');
	try {
		const piece = Buffer.allocUnsafe(pieceBytes);
		const stream = digestStream();
		for (let length = readSync(descriptor, piece); length > 0; length = readSync(descriptor, piece)) {
			stream.update(piece.subarray(0, length));
		}

		return stream.digest();
	} finally {
		closeSync(descriptor);
	}
}

/** Whether a text has the form of a digest. */
export function isDigest(text: string): text is Digest {
	return /^[\da-f]{32}$/.test(text);
}

function hex(value: bigint): string {
	return value.toString(16).padStart(16, '0');
}
