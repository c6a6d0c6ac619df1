/**
 * Decodes and resizes photographs as the stages of FaceScrub and CelebA do, and with Pillow and torchvision in the workers of PyTorch's `DataLoader`, by turns in
 * the same minutes: with one worker on one core, and with two on two. Before anything is timed, every pixel must be equal.
 *
 *     npx tsx bench/photographs.ts [--rounds 7] [--workers 1,2] [--folder FOLDER --size 224]     PYTHON names an interpreter that has torch and torchvision
 *
 * Without a folder, photographs of three sizes are generated; with one, all images that lie in it or below are read. Needs Linux.
 */
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import sharp from 'sharp';
import {listFolder} from '../engine/files.ts';
import {randomStream} from '../tensors/random.ts';
import {Scratch} from './scratch.ts';
import {answerOf, startSide, type Side} from './side.ts';
import {markdownTable, median} from './statistics.ts';

type Case = {readonly name: string; readonly files: readonly string[]; readonly size: number};

/** Images per second, and milliseconds of processor time per image. */
type Timed = {readonly speed: number; readonly cpu: number};

const {values: options} = parseArgs({options: {rounds: {type: 'string', default: '7'}, workers: {type: 'string', default: '1,2'}, folder: {type: 'string'}, size: {type: 'string', default: '224'}}});

/** Size of the generated photographs, and what they become. The first two are CelebA's. */
const generated = [
	{width: 178, height: 218, size: 64},
	{width: 178, height: 218, size: 224},
	{width: 400, height: 500, size: 224},
] as const;
const generatedCount = 128;

using scratch = new Scratch('photographs-');
const rows: string[][] = [];
for (const given of options.folder === undefined ? await generateAll() : [listAll(path.resolve(options.folder))]) {
	for (const workers of options.workers.split(',').map(Number)) {
		const times = await measure(given, workers);
		rows.push([given.name, String(workers), ...summaryOf(times)]);
		process.stderr.write(`${rows.at(-1)!.join('  ')}\n`);
	}
}

console.log(markdownTable(['photographs', 'workers', 'ours, images/s', 'torchvision, images/s', 'ratio', 'ours, CPU ms per image', 'torchvision, CPU ms per image', 'ratio'], rows));

async function generateAll(): Promise<readonly Case[]> {
	const cases: Case[] = [];
	for (const {width, height, size} of generated) {
		const files = Array.from({length: generatedCount}, (_, index) => path.join(scratch.folder, `${width}x${height}-${index}.jpg`));
		for (const [index, file] of files.entries()) {
			writeFileSync(file, await photograph(index, width, height));
		}

		cases.push({name: `${width}×${height} → ${size}`, files, size});
	}

	return cases;
}

/** Soft shapes under some noise, as cameras and data sets store them. */
async function photograph(seed: number, width: number, height: number): Promise<Uint8Array> {
	const stream = randomStream(`photograph ${seed}`);
	const waves = Array.from({length: 3}, () => stream.uniforms(4, 0.01, 0.2));
	const noise = stream.normals(width * height);
	const pixels = new Uint8ClampedArray(width * height * 3);
	for (let y = 0, index = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			for (const [a, b, c, d] of waves) {
				pixels[index++] = 128 + (50 * Math.sin((a! * x) + (b! * y))) + (40 * Math.cos((c! * x) - (d! * y))) + (4 * noise[(y * width) + x]!);
			}
		}
	}

	return sharp(pixels, {raw: {width, height, channels: 3}}).jpeg({quality: 90}).toBuffer();
}

function listAll(folder: string): Case {
	const files = listFolder(folder).filter(file => /\.(?:jpe?g|png|pgm|ppm|webp|tiff?|gif)$/i.test(file.path)).map(file => path.join(folder, file.path));
	return {name: `${path.basename(folder)}, ${files.length} files → ${options.size}`, files, size: Number(options.size)};
}

/** Rates and times of each round, by side. @throws {Error} when the sides do not make the same pixels */
async function measure(given: Case, workers: number): Promise<Readonly<Record<'ours' | 'torchvision', readonly Timed[]>>> {
	const sides = {
		ours: start([process.execPath, '--import=tsx', path.join(import.meta.dirname, 'photographs/worker.ts')], given, workers),
		torchvision: start([process.env.PYTHON ?? 'python3', '-P', path.join(import.meta.dirname, 'photographs/torchvision.py')], given, workers),
	};
	// The first pass warms compilers and caches, too.
	const ours = await answerOf(sides.ours, 'pixels') as readonly string[];
	const theirs = await answerOf(sides.torchvision, 'pixels') as readonly string[];
	const different = given.files.find((_, index) => ours[index] !== theirs[index]);
	if (different !== undefined || ours.length !== given.files.length) {
		throw new Error(`Expected both sides to make the same pixels of ${different ?? 'all images'}`);
	}

	const times = {ours: [] as Timed[], torchvision: [] as Timed[]};
	for (let round = 0; round < Number(options.rounds); round++) {
		for (const name of ['ours', 'torchvision'] as const) {
			const before = cpuMsOf(sides[name].pid);
			const wall = await answerOf(sides[name], 'pass') as number;
			times[name].push({speed: 1000 * given.files.length / wall, cpu: (cpuMsOf(sides[name].pid) - before) / given.files.length});
		}
	}

	for (const side of Object.values(sides)) {
		side.close();
	}

	return times;
}

/** A process that reads the photographs of a case. */
function start(command: readonly string[], {files, size}: Case, workers: number): Side {
	const side = startSide(command, workers);
	side.tell(JSON.stringify({files, size, workers}));
	return side;
}

/** Processor time of a process and its children so far; Linux counts it in hundredths of a second. */
function cpuMsOf(pid: number): number {
	// Behind the name, which may hold anything: state, ten other numbers, then time in user mode and in the kernel.
	const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ').slice(11, 13);
	const own = 10 * (Number(user) + Number(system));
	const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(child => child !== '');
	return children.reduce((sum, child) => sum + cpuMsOf(Number(child)), own);
}

/** Medians, and medians of the ratios of each round. */
function summaryOf({ours, torchvision}: Readonly<Record<'ours' | 'torchvision', readonly Timed[]>>): string[] {
	const columns = (value: keyof Timed, digits: number) => [
		median(ours.map(time => time[value])).toFixed(digits),
		median(torchvision.map(time => time[value])).toFixed(digits),
		`${median(ours.map((time, round) => time[value] / torchvision[round]![value])).toFixed(2)}×`,
	];
	return [...columns('speed', 0), ...columns('cpu', 2)];
}
