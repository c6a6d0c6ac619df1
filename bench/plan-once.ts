/**
 * Plans the layered DAG in this process and prints what that took as JSON; `bench/planning.ts` starts it with Node's `--expose-gc`.
 *
 *     node --expose-gc --import tsx bench/plan-once.ts NODES SOURCES CACHE
 */
import path from 'node:path';
import process from 'node:process';
import {defaultFiles} from '../engine/default-files.ts';
import {Project} from '../engine/project.ts';

/** Milliseconds of each part, and bytes of the heap that the graph and the plan hold. */
export type PlanOnce = {
	/** Loading the pipeline and its params, building the graph, opening the cache. */
	readonly openMs: number;
	readonly neededMs: number;
	/** Fingerprints, and look-ups in the cache. */
	readonly planMs: number;
	readonly heldBytes: number;
	readonly fresh: number;
};

const [nodes, sources, cacheFolder] = process.argv.slice(2) as [string, string, string];
const folder = path.join(import.meta.dirname, 'layered');
const heapBefore = heapBytes();
const startedMs = performance.now();
await using project = await Project.open({
	...defaultFiles(folder),
	cacheFolder,
	workerFile: '',
	overrides: [['dag.nodes', Number(nodes)], ['dag.sources', sources]],
});
const openedMs = performance.now();
const needed = project.needed(project.find([]));
const foundMs = performance.now();
const states = await project.plan(needed);
const plannedMs = performance.now();
process.stdout.write(JSON.stringify({
	openMs: openedMs - startedMs,
	neededMs: foundMs - openedMs,
	planMs: plannedMs - foundMs,
	heldBytes: heapBytes() - heapBefore,
	fresh: [...states.values()].filter(({state}) => state === 'fresh').length,
} satisfies PlanOnce));

function heapBytes(): number {
	globalThis.gc!();
	return process.memoryUsage().heapUsed;
}
