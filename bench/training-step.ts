/**
 * Times one training step on the WASM backend and, by turns in the same minutes, the same step in PyTorch on one thread.
 * Run it with: npx tsx bench/training-step.ts [ROUNDS]. PYTHON names an interpreter that has torch; without one only our side is timed.
 */
import {spawn} from 'node:child_process';
import process from 'node:process';
import readline from 'node:readline';
import * as tf from '@tensorflow/tfjs-core';
import {useBackend} from '../tensors/backend.ts';
import {networks, trainer} from './networks.ts';

type Milliseconds = {readonly wall: number; readonly cpu: number};

await useBackend('wasm');
const rounds = Number(process.argv[2] ?? 9);
const reference = await startPython();
for (const [name, spec] of Object.entries(networks)) {
	const step = trainer(spec);
	const ours: Milliseconds[] = [];
	const theirs: Milliseconds[] = [];
	// Compilers and caches need some rounds to warm up, and short steps vary more.
	const factor = name === 'target' ? 5 : 1;
	for (let round = -3 * factor; round < rounds * factor; round++) {
		const times = [timed(step), await reference?.step(name)];
		if (round >= 0) {
			ours.push(times[0]!);
			theirs.push(...(times[1] ? [times[1]] : []));
		}
	}

	report(name, ours, theirs);
	tf.disposeVariables();
}

reference?.close();

function timed(step: () => unknown): Milliseconds {
	const cpu = process.cpuUsage();
	const start = performance.now();
	step();
	const {user, system} = process.cpuUsage(cpu);
	return {wall: performance.now() - start, cpu: (user + system) / 1000};
}

function report(name: string, ours: readonly Milliseconds[], theirs: readonly Milliseconds[]): void {
	for (const clock of ['wall', 'cpu'] as const) {
		const [us, them] = [ours, theirs].map(times => median(times.map(time => time[clock])));
		console.log(`${name.padEnd(10)} ${clock.padEnd(5)} wasm ${us!.toFixed(1).padStart(8)} ms   PyTorch ${them!.toFixed(1).padStart(8)} ms   ratio ${(us! / them!).toFixed(2)}`);
	}
}

function median(values: readonly number[]): number {
	const sorted = values.toSorted((a, b) => a - b);
	return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

async function startPython() {
	const python = process.env.PYTHON ?? 'python3';
	const child = spawn(python, [new URL('training-step.py', import.meta.url).pathname], {stdio: ['pipe', 'pipe', 'inherit'], env: {...process.env, OMP_NUM_THREADS: '1'}});
	const lines = readline.createInterface({input: child.stdout})[Symbol.asyncIterator]();
	child.stdin.on('error', () => {}); // eslint-disable-line @typescript-eslint/no-empty-function -- a missing interpreter is reported below
	child.stdin.write(`${JSON.stringify(networks)}\n`);
	const step = async (name: string): Promise<Milliseconds | undefined> => {
		child.stdin.write(`${name}\n`);
		const line = await lines.next();
		return line.done ? undefined : JSON.parse(line.value) as Milliseconds;
	};

	if (!await step('target')) {
		console.log(`${python} has no PyTorch; set PYTHON to an interpreter that has`);
		return undefined;
	}

	return {step, close: () => child.stdin.end()};
}
