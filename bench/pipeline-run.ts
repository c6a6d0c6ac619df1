/**
 * Times the whole program: a cold run in an empty cache, then the same command with nothing to do, alternating with the start-up of Node itself.
 *
 *     npx tsx bench/pipeline-run.ts [--params FILE] [--repeats 15]
 */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {execa} from 'execa';

const {values} = parseArgs({options: {params: {type: 'string', default: 'params.json'}, repeats: {type: 'string', default: '15'}}});
const folder = mkdtempSync(path.join(tmpdir(), 'bench-'));
const command = ['bin/pipeline.cjs', 'run', '--json', '--params', values.params, '--cache', path.join(folder, 'cache'), '--reports', path.join(folder, 'reports')];

type Finished = {event: 'finished'; node: string; durationMs: number; outcome: {outcome: string; peakMemoryBytes?: number}};

try {
	const startedMs = performance.now();
	const {stdout} = await execa('node', command);
	const coldSeconds = (performance.now() - startedMs) / 1000;
	const nodes = stdout.split('\n').map(line => JSON.parse(line) as Finished).filter(({event}) => event === 'finished');
	print('cold run', `${coldSeconds.toFixed(1)} s, ${nodes.filter(({outcome}) => outcome.outcome === 'ran').length} nodes ran`);
	print('largest worker', `${(Math.max(...nodes.map(({outcome}) => outcome.peakMemoryBytes ?? 0)) / 1e6).toFixed(0)} MB`);
	for (const {node, durationMs, outcome} of nodes.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, 8)) {
		print(`  ${node}`, `${(durationMs / 1000).toFixed(1)} s, ${((outcome.peakMemoryBytes ?? 0) / 1e6).toFixed(0)} MB`);
	}

	const [idle, bare]: [number[], number[]] = [[], []];
	// As people call it: events for machines name every node, which takes planning.
	const again = command.filter(argument => argument !== '--json');
	for (let repeat = 0; repeat <= Number(values.repeats); repeat++) {
		const times = [await timed(again), await timed(['-e', '0'])] as const;
		// The first pair warms the disk cache.
		if (repeat > 0) {
			idle.push(times[0]);
			bare.push(times[1]);
		}
	}

	print('nothing to do', `${median(idle).toFixed(0)} ms (${Math.min(...idle).toFixed(0)}–${Math.max(...idle).toFixed(0)}), whole process, median of ${idle.length}`);
	print('node -e 0', `${median(bare).toFixed(0)} ms (${Math.min(...bare).toFixed(0)}–${Math.max(...bare).toFixed(0)})`);
} finally {
	rmSync(folder, {recursive: true, force: true});
}

async function timed(args: readonly string[]): Promise<number> {
	const startedMs = performance.now();
	await execa('node', args);
	return performance.now() - startedMs;
}

function median(numbers: readonly number[]): number {
	const sorted = numbers.toSorted((a, b) => a - b);
	return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

function print(name: string, value: string): void {
	process.stdout.write(`${name.padEnd(32)} ${value}\n`);
}
