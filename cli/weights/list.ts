import process from 'node:process';
import pc from 'picocolors';
import {isUserError} from '../../engine/error.ts';
import {describeFile, type FileDescription} from '../../weights/describe.ts';
import {formatBytes, printable} from '../format.ts';
import {importedFile, importedNames, importsFolder} from './folder.ts';
import type {WeightsOptions} from './options.ts';

/** `pipeline weights list`. */
export async function listWeights({pipeline, json}: WeightsOptions): Promise<number> {
	const folder = importsFolder(pipeline);
	let exitCode = 0;
	for (const name of importedNames(folder)) {
		const file = importedFile(folder, name);
		try {
			const {facts, sizeBytes} = await describeFile(file);
			process.stdout.write(json ? `${JSON.stringify({name, file, sizeBytes, ...facts})}\n` : `${lineOf(name, {facts, sizeBytes})}\n`);
		} catch (error) {
			if (!isUserError(error)) {
				throw error;
			}

			// One damaged file hides no other.
			exitCode = 1;
			process.stdout.write(json ? `${JSON.stringify({name, file, error: {code: error.code, message: error.message}})}\n` : `${pc.bold(name)}  ${pc.red(printable(error.message))}\n`);
		}
	}

	if (!json && importedNames(folder).length === 0) {
		process.stdout.write(`Nothing is imported into ${folder} yet: pipeline weights import FILE --architecture NAME\n`);
	}

	return exitCode;
}

function lineOf(name: string, {facts: {architecture = 'unknown', source}, sizeBytes}: Pick<FileDescription, 'facts' | 'sizeBytes'>): string {
	return `${pc.bold(name)}  ${printable(architecture)}, ${formatBytes(sizeBytes)}${source ? printable(`, from "${source.file}", sha256 ${source.sha256.slice(0, 8)}…`) : ''}`;
}
