import {damaged, type ByteSource} from './byte-source.ts';

const windowBytes = 1 << 16;

/** Reads a part of a file from its beginning to its end, through a small window. */
export class Cursor {
	readonly source: ByteSource;
	/** Of the next byte, in the file. */
	position: number;
	readonly end: number;
	#window = new Uint8Array(0);
	/** Position of the window's first byte. */
	#from = 0;

	/** @param end position of the first byte that does not belong to the part */
	constructor(source: ByteSource, position = 0, end = source.sizeBytes) {
		this.source = source;
		this.position = position;
		this.end = end;
	}

	/** @throws {UserError} `weights-damaged` at the end */
	byte(): number {
		// Pickles are read byte by byte: a view for each would take most of the time.
		const value = this.position < this.end ? this.#window[this.position - this.#from] : undefined;
		if (value === undefined) {
			return this.take(1)[0]!;
		}

		this.position++;
		return value;
	}

	/** The next bytes: a view that holds until the next call. @throws {UserError} `weights-damaged` when there are not so many, before any are read */
	take(count: number): Uint8Array {
		if (count > this.end - this.position) {
			throw damaged(this.source, `at byte ${this.position} there should be ${count} more bytes, but there are ${this.end - this.position}`);
		}

		if (this.position < this.#from || this.position + count > this.#from + this.#window.length) {
			this.#window = new Uint8Array(Math.min(Math.max(windowBytes, count), this.end - this.position));
			this.source.read(this.#window, this.position);
			this.#from = this.position;
		}

		const start = this.position - this.#from;
		this.position += count;
		return this.#window.subarray(start, start + count);
	}

	/** Little-endian, of 1 to 8 bytes; exact up to 2^53, which is more than any file has. */
	unsigned(bytes: number): number {
		return this.take(bytes).reduceRight((value, byte) => (value * 256) + byte, 0);
	}
}
