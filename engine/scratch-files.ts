import {closeSync, mkdirSync, openSync, rmSync, writeSync} from 'node:fs';
import path from 'node:path';
import {OpenedFiles} from './opened-files.ts';

/** Bytes on the disk that are put together piece by piece. */
export type ScratchFile = {
	readonly add: (bytes: Uint8Array) => void;
	/** All that was added, read when it is looked at; nothing can be added any more. */
	readonly finish: () => ScratchBytes;
};

/** What a `Uint8Array` is to those who only look at parts of it. */
export type ScratchBytes = {
	readonly length: number;
	/** A copy of the bytes from `start` up to `end`. */
	readonly subarray: (start: number, end: number) => Uint8Array;
};

/** Where a stage assembles what is too large for the memory: beside the folder of its outputs, so that it is swept like that one when a process dies. */
export function scratchFolderOf(jobFolder: string): string {
	return `${jobFolder}.scratch`;
}

/** Files in a folder that is made when one is wanted, and gone in the end. */
export class ScratchFiles implements Disposable {
	readonly #folder: string;
	readonly #opened = new OpenedFiles();
	readonly #writing = new Set<number>();
	#count = 0;

	constructor(folder: string) {
		this.#folder = folder;
	}

	make(): ScratchFile {
		mkdirSync(this.#folder, {recursive: true});
		const file = path.join(this.#folder, String(this.#count));
		this.#count += 1;
		const descriptor = openSync(file, 'w');
		this.#writing.add(descriptor);
		let length = 0;
		return {
			add(bytes) {
				for (let written = 0; written < bytes.length;) {
					written += writeSync(descriptor, bytes, written);
				}

				length += bytes.length;
			},
			finish: () => {
				this.#writing.delete(descriptor);
				closeSync(descriptor);
				const {read} = this.#opened.open(file);
				return {length, subarray: read};
			},
		};
	}

	[Symbol.dispose](): void {
		this.#opened[Symbol.dispose]();
		for (const descriptor of this.#writing) {
			closeSync(descriptor);
		}

		if (this.#count > 0) {
			rmSync(this.#folder, {recursive: true, force: true, maxRetries: 3});
		}
	}
}
