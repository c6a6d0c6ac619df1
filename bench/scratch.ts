import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';

/** A temporary folder that is removed when it is disposed of, or at the end of the process. */
export class Scratch implements Disposable {
	readonly folder: string;
	readonly #remove = () => {
		try {
			rmSync(this.folder, {recursive: true, force: true});
		} catch (error) {
			// A tup that was killed leaves a mounted folder behind.
			process.stderr.write(`Could not remove ${this.folder}: ${(error as Error).message}\n`);
		}
	};

	constructor(prefix: string) {
		this.folder = mkdtempSync(path.join(tmpdir(), prefix));
		process.on('exit', this.#remove);
	}

	[Symbol.dispose](): void {
		process.off('exit', this.#remove);
		this.#remove();
	}
}
