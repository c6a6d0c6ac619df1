import {accessSync, constants, existsSync, readdirSync, statSync} from 'node:fs';
import path from 'node:path';
import {cacheFolder as compiledFolder} from '../../engine/code.ts';
import type {Node} from '../../engine/graph.ts';
import {formatBytes} from '../format.ts';
import {problemOf, type Finding, type Site} from './finding.ts';

/** Whether the pipeline compiles and is wired, and whether its params are right. */
export async function pipeline({pipelineFile, paramsFile, loaded, graph}: Site): Promise<readonly Finding[]> {
	try {
		await loaded();
	} catch (error) {
		return [problemOf('pipeline', error), {check: 'params', status: 'note', found: 'not checked: the pipeline does not load'}];
	}

	const compiles: Finding = {check: 'pipeline', status: 'ok', found: `${path.basename(pipelineFile)} compiles`};
	try {
		const {nodes, variants} = await graph();
		const stages = new Set(nodes.map(({stage}) => stage));
		const counts = `${counted(variants.length, 'variant')}, ${counted(nodes.length, 'node')} of ${counted(stages.size, 'stage')}`;
		return [compiles, {check: 'params', status: 'ok', found: `${path.basename(paramsFile)}: ${counts}`}, ...inputFolders(nodes), ...inputFiles(nodes)];
	} catch (error) {
		return [compiles, problemOf('params', error)];
	}
}

function inputFolders(nodes: readonly Node[]): readonly Finding[] {
	const folders = new Set(nodes.flatMap(({inputs}) => Object.values(inputs)).flatMap(input => (input.ref === 'folder' ? [input.path] : [])));
	return [...folders].map(folder => (statSync(folder, {throwIfNoEntry: false})?.isDirectory()
		? {check: 'input folder', status: 'ok', found: folder}
		: {check: 'input folder', status: 'problem', found: `"${folder}" is not there`, hint: 'Check the path in the params; a relative one starts at the folder of pipeline.ts.'}));
}

function inputFiles(nodes: readonly Node[]): readonly Finding[] {
	const files = new Set(nodes.flatMap(({inputs}) => Object.values(inputs)).flatMap(input => (input.ref === 'file' ? [input.path] : [])));
	return [...files].map(file => (statSync(file, {throwIfNoEntry: false})?.isFile()
		? {check: 'input file', status: 'ok', found: file}
		: {check: 'input file', status: 'problem', found: `"${file}" is not there`, hint: 'Check the path in the params; a relative one starts at the folder of pipeline.ts.'}));
}

/** Where compiled code is kept. */
export function compiledCode({pipelineFile}: Pick<Site, 'pipelineFile'>): readonly Finding[] {
	const check = 'compiled code';
	const folder = compiledFolder(path.dirname(pipelineFile));
	if (!existsSync(folder)) {
		return [{check, status: 'note', found: `none yet in ${folder}`}];
	}

	accessSync(folder, constants.W_OK);
	const {files, bytes} = contents(folder);
	return [{check, status: 'ok', found: `${counted(files, 'file')}, ${formatBytes(bytes)} in ${folder}`}];
}

/** Number and bytes of the files in a folder and below. */
export function contents(folder: string): {readonly files: number; readonly bytes: number} {
	const files = readdirSync(folder, {recursive: true, withFileTypes: true}).filter(entry => entry.isFile());
	// A file may be gone by now: other processes work here too.
	const sizes = files.map(({parentPath, name}) => statSync(path.join(parentPath, name), {throwIfNoEntry: false})?.size ?? 0);
	return {files: files.length, bytes: sizes.reduce((sum, size) => sum + size, 0)};
}

/** `1 node`, `2 nodes`. */
export function counted(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
