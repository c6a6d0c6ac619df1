import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {compileCommandLine} from '../../bin/compile.js';
import {cacheFolder} from '../../engine/code.ts';
import type {Outcome, RunEvent} from '../../engine/event.ts';
import {defaultFiles} from '../../engine/default-files.ts';
import {Project} from '../../engine/project.ts';

const fixtures = path.join(import.meta.dirname, '../fixtures');

export type RigRun = {
	/** Node names by outcome, sorted. */
	readonly ran: readonly string[];
	readonly reused: readonly string[];
	readonly failed: readonly string[];
	readonly skipped: readonly string[];
	readonly cancelled: readonly string[];
	readonly outcomes: ReadonlyMap<string, Outcome>;
	readonly events: readonly RunEvent[];
	/** Decoded goals by name, where they have a result. */
	readonly goals: Readonly<Record<string, unknown>>;
};

export type RigOptions = {
	readonly goals?: readonly string[];
	readonly set?: ReadonlyArray<readonly [string, unknown]>;
	readonly jobs?: number;
	readonly signal?: AbortSignal;
	readonly onEvent?: (event: RunEvent) => void;
};

/** A temporary copy of a fixture pipeline. Inside the repository, so that its imports resolve. */
export async function makeRig(fixture = 'toy') {
	const folder = mkdtempSync(path.join(fixtures, 'rig-'));
	cpSync(path.join(fixtures, fixture), folder, {recursive: true});
	const {worker} = await compileCommandLine();
	const files = defaultFiles(folder);
	const open = async (set: RigOptions['set'] = [], backend?: string) => Project.open({...files, workerFile: worker, overrides: set, backend});
	return {
		folder,
		files,
		open,
		/** Replaces text in a file. @throws when the text is not there, so that a test cannot pass by editing nothing. */
		edit(file: string, from: string, to: string): void {
			const target = path.join(folder, file);
			const source = readFileSync(target, 'utf8');
			if (!source.includes(from)) {
				throw new Error(`"${from}" is not in ${file}`);
			}

			writeFileSync(target, source.replace(from, to));
		},
		async run({goals = [], set = [], jobs = 2, signal = new AbortController().signal, onEvent}: RigOptions = {}): Promise<RigRun> {
			await using project = await open(set);
			const events: RunEvent[] = [];
			const outcomes = await project.run({
				nodes: project.needed(project.find(goals)),
				jobs,
				signal,
				command: 'test',
				listener(event) {
					events.push(event);
					onEvent?.(event);
				},
			});
			const names = (wanted: Outcome['outcome']) => [...outcomes].filter(([, {outcome}]) => outcome === wanted).map(([{name}]) => name).toSorted();
			const decoded = Object.entries(project.graph.goals).flatMap(([name, {node, output, type}]) => {
				const outcome = outcomes.get(node);
				return outcome && 'result' in outcome ? [[name, type.decode(project.store.read(outcome.result.outputs[output]!.digest)) as unknown] as const] : [];
			});
			return {
				ran: names('ran'),
				reused: names('reused'),
				failed: names('failed'),
				skipped: names('skipped'),
				cancelled: names('cancelled'),
				outcomes: new Map([...outcomes].map(([{name}, outcome]) => [name, outcome])),
				events,
				goals: Object.fromEntries(decoded),
			};
		},
		[Symbol.dispose](): void {
			rmSync(cacheFolder(folder), {recursive: true, force: true});
			rmSync(folder, {recursive: true, force: true});
		},
	};
}
