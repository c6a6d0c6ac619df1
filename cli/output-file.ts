import {appendFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {UserError} from '../engine/error.ts';

/** Writes what `--to FILE` asks for, piece by piece. @throws {UserError} `file-unwritable` */
export function writeOutput(name: string, content: string | Iterable<Uint8Array>): void {
	const file = path.resolve(name);
	try {
		writeFileSync(file, '');
		for (const piece of typeof content === 'string' ? [content] : content) {
			appendFileSync(file, piece);
		}
	} catch (error) {
		throw new UserError('file-unwritable', `"${file}" cannot be written: ${(error as Error).message}`, {cause: error});
	}
}
