import {closeSync, fstatSync, openSync, readSync} from 'node:fs';
import type {ByteSource} from './artifact.ts';

/** Files that stay open while a value is read from them. */
export class OpenedFiles implements Disposable {
	readonly #descriptors: number[] = [];

	/** Opens a file for reading any part of it. */
	open(file: string): ByteSource {
		const descriptor = openSync(file, 'r');
		this.#descriptors.push(descriptor);
		return {
			sizeBytes: fstatSync(descriptor).size,
			read: (start, end) => readPart(descriptor, start, end),
		};
	}

	[Symbol.dispose](): void {
		for (const descriptor of this.#descriptors.splice(0)) {
			closeSync(descriptor);
		}
	}
}

/** @throws {RangeError} when the file ends before */
function readPart(descriptor: number, start: number, end: number): Uint8Array {
	const bytes = new Uint8Array(end - start);
	let length = 0;
	while (length < bytes.length) {
		const read = readSync(descriptor, bytes, length, bytes.length - length, start + length);
		if (read === 0) {
			throw new RangeError(`Expected bytes ${start} to ${end}, but the file ends at ${start + length}`);
		}

		length += read;
	}

	return bytes;
}
