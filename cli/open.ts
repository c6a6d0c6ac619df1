import path from 'node:path';
import {UserError} from '../engine/error.ts';
import {defaultFiles} from '../engine/default-files.ts';
import type {Project, ProjectOptions} from '../engine/project.ts';
import type {Node} from '../engine/graph.ts';
import type {Result, Store} from '../engine/store.ts';
import type {SharedLocation} from '../engine/shared/location.ts';
import type {WorkerPool} from '../engine/worker-pool.ts';
import type {CommonOptions} from './main.ts';

/** Opens the project the options name, with the cache that is open and the workers that are started already; for a sweep, with its points in place of the variants. */
export async function openProject(options: CommonOptions, {store, pool, ...given}: Pick<ProjectOptions, 'folders' | 'sweep'> & {readonly store?: Store | undefined; readonly pool?: WorkerPool} = {}): Promise<Project> {
	// Loading what opens a project takes longer than a run that has nothing to do.
	const {Project} = await import('../engine/project.ts');
	return Project.open({...projectOptions(options), ...(store && {store}), ...(pool && {pool}), ...given});
}

export function projectOptions(options: CommonOptions): ProjectOptions {
	const files = defaultFiles(path.dirname(options.pipeline));
	return {
		pipelineFile: options.pipeline,
		paramsFile: options.params ?? files.paramsFile,
		overrides: options.set,
		cacheFolder: options.cache ?? files.cacheFolder,
		workerFile: options.workerFile,
		backend: options.backend,
		checkpointAfterMs: options.checkpointAfter === undefined ? undefined : 1000 * options.checkpointAfter,
		shared: options.shared === false ? undefined : options.shared,
	};
}

/** The shared cache the options name. @throws {UserError} `shared-unset` when they name none */
export function sharedLocation({shared}: CommonOptions): SharedLocation {
	if (!shared) {
		throw new UserError('shared-unset', 'No shared cache is named', {hint: 'Name one: --shared /nfs/team/cache, or --shared s3://bucket/prefix, or PIPELINE_SHARED in the environment.'});
	}

	return shared;
}

/** The one node a name stands for. @throws {UserError} that lists the nodes when there are several. */
export function findOne(project: Project, name: string): Node {
	const found = project.find([name]);
	const exact = found.find(node => node.name === name) ?? (found.length === 1 ? found[0] : undefined);
	if (!exact) {
		throw new UserError('node-ambiguous', `"${name}" stands for ${found.length} nodes`, {hint: `Name one of them: ${found.map(node => node.name).join(', ')}`});
	}

	return exact;
}

/**
 * The latest result of a node that only another graph has: that of a sweep, another preset or an earlier pipeline. Nothing for a name that
 * stands for something here: what is wanted then is what is up to date.
 */
export function recordedElsewhere(project: Project, name: string): Result | undefined {
	try {
		project.find([name]);
		return undefined;
	} catch {
		return project.store.latestNamed(name);
	}
}
