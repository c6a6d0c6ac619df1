import path from 'node:path';
import process from 'node:process';
import {loadPipeline} from '../engine/code.ts';
import {buildGraph} from '../engine/graph.ts';
import {loadVariants} from '../engine/params.ts';
import {defaultFiles} from '../engine/default-files.ts';
import {checks} from './doctor/checks.ts';
import {examine, type Finding, type Site} from './doctor/finding.ts';
import {linesOf} from './doctor/lines.ts';
import {counted} from './doctor/project.ts';
import type {CommonOptions} from './main.ts';

/** `pipeline doctor`: 1 when there is a problem. */
export async function doctor(_: readonly string[], options: CommonOptions): Promise<number> {
	const findings = await examine(checks, siteOf(options));
	const count = (wanted: Finding['status']) => findings.filter(({status}) => status === wanted).length;
	if (options.json) {
		process.stdout.write(`${JSON.stringify({findings, problems: count('problem'), warnings: count('warning')})}\n`);
	} else {
		process.stdout.write(`${linesOf(findings).join('\n')}\n${counted(count('problem'), 'problem')}, ${counted(count('warning'), 'warning')}\n`);
	}

	return count('problem') > 0 ? 1 : 0;
}

/** Where to look. Nothing is opened before a check asks for it: the pipeline, its params and the cache may all be broken. */
function siteOf({pipeline, params, set, cache, backend, workerFile}: CommonOptions): Site {
	const files = defaultFiles(path.dirname(pipeline));
	const paramsFile = params ?? files.paramsFile;
	const loaded = once(async () => loadPipeline(pipeline));
	const graph = once(async () => {
		const {pipeline: declared, root} = await loaded();
		return buildGraph(declared, loadVariants(declared.params, {file: paramsFile, overrides: set}), root);
	});
	return {pipelineFile: pipeline, paramsFile, cacheFolder: cache ?? files.cacheFolder, workerFile, backend, loaded, graph};
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
	let made: Promise<Value> | undefined;
	return async () => {
		made ??= make();
		return made;
	};
}
