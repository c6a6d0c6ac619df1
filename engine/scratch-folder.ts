import {mkdirSync, rmSync} from 'node:fs';

/** Where a stage assembles what is too large for the memory: beside the folder of its outputs, so that it is swept like that one when a process dies. */
export function scratchFolderOf(jobFolder: string): string {
	return `${jobFolder}.scratch`;
}

/** A folder that is made when it is wanted, and gone in the end. */
export class ScratchFolder implements Disposable {
	readonly #folder: string;
	#isMade = false;

	constructor(folder: string) {
		this.#folder = folder;
	}

	/** The folder; the same one every time. */
	make(): string {
		mkdirSync(this.#folder, {recursive: true});
		this.#isMade = true;
		return this.#folder;
	}

	[Symbol.dispose](): void {
		if (this.#isMade) {
			rmSync(this.#folder, {recursive: true, force: true, maxRetries: 3});
		}
	}
}
