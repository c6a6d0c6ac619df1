import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {UserError} from '../engine/error.ts';

/** Writes what `--to FILE` asks for. @throws {UserError} `file-unwritable` */
export function writeOutput(name: string, content: string | Uint8Array): void {
	const file = path.resolve(name);
	try {
		writeFileSync(file, content);
	} catch (error) {
		throw new UserError('file-unwritable', `"${file}" cannot be written: ${(error as Error).message}`, {cause: error});
	}
}
