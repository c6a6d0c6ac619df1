import {existsSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {installedVersion} from './installed.ts';
import {canonicalJson} from './canonical-json.ts';
import {isUnchanged, type CodeIdentity} from './code.ts';
import {digestText, type Digest} from './digest.ts';
import type {Outcome} from './event.ts';
import {digestFolder, digestInputFile, type DigestedFolder} from './files.ts';
import {allReports, type Node} from './graph.ts';
import {readParams, setPath, type Json} from './params-file.ts';
import {reportDigests} from './reports.ts';
import type {Project, ProjectOptions} from './project.ts';
import {sealed, unsealed} from './sealed-json.ts';
import type {Store} from './store.ts';

/** What a run that found everything fresh depended on, and what it had to say: while nothing of it changes, the same run need not plan again. */
export type Memo = {
	readonly code: CodeIdentity;
	/** How often anything had been removed from the cache. */
	readonly removals: number;
	/** Environment variable → value, for the variables that paths depend on. */
	readonly environment: Readonly<Record<string, string | null>>;
	/** Folder → digest of what it holds. */
	readonly folders: Readonly<Record<string, Digest>>;
	/** Single file that nodes read → digest. */
	readonly inputFiles: Readonly<Record<string, Digest>>;
	/** Npm package → version, for the backends that were considered. */
	readonly packages: Readonly<Record<string, string | null>>;
	/** Large objects, which are files: digest → size. */
	readonly files: Readonly<Record<Digest, number>>;
	/** How many nodes were fresh. */
	readonly nodes: number;
	/** What the goals look like as text. */
	readonly printed: string;
	/** File name in the reports folder → digest. */
	readonly reports: Readonly<Record<string, Digest>>;
};

const topic = 'nothing to do';

export type Recalled = {
	/** Absent when a run would not find everything fresh. */
	readonly memo?: Memo;
	/** What had to be hashed to find that out. */
	readonly folders: ReadonlyMap<string, DigestedFolder>;
};

/** What was remembered of a run with these options and goals, if it would find everything fresh again. */
export function recall(store: Store, options: ProjectOptions, goals: readonly string[]): Recalled {
	const folders = new Map<string, DigestedFolder>();
	if (!existsSync(options.paramsFile)) {
		return {folders};
	}

	const params = overriddenParams(options);
	const memo = params && unsealed(store.note(topic, keyOf(options, goals, params))) as Memo | undefined;
	return memo && isStillTrue(memo, store, options, folders) ? {memo, folders} : {folders};
}

/** Remembers a run after which every node is fresh. All that is written down is what the run itself went by, not what may have changed since. */
export function remember(project: Project, outcomes: ReadonlyMap<Node, Outcome>, {goals, printed}: {readonly goals: readonly string[]; readonly printed: string}): void {
	const {basis, graph, loaded, store, variants} = project;
	const results = [...outcomes].flatMap(([node, outcome]) => ('result' in outcome ? [[node, outcome.result] as const] : []));
	// Which device there is only a probe tells, and that is part of planning.
	if (results.length < outcomes.size || !basis || project.backend?.dependsOnDevice) {
		return;
	}

	const {planner, removals} = basis;
	const memo: Memo = {
		code: loaded.identity,
		removals,
		environment: Object.fromEntries(Object.entries(graph.environment).map(([name, value]) => [name, value ?? null])),
		folders: planner.folderDigests(),
		inputFiles: planner.inputFileDigests(),
		packages: consideredPackages([...outcomes.keys()], project),
		files: Object.fromEntries(results.flatMap(([node, result]) => planner.known.largeObjects(planner.lineageOf(node), result))),
		nodes: outcomes.size,
		printed,
		reports: reportDigests(allReports(graph), outcomes),
	};
	store.setNotes(topic, [[keyOf(project.options, goals, variants[0]!.source), sealed(memo)]]);
}

/** Nothing when the overrides are wrong, which a run says in words. */
function overriddenParams({paramsFile, overrides = []}: ProjectOptions): object | undefined {
	const params = readParams(paramsFile);
	return overrides.every(([path, value]) => path !== 'extends' && setPath(params, path, value as Json) === undefined) ? params : undefined;
}

function keyOf({pipelineFile, backend}: ProjectOptions, goals: readonly string[], params: object): string {
	return digestText(canonicalJson([3, pipelineFile, goals, backend ?? null, process.version, params]));
}

/** @param hashed receives the folders that had to be looked at */
function isStillTrue({code, removals, environment, folders, inputFiles, packages, files}: Memo, store: Store, {pipelineFile}: ProjectOptions, hashed: Map<string, DigestedFolder>): boolean {
	return isUnchanged(pipelineFile, code)
		&& store.removals() === removals
		&& Object.entries(environment).every(([name, value]) => (process.env[name] ?? null) === value)
		&& Object.entries(packages).every(([name, version]) => (installedVersion(name, path.dirname(pipelineFile)) ?? null) === version)
		&& Object.entries(files).every(([digest, sizeBytes]) => store.hasFile(digest as Digest, sizeBytes))
		&& Object.entries(folders).every(([folder, digest]) => digestOf(folder, store, hashed) === digest)
		&& Object.entries(inputFiles).every(([file, digest]) => digestOfFile(file, store) === digest);
}

/** Nothing for a file that is missing. */
function digestOfFile(file: string, store: Store): Digest | undefined {
	try {
		return digestInputFile(file, store).digest;
	} catch {
		return undefined;
	}
}

/** Nothing for a folder that is missing or without files, which the planner refuses in words. */
function digestOf(folder: string, store: Store, hashed: Map<string, DigestedFolder>): Digest | undefined {
	try {
		const digested = digestFolder(folder, store);
		hashed.set(folder, digested);
		return digested.digest;
	} catch {
		return undefined;
	}
}

/** The packages of the backends that come before the chosen one, and its own: another version of one could change the choice. */
function consideredPackages(nodes: readonly Node[], {backend: chosen, loaded: {root}}: Project): Record<string, string | null> {
	const names = nodes.find(({stage}) => stage.runtime)?.stage.runtime?.backends.map(backend => backend.package) ?? [];
	return chosen ? Object.fromEntries(names.slice(0, names.indexOf(chosen.package) + 1).map(name => [name, name === chosen.package ? chosen.packageVersion : installedVersion(name, root) ?? null])) : {};
}
