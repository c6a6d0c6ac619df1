import {existsSync, statSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import pc from 'picocolors';
import {recordLines} from '../../artifacts/weights-source.ts';
import {UserError} from '../../engine/error.ts';
import {describeFile} from '../../weights/describe.ts';
import {importClassifier} from '../../weights/import.ts';
import {recordOf} from '../../weights/record.ts';
import {encodeImported} from '../../weights/neutral-file.ts';
import {formatBytes, printable} from '../format.ts';
import {importedFile, importsFolder, nameOf, writeWhole} from './folder.ts';
import type {WeightsOptions} from './options.ts';

export type ImportOptions = WeightsOptions & {
	readonly architecture?: string;
	readonly classes?: number;
	/** Height and width in pixels. */
	readonly size?: number;
	readonly name?: string;
	readonly transformInput?: 'on' | 'off';
};

/** `pipeline weights import FILE`. */
export async function importWeights(file: string, {pipeline, json, architecture, classes, size, name = nameOf(file), transformInput}: ImportOptions): Promise<number> {
	const target = importedFile(importsFolder(pipeline), name);
	const imported = await importClassifier({
		file,
		architecture,
		numClasses: classes,
		imageShape: size === undefined ? undefined : [size, size, 3],
		transformInput: transformInput === undefined ? undefined : transformInput === 'on',
	});
	const record = recordOf(imported, []);
	await refuseOther(target, record.source.sha256);
	writeWhole(target, encodeImported(imported));
	const relative = path.relative(path.dirname(pipeline), target);
	process.stdout.write(json
		? `${JSON.stringify({file: target, ...record})}\n`
		: [
			`${pc.bold(relative)}  ${formatBytes(statSync(target).size)}`,
			...recordLines(record).map(line => `  ${printable(line)}`),
			`Use it with --set target.architecture=${imported.classifier.architecture} --set target.weights=${relative}, or evaluation.weights, embedding.weights, target.initial.`,
			'',
		].join('\n'));
	return 0;
}

/** The weights of another file are not replaced: runs may have been made with them. */
async function refuseOther(target: string, sha256: string): Promise<void> {
	const {source} = existsSync(target) ? (await describeFile(target)).facts : {};
	if (existsSync(target) && source?.sha256 !== sha256) {
		throw new UserError('weights-exist', `"${target}" already holds the weights of another file`, {
			facts: {...(source && {'imported from': source.file, sha256: source.sha256}), 'sha256 of the new one': sha256},
			hint: 'Choose another name with --name, or remove that file.',
		});
	}
}
