/**
 * Compares what `pipeline estimate` calculates with what a run then takes. Nodes run one by one, each in a process of its own, because memory that was used once is not
 * given back. With `--clock cpu`, processor time counts in place of time: what else the machine does then plays no part, and on a backend of one thread it is what an idle machine takes.
 *
 *     npx tsx bench/estimate.ts [--params FILE] [--backend NAME] [--set PATH=VALUE …] [--only STAGE,STAGE] [--clock cpu] [GOAL…]
 *
 * With `--only`, nodes of other stages run without being estimated. A ratio above 1 means that more was predicted than was needed.
 */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {execa} from 'execa';

const {values, positionals} = parseArgs({
	allowPositionals: true,
	options: {
		params: {type: 'string', default: 'params.json'}, backend: {type: 'string', default: 'wasm'}, set: {type: 'string', multiple: true, default: []}, only: {type: 'string'}, clock: {type: 'string', default: 'wall'},
	},
});

type Figure = {readonly value: number; readonly source: string};
type Predicted = {readonly node: string; readonly stage: string; readonly fresh: boolean; readonly durationMs?: Figure; readonly memoryBytes?: Figure};
type Finished = {readonly event: string; readonly node: string; readonly durationMs: number; readonly outcome: {readonly outcome: string; readonly peakMemoryBytes?: number}};
/** Predicted, measured. */
type Pair = readonly [predicted: number, measured: number];

const folder = mkdtempSync(path.join(tmpdir(), 'bench-'));
const only = values.only?.split(',');
try {
	const [times, memories]: [Pair[], Pair[]] = [[], []];
	print(`${'node'.padEnd(36)} predicted  measured   ratio    predicted   measured   ratio`);
	for (const {node, stage} of await estimate(positionals)) {
		const [predicted] = only && !only.includes(stage) ? [] : (await estimate([node])).filter(({fresh, node: name}) => !fresh && name === node);
		const idleMs = predicted && values.clock === 'cpu' ? (await run(node, '--dry-run')).cpuMs : 0;
		const {finished: measured, cpuMs} = await run(node);
		if (predicted?.durationMs && predicted.memoryBytes && measured?.outcome.peakMemoryBytes) {
			const [time, memory]: [Pair, Pair] = [[predicted.durationMs.value, values.clock === 'cpu' ? cpuMs - idleMs : measured.durationMs], [predicted.memoryBytes.value, measured.outcome.peakMemoryBytes]];
			times.push(time);
			memories.push(memory);
			print(`${node.padEnd(36)} ${cells(time, 1000, 's')}   ${cells(memory, 1e6, 'MB')}   ${predicted.durationMs.source}`);
		}
	}

	print(`${within(times)} of ${times.length} within a factor of 2 in time, ${within(memories)} in memory; all in all ${cells([sum(times, 0), sum(times, 1)], 1000, 's')}`);
} finally {
	rmSync(folder, {recursive: true, force: true});
}

function commonOptions(): readonly string[] {
	// Every node is calculated: what a cache of others like it says would be better, and prove less.
	return ['--json', '--params', values.params, '--backend', values.backend, '--cache', path.join(folder, 'cache'), '--jobs', '1', ...values.set.flatMap(change => ['--set', change])];
}

async function estimate(goals: readonly string[]): Promise<readonly Predicted[]> {
	const {stdout} = await execa('node', ['bin/pipeline.cjs', 'estimate', ...commonOptions(), ...goals]);
	return (JSON.parse(stdout) as {nodes: readonly Predicted[]}).nodes;
}

/** Runs one node. Processor time is that of the command and its worker. */
async function run(node: string, ...more: readonly string[]): Promise<{readonly finished: Finished | undefined; readonly cpuMs: number}> {
	const command = ['bin/pipeline.cjs', 'run', ...commonOptions(), '--reports', path.join(folder, 'reports'), ...more, node];
	const {stdout, stderr} = await execa('bash', ['-c', 'TIMEFORMAT="cpu %U %S"; time node "$@"', 'bash', ...command]);
	const [, user = 'NaN', system = 'NaN'] = /^cpu ([\d.]+) ([\d.]+)$/m.exec(stderr) ?? [];
	const events = more.length > 0 ? [] : stdout.split('\n').map(line => JSON.parse(line) as Finished);
	return {finished: events.find(({event, node: name}) => event === 'finished' && name === node), cpuMs: 1000 * (Number(user) + Number(system))};
}

function cells([predicted, measured]: Pair, scale: number, unit: string): string {
	return `${(predicted / scale).toFixed(1).padStart(7)} ${unit} ${(measured / scale).toFixed(1).padStart(7)} ${unit}  ${(predicted / measured).toFixed(2).padStart(5)}`;
}

function sum(pairs: readonly Pair[], place: 0 | 1): number {
	return pairs.reduce((total, pair) => total + pair[place], 0);
}

function within(pairs: readonly Pair[]): number {
	return pairs.filter(([predicted, measured]) => predicted / measured <= 2 && measured / predicted <= 2).length;
}

function print(line: string): void {
	process.stdout.write(`${line}\n`);
}
