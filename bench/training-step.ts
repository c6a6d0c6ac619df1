/**
 * Times one training step on our backends and in PyTorch, by turns in the same minutes, on one core and on two.
 * Run it with: npx tsx bench/training-step.ts [ROUNDS]. PYTHON names an interpreter that has torch; sides that are not installed are left out.
 */
import {spawn} from 'node:child_process';
import process from 'node:process';
import readline from 'node:readline';
import {packageFolder} from '../engine/installed.ts';
import {backendPackages} from '../tensors/backend.ts';
import {networks} from './networks.ts';

type Milliseconds = {readonly wall: number; readonly cpu: number};
type Side = {readonly name: string; step(network: string): Promise<Milliseconds | undefined>; close(): void};

const rounds = Number(process.argv[2] ?? 9);
const peer = 'PyTorch';
for (const cores of [1, 2]) {
	const sides = [
		...(packageFolder(backendPackages.tensorflow, import.meta.dirname) === undefined ? [] : [ours('tensorflow', cores)]),
		ours('wasm', cores),
		start(peer, cores, [process.env.PYTHON ?? 'python3', new URL('training-step.py', import.meta.url).pathname], `${JSON.stringify(networks)}\n`),
	];
	for (const network of Object.keys(networks)) {
		report(network, cores, await measure(network, sides));
	}

	for (const side of sides) {
		side.close();
	}
}

function ours(backend: string, cores: number): Side {
	return start(backend, cores, [process.execPath, '--import=tsx', new URL('training-step-worker.ts', import.meta.url).pathname, backend], '');
}

/** A process that may use the first cores only; libraries take as many threads as they see cores. */
function start(name: string, cores: number, command: readonly string[], greeting: string): Side {
	const child = spawn('taskset', ['-c', `0-${cores - 1}`, ...command], {stdio: ['pipe', 'pipe', 'inherit'], env: {...process.env, OMP_NUM_THREADS: String(cores)}});
	const lines = readline.createInterface({input: child.stdout})[Symbol.asyncIterator]();
	child.stdin.on('error', () => {}); // eslint-disable-line @typescript-eslint/no-empty-function -- a side that is missing answers nothing
	child.stdin.write(greeting);
	return {
		name,
		async step(network) {
			child.stdin.write(`${network}\n`);
			const line = await lines.next();
			return line.done ? undefined : JSON.parse(line.value) as Milliseconds;
		},
		close() {
			child.stdin.end();
		},
	};
}

async function measure(network: string, sides: readonly Side[]): Promise<ReadonlyMap<string, readonly Milliseconds[]>> {
	const times = new Map(sides.map(({name}) => [name, [] as Milliseconds[]]));
	// Compilers and caches need some rounds to warm up, and short steps vary more.
	const factor = network === 'target' ? 5 : 1;
	for (let round = -3 * factor; round < rounds * factor; round++) {
		for (const {name, step} of sides) {
			const time = await step(network);
			if (round >= 0 && time) {
				times.get(name)!.push(time);
			}
		}
	}

	return times;
}

function report(network: string, cores: number, times: ReadonlyMap<string, readonly Milliseconds[]>): void {
	for (const clock of ['wall', 'cpu'] as const) {
		const medians = [...times].filter(([, values]) => values.length > 0).map(([name, values]) => [name, median(values.map(value => value[clock]))] as const);
		const reference = new Map(medians).get(peer);
		const columns = medians.map(([name, value]) => `${name} ${value.toFixed(1).padStart(7)} ms${name === peer || reference === undefined ? '' : ` (${(value / reference).toFixed(2)}×)`}`);
		console.log(`${network.padEnd(9)}  ${cores} ${cores === 1 ? 'core ' : 'cores'}  ${clock.padEnd(4)}  ${columns.join('   ')}`);
	}
}

function median(values: readonly number[]): number {
	const sorted = values.toSorted((a, b) => a - b);
	return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}
