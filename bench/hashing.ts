/**
 * Times digests of a file in the page cache and of bytes in memory, beside Node's SHA-256 and the programs `xxhsum` and `b3sum` where they are installed,
 * and counts what is read of a folder that has not changed.
 *
 *     taskset -c 0 npx tsx bench/hashing.ts [--megabytes 1024] [--files 10000] [--runs 5]      taskset (Linux) confines all of it to one core
 */
import {randomBytes, createHash} from 'node:crypto';
import {createReadStream, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {setTimeout} from 'node:timers/promises';
import {parseArgs} from 'node:util';
import {digestBytes, digestFile} from '../engine/digest.ts';
import {digestFolder} from '../engine/files.ts';
import {Store} from '../engine/store.ts';
import {Scratch} from './scratch.ts';
import {markdownTable, median} from './statistics.ts';
import {timed} from './timing.ts';

const {values} = parseArgs({options: {megabytes: {type: 'string', default: '1024'}, files: {type: 'string', default: '10000'}, runs: {type: 'string', default: '5'}}});
using scratch = new Scratch('hashing-');
const {folder} = scratch;
const runs = Number(values.runs);
await printThroughput(Number(values.megabytes) * 1e6);
await printRereading(Number(values.files));

async function printThroughput(sizeBytes: number): Promise<void> {
	const file = path.join(folder, 'large');
	const bytes = randomBytes(sizeBytes);
	writeFileSync(file, bytes);
	const contestants: Array<readonly [string, () => Promise<unknown>]> = [
		['`digestFile`', async () => digestFile(file)],
		['`digestBytes`', async () => digestBytes(bytes)],
		['SHA-256 of the file, `node:crypto`', async () => sha256(file)],
		['`xxhsum -H2` (whole process)', async () => program('xxhsum', '-H2', file)],
		['`b3sum --num-threads 1` (whole process)', async () => program('b3sum', '--num-threads', '1', file)],
	];
	const rates = new Map<string, {wall: number[]; cpu: number[]}>();
	// The first round fills caches and lets the compiler warm up.
	for (let round = 0; round <= runs; round++) {
		for (const [name, hash] of contestants) {
			const cpu = process.cpuUsage();
			const startedMs = performance.now();
			const isThere = await hash() !== undefined;
			const wallMs = performance.now() - startedMs;
			const {user, system} = process.cpuUsage(cpu);
			if (round > 0 && isThere) {
				const rate = rates.get(name) ?? {wall: [], cpu: []};
				rate.wall.push(sizeBytes / 1e6 / wallMs);
				rate.cpu.push(sizeBytes / 1e3 / (user + system));
				rates.set(name, rate);
			}
		}
	}

	const gigabytes = (numbers: readonly number[]) => median(numbers).toFixed(2);
	print(markdownTable(
		[`${(sizeBytes / 1e6).toLocaleString('en')} MB, page cache`, 'GB/s', 'GB per second of processor time'],
		[...rates].map(([name, {wall, cpu}]) => [name, gigabytes(wall), name.includes('process') ? '–' : gigabytes(cpu)]),
	));
}

async function sha256(file: string): Promise<string> {
	const hash = createHash('sha256');
	for await (const chunk of createReadStream(file, {highWaterMark: 1 << 20})) {
		hash.update(chunk as Uint8Array);
	}

	return hash.digest('hex');
}

/** @returns nothing when the program is not installed */
async function program(...command: [string, ...string[]]): Promise<true | undefined> {
	const {outcome} = await timed(command, {cwd: folder, limitMs: 600_000, logFile: path.join(folder, 'log')});
	return outcome === 'ended' ? true : undefined;
}

async function printRereading(count: number): Promise<void> {
	const inputs = path.join(folder, 'inputs');
	mkdirSync(inputs);
	for (let index = 0; index < count; index++) {
		writeFileSync(path.join(inputs, `${index}.bin`), randomBytes(10_000));
	}

	// Files that are younger than the clock of the file system can tell are read again next time.
	await setTimeout(1000);
	using store = new Store(path.join(folder, 'cache'));
	const rows: string[][] = [];
	for (const [name, change] of [['first time', undefined], ['unchanged', undefined], ['one changed', '0.bin']] as const) {
		if (change !== undefined) {
			writeFileSync(path.join(inputs, change), randomBytes(10_000));
		}

		const before = bytesRead();
		const startedMs = performance.now();
		digestFolder(inputs, store);
		rows.push([name, (performance.now() - startedMs).toFixed(0), before === undefined ? '–' : ((bytesRead()! - before) / 1e6).toFixed(2)]);
	}

	print(`\n${markdownTable([`\`digestFolder\`, ${count.toLocaleString('en')} files of 10 kB`, 'ms', 'MB read'], rows)}`);
}

/** What this process has read so far, the index of the cache included. Linux counts it. */
function bytesRead(): number | undefined {
	return process.platform === 'linux' ? Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))![1]) : undefined;
}

function print(text: string): void {
	process.stdout.write(`${text}\n`);
}
