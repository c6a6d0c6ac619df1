import {createHash} from 'node:crypto';
import {crc32} from 'node:zlib';
import {damaged, type ByteSource} from './byte-source.ts';
import type {TensorStorage} from './python-values.ts';
import type {TensorFile} from './tensor-file.ts';

const pieceBytes = 1 << 22;

/** SHA-256 of a whole file, which is what publishers of weights name. */
export function fileSha256(source: ByteSource): string {
	const hash = createHash('sha256');
	for (const piece of pieces(source, 0, source.sizeBytes)) {
		hash.update(piece);
	}

	return hash.digest('hex');
}

/**
 * Compares the bytes of storages with the checksums that the file has of them.
 * @throws {UserError} `weights-damaged`
 */
export function verifyStorages({source, places}: Pick<TensorFile, 'source' | 'places'>, storages: ReadonlySet<TensorStorage>): void {
	for (const storage of storages) {
		const {start, sizeBytes, crc32: expected} = places.get(storage)!;
		if (expected === undefined) {
			continue;
		}

		let value = 0;
		for (const piece of pieces(source, start, sizeBytes)) {
			value = crc32(piece, value);
		}

		if (value !== expected) {
			throw damaged(source, `storage "${storage.key}" has the checksum ${hex(value)}, but the archive says ${hex(expected)}`);
		}
	}
}

/** The bytes of a part of a file, a few at a time; each piece holds until the next one. */
function * pieces(source: ByteSource, start: number, count: number): Iterable<Uint8Array> {
	const buffer = new Uint8Array(Math.min(pieceBytes, count));
	for (let done = 0; done < count; done += buffer.length) {
		const piece = buffer.subarray(0, Math.min(buffer.length, count - done));
		source.read(piece, start + done);
		yield piece;
	}
}

function hex(value: number): string {
	return value.toString(16).padStart(8, '0');
}
