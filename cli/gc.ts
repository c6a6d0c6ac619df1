import path from 'node:path';
import process from 'node:process';
import pc from 'picocolors';
import {cacheFolder} from '../engine/code.ts';
import {reasonsToKeep, type ReasonToKeep} from '../engine/collection.ts';
import {collect, planGc, type Gc} from '../engine/gc.ts';
import type {HeldResult} from '../engine/inventory.ts';
import type {Project} from '../engine/project.ts';
import {count, formatAge, formatBytes} from './format.ts';
import type {CommonOptions} from './main.ts';
import {openProject} from './open.ts';

type GcOptions = CommonOptions & {readonly yes?: boolean; readonly keepDays?: number; readonly keepRuns?: number; readonly maxSize?: number};

const reasonTexts: Record<ReasonToKeep, string> = {
	plan: 'for the current params',
	pinned: 'pinned',
	live: 'for runs that go on',
	leased: 'being computed',
	recent: 'of the last hour',
	'last-runs': 'of the latest runs',
	young: 'of the latest days',
};

/** `pipeline gc`. */
export async function gc(_: readonly string[], options: GcOptions): Promise<number> {
	await using project = await openProject(options);
	const rules = {
		nowMs: Date.now(),
		keepDays: options.keepDays ?? 7,
		keepRuns: options.keepRuns ?? 10,
		maxSizeBytes: options.maxSize,
		plan: await freshFingerprints(project),
		compiledFolders: [path.dirname(options.workerFile), cacheFolder(project.loaded.root)],
	};
	const planned = planGc(project.store, rules);
	const collected = options.yes ? await collect(project.store, planned, rules) : undefined;
	if (options.json) {
		process.stdout.write(`${JSON.stringify({...plain(planned), removed: collected ?? null})}\n`);
		return 0;
	}

	const lines = describe(planned, {nowMs: rules.nowMs, verb: collected ? 'removed' : 'would go'});
	if (options.maxSize !== undefined && planned.keptBytes > options.maxSize) {
		lines.push(pc.yellow(`The cache cannot shrink to ${formatBytes(options.maxSize)}: what the current params, pins, runs that go on and the last hour need is ${formatBytes(planned.keptBytes)}.`));
	}

	lines.push(collected
		? `removed ${count(collected.results, 'result')}, ${count(collected.objects, 'object')} and ${count(collected.files, 'file')}: ${formatBytes(collected.freedBytes)} freed`
		: 'Nothing was removed. To remove it: pipeline gc --yes');
	process.stdout.write(`${lines.join('\n')}\n`);
	return 0;
}

async function freshFingerprints(project: Project) {
	const states = await project.plan(project.graph.nodes);
	return new Set([...states.values()].flatMap(state => (state.state === 'fresh' ? [state.result.fingerprint] : [])));
}

function describe({remove, keep, freedBytes, keptBytes, leftovers, strayObjects}: Gc, {nowMs, verb}: {readonly nowMs: number; readonly verb: string}): string[] {
	const groups = byNode(remove);
	const width = Math.max(0, ...groups.map(([name]) => name.length));
	const kept = reasonsToKeep.flatMap(reason => {
		const {length} = keep.filter(entry => entry.reason === reason);
		return length === 0 ? [] : [`${length} ${reasonTexts[reason]}`];
	});
	const files = [
		[leftovers.unreferenced.length, 'file of no object', 'files of no object'],
		[leftovers.damaged.length, 'old damaged object', 'old damaged objects'],
		[leftovers.checkpoints.length, 'old checkpoint', 'old checkpoints'],
		[leftovers.compiled.length, 'old compiled file', 'old compiled files'],
		[strayObjects.count, 'object of no result', 'objects of no result'],
	] as const;
	const also = files.filter(([number]) => number > 0).map(([number, one, many]) => `${number} ${number === 1 ? one : many}`);
	return [
		...groups.map(([name, results]) => `${pc.yellow(verb.padEnd(10))}${name.padEnd(width)}  ${count(results.length, 'result')}, ${ageOf(results, nowMs)}`),
		`${pc.yellow(verb.padEnd(10))}${[count(remove.length, 'result'), ...also].join(', ')}: ${formatBytes(freedBytes + leftovers.sizeBytes + strayObjects.sizeBytes)}`,
		`${pc.green('stays'.padEnd(10))}${count(keep.length, 'result')}, ${formatBytes(keptBytes)}${kept.length > 0 ? `: ${kept.join(', ')}` : ''}`,
	];
}

function byNode(results: readonly HeldResult[]): ReadonlyArray<readonly [name: string, results: readonly HeldResult[]]> {
	const groups = new Map<string, HeldResult[]>();
	for (const result of results) {
		groups.set(result.nodeName, [...groups.get(result.nodeName) ?? [], result]);
	}

	return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function ageOf(results: readonly HeldResult[], nowMs: number): string {
	const ages = results.map(({publishedMs}) => nowMs - publishedMs);
	const [youngest, oldest] = [formatAge(Math.min(...ages)), formatAge(Math.max(...ages))];
	return youngest === oldest ? `${oldest} old` : `${youngest} to ${oldest} old`;
}

function plain({remove, keep, freedBytes, keptBytes, leftovers, strayObjects}: Gc): object {
	const held = ({fingerprint, nodeName, publishedMs, objects}: HeldResult) => ({node: nodeName, fingerprint, publishedAt: new Date(publishedMs).toISOString(), sizeBytes: objects.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0)});
	return {
		remove: remove.map(result => held(result)),
		keep: keep.map(({result, reason}) => ({...held(result), reason})),
		freedBytes: freedBytes + leftovers.sizeBytes + strayObjects.sizeBytes,
		keptBytes,
		leftovers: {
			unreferenced: leftovers.unreferenced.length,
			damaged: leftovers.damaged.length,
			checkpoints: leftovers.checkpoints.length,
			compiled: leftovers.compiled.length,
			strayObjects: strayObjects.count,
		},
	};
}
