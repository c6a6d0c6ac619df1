import {closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {UserError} from '../../engine/error.ts';
import {isAlive} from '../../engine/leases.ts';

const extension = '.safetensors';

/** Where imported weights are kept: beside the pipeline, and not committed. */
export function importsFolder(pipelineFile: string): string {
	return path.join(path.dirname(pipelineFile), 'imports');
}

/** The file of a name. @throws {UserError} `weights-name` for what is no plain name */
export function importedFile(folder: string, name: string): string {
	if (!/^[\w-][\w.-]*$/.test(name)) {
		throw new UserError('weights-name', `"${name}" cannot be the name of imported weights`, {hint: 'Use letters, digits, ".", "-" and "_": --name NAME.'});
	}

	return path.join(folder, `${name}${extension}`);
}

/** A plain name made of that of a file. */
export function nameOf(file: string): string {
	return path.parse(file).name.replaceAll(/[^\w.-]+/g, '-').replace(/^\.+/, '') || 'weights';
}

/** Names of the imported weights, sorted. */
export function importedNames(folder: string): readonly string[] {
	const files = existsSync(folder) ? readdirSync(folder) : [];
	return files.filter(file => file.endsWith(extension) && !file.startsWith('.')).map(file => path.parse(file).name).toSorted();
}

/**
 * Writes a file so that it is there as a whole or not at all, whenever the process ends.
 * @throws {UserError} `file-unwritable`
 */
export function writeWhole(file: string, pieces: Iterable<Uint8Array>): void {
	const {dir, base} = path.parse(file);
	const temporary = path.join(dir, `.${base}.${process.pid}.part`);
	try {
		mkdirSync(dir, {recursive: true});
		removeLeftovers(dir);
		const descriptor = openSync(temporary, 'w');
		try {
			for (const piece of pieces) {
				for (let done = 0; done < piece.length;) {
					done += writeSync(descriptor, piece, done);
				}
			}

			fsyncSync(descriptor);
		} finally {
			closeSync(descriptor);
		}

		renameSync(temporary, file);
	} catch (error) {
		rmSync(temporary, {force: true});
		if (!(error instanceof Error && 'syscall' in error)) {
			throw error;
		}

		throw new UserError('file-unwritable', `"${file}" cannot be written: ${error.message}`, {hint: 'Make room, or look who may write there.', cause: error});
	}
}

/** What imports that were killed have left. */
function removeLeftovers(folder: string): void {
	for (const name of readdirSync(folder)) {
		const pid = /^\..*\.(\d+)\.part$/.exec(name)?.[1];
		if (pid !== undefined && !isAlive(Number(pid))) {
			rmSync(path.join(folder, name), {force: true});
		}
	}
}
