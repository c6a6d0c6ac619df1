/**
 * Compares what `pipeline estimate` calculates with what a run then takes, node by node. Both start from an empty cache, so that nothing is told from earlier results.
 *
 *     npx tsx bench/estimate.ts [--params FILE] [--backend NAME] [--set PATH=VALUE …] [--least SECONDS] [GOAL…]
 *
 * Nodes that take less than `--least` seconds (0.5) are summed up. A ratio above 1 means that more was predicted than was needed.
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
		params: {type: 'string', default: 'params.json'}, backend: {type: 'string', default: 'wasm'}, set: {type: 'string', multiple: true, default: []}, least: {type: 'string', default: '0.5'},
	},
});

type Figure = {readonly value: number; readonly source: string};
type Predicted = {readonly node: string; readonly durationMs?: Figure; readonly memoryBytes?: Figure; readonly flops?: number};
type Finished = {readonly event: string; readonly node: string; readonly durationMs: number; readonly outcome: {readonly outcome: string; readonly peakMemoryBytes?: number}};
type Row = {readonly name: string; readonly time: readonly [predicted: number, measured: number]; readonly memory: readonly [predicted: number, measured: number]};

const folder = mkdtempSync(path.join(tmpdir(), 'bench-'));
const common = ['--json', '--params', values.params, '--backend', values.backend, '--cache', path.join(folder, 'cache'), '--jobs', '1', ...values.set.flatMap(change => ['--set', change])];
try {
	const startedMs = performance.now();
	const {nodes} = JSON.parse((await execa('node', ['bin/pipeline.cjs', 'estimate', ...common, ...positionals])).stdout) as {nodes: readonly Predicted[]};
	print(`the estimate took ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
	const {stdout} = await execa('node', ['bin/pipeline.cjs', 'run', ...common, '--reports', path.join(folder, 'reports'), ...positionals]);
	const finished = stdout.split('\n').map(line => JSON.parse(line) as Finished).filter(({event}) => event === 'finished');
	const predicted = new Map(nodes.map(node => [node.node, node]));
	report(finished.flatMap(({node: name, durationMs, outcome}) => {
		const {durationMs: time, memoryBytes: memory} = predicted.get(name) ?? {};
		return time && memory ? [{name, time: [time.value, durationMs] as const, memory: [memory.value, outcome.peakMemoryBytes ?? 0] as const}] : [];
	}));
} finally {
	rmSync(folder, {recursive: true, force: true});
}

function report(rows: readonly Row[]): void {
	const least = 1000 * Number(values.least);
	const [large, small] = [rows.filter(({time: [, measured]}) => measured >= least), rows.filter(({time: [, measured]}) => measured < least)];
	const sum = (of: (row: Row) => number, some: readonly Row[]) => some.reduce((total, row) => total + of(row), 0);
	print(`${'node'.padEnd(36)} predicted  measured  ratio   predicted  measured  ratio`);
	for (const {name, time, memory} of [...large, {name: `${small.length} smaller ones`, time: [sum(({time}) => time[0], small), sum(({time}) => time[1], small)], memory: [0, 0]}] as readonly Row[]) {
		print(`${name.padEnd(36)} ${cells(time.map(ms => ms / 1000), 's')}  ${memory[1] === 0 ? '' : cells(memory.map(bytes => bytes / 1e6), 'MB')}`);
	}

	print(`all ${(sum(({time}) => time[0], rows) / 1000).toFixed(1)} s predicted, ${(sum(({time}) => time[1], rows) / 1000).toFixed(1)} s measured; of ${large.length} nodes, ${within(large.map(({time}) => time))} within a factor of 2 in time, ${within(large.map(({memory}) => memory))} in memory`);
}

function cells([predicted = 0, measured = 0]: readonly number[], unit: string): string {
	return `${predicted.toFixed(1).padStart(7)} ${unit} ${measured.toFixed(1).padStart(7)} ${unit}  ${(predicted / measured).toFixed(2).padStart(5)}`;
}

function within(pairs: ReadonlyArray<readonly [predicted: number, measured: number]>): number {
	return pairs.filter(([predicted, measured]) => predicted / measured <= 2 && measured / predicted <= 2).length;
}

function print(line: string): void {
	process.stdout.write(`${line}\n`);
}
