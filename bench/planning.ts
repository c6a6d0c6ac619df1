/**
 * Shows how the cost of planning grows with the number of nodes: a run with nothing to do (whole process), and its parts inside one process, in all and per node.
 * The cold run before it fills the cache; 100,000 nodes take minutes.
 *
 *     npx tsx bench/planning.ts [--sizes 1000,10000,100000] [--runs 5] [--jobs 2]
 */
import {execFileSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {availableParallelism} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {layeredDag} from './layered-dag.ts';
import {firstContent, sourceFile} from './peers/peer.ts';
import {pipelineProcess, type PipelineProcess} from './pipeline-process.ts';
import type {PlanOnce} from './plan-once.ts';
import {Scratch} from './scratch.ts';
import {markdownTable, median} from './statistics.ts';

const {values} = parseArgs({options: {
	sizes: {type: 'string', default: '1000,10000,100000'},
	runs: {type: 'string', default: '5'},
	jobs: {type: 'string', default: String(availableParallelism())},
}});

type Planning = {readonly nodes: number; readonly cold: PipelineProcess; readonly idle: readonly PipelineProcess[]; readonly parts: readonly PlanOnce[]};

const measured: Planning[] = [];
for (const size of values.sizes.split(',')) {
	measured.push(await measure(Number(size)));
	process.stderr.write(`${size} nodes measured\n`);
}

print('Whole process', ['cold run, s', 'its peak MB', 'nothing to do, ms', 'µs per node', 'peak MB'], ({nodes, cold, idle}) => [
	(cold.ms / 1000).toFixed(1),
	(cold.peakBytes / 1e6).toFixed(0),
	...inAllAndPerNode(idle.map(({ms}) => ms), nodes),
	(median(idle.map(({peakBytes}) => peakBytes)) / 1e6).toFixed(0),
]);
print('Inside one process', ['open, ms', 'µs per node', 'plan, ms', 'µs per node', 'held, MB', 'kB per node'], ({nodes, parts}) => {
	const held = median(parts.map(({heldBytes}) => heldBytes));
	return [
		...inAllAndPerNode(parts.map(({openMs, neededMs}) => openMs + neededMs), nodes),
		...inAllAndPerNode(parts.map(({planMs}) => planMs), nodes),
		(held / 1e6).toFixed(1),
		(held / 1e3 / nodes).toFixed(2),
	];
});

async function measure(nodes: number): Promise<Planning> {
	using scratch = new Scratch(`planning-${nodes}-`);
	const {folder} = scratch;
	const [sources, cache] = [path.join(folder, 'sources'), path.join(folder, 'cache')];
	for (const source of layeredDag(nodes).sources) {
		mkdirSync(path.join(sources, source), {recursive: true});
		writeFileSync(path.join(folder, sourceFile(source)), firstContent(source));
	}

	const run = async () => pipelineProcess([
		'run',
		'--jobs',
		values.jobs,
		'--pipeline',
		path.join(import.meta.dirname, 'layered/pipeline.ts'),
		'--cache',
		cache,
		'--reports',
		path.join(folder, 'reports'),
		'--set',
		`dag.nodes=${nodes}`,
		'--set',
		`dag.sources=${sources}`,
	], folder);
	const cold = await run();
	process.stderr.write(`${nodes} nodes ran in ${(cold.ms / 1000).toFixed(1)} s\n`);
	// Not counted: the pipeline is compiled once for each of the two.
	await run();
	planOnce(nodes, sources, cache);
	const idle: PipelineProcess[] = [];
	const parts: PlanOnce[] = [];
	for (let round = 0; round < Number(values.runs); round++) {
		idle.push(await run());
		parts.push(planOnce(nodes, sources, cache));
	}

	return {nodes, cold, idle, parts};
}

/** A process of its own, so that nothing that was loaded or compiled before helps. */
function planOnce(nodes: number, sources: string, cache: string): PlanOnce {
	const args = ['--expose-gc', '--import', 'tsx', path.join(import.meta.dirname, 'plan-once.ts'), String(nodes), sources, cache];
	const once = JSON.parse(execFileSync(process.execPath, args, {encoding: 'utf8'})) as PlanOnce;
	if (once.fresh !== nodes) {
		throw new Error(`Expected ${nodes} fresh nodes, got ${once.fresh}`);
	}

	return once;
}

function inAllAndPerNode(ms: readonly number[], nodes: number): string[] {
	return [median(ms).toFixed(0), (1000 * median(ms) / nodes).toFixed(1)];
}

function print(title: string, header: readonly string[], rowOf: (planning: Planning) => string[]): void {
	const rows = measured.map(planning => [planning.nodes.toLocaleString('en'), ...rowOf(planning)]);
	process.stdout.write(`${title}\n\n${markdownTable(['nodes', ...header], rows, 0)}\n\n`);
}
