/**
 * Times training steps and attack steps on our backends and in PyTorch, by turns in the same minutes, on one core and on two. Every side starts from the same
 * numbers, and before anything is timed the losses of the first steps must agree.
 *
 *     npx tsx bench/steps.ts [--rounds 9] [--cores 1,2] [--only NAME]     PYTHON names an interpreter that has torch and torchvision
 *
 * Sides that are not installed are left out.
 */
import {Buffer} from 'node:buffer';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {encodeSafetensors} from '../artifacts/safetensors.ts';
import {packageFolder} from '../engine/installed.ts';
import {backendPackages} from '../tensors/backend.ts';
import {drawCrop} from '../training/crop.ts';
import {Scratch} from './scratch.ts';
import {startSide} from './side.ts';
import {median} from './statistics.ts';
import {
	attackBetas, classesOf, classifierOf, cropScale, cropStream, decoderOf, imagesOf, labelSmoothing, latentsOf, learningRates, stepCases, type StepCase, type StepName,
} from './steps/cases.ts';

/** Milliseconds of a step, and its loss. */
type Timed = {readonly wall: number; readonly cpu: number; readonly loss: number};
type Side = {readonly name: string; step(name: StepName): Promise<Timed | undefined>; close(): void};

const {values: options} = parseArgs({options: {rounds: {type: 'string', default: '9'}, cores: {type: 'string', default: '1,2'}, only: {type: 'string', default: ''}}});
const rounds = Number(options.rounds);
const peer = 'PyTorch';
/** Steps whose losses are compared; rounding grows from step to step. */
const checked = 3;
const tolerance = 3e-3;
const names = (Object.keys(stepCases) as StepName[]).filter(name => name.includes(options.only));
using scratch = new Scratch('steps-');
for (const name of names) {
	writeFileSync(path.join(scratch.folder, `${name}.safetensors`), Buffer.concat([...startOf(stepCases[name])]));
}

for (const cores of options.cores.split(',').map(Number)) {
	const sides = [
		...(packageFolder(backendPackages.tensorflow, import.meta.dirname) === undefined ? [] : [ours('tensorflow', cores)]),
		ours('wasm', cores),
		start(peer, cores, [process.env.PYTHON ?? 'python3', path.join(import.meta.dirname, 'steps/steps.py')], scratch.folder),
	];
	for (const name of names) {
		report(name, cores, await measure(name, sides));
	}

	for (const side of sides) {
		side.close();
	}
}

/** What PyTorch needs to make the same steps. */
function startOf(given: StepCase): Iterable<Uint8Array> {
	const shared = {...given, labelSmoothing, ...attackBetas, learningRate: learningRates[given.kind]};
	const arrays = {...classifierOf(given).weights, classes: {shape: [given.batch], data: classesOf(given)}};
	if (given.kind === 'training') {
		return encodeSafetensors({arrays: {...arrays, images: {shape: [given.batch, given.size, given.size, 3], data: imagesOf(given)}}, metadata: shared});
	}

	const {latents, latentSize} = latentsOf(given);
	const count = countsOf(given).all;
	const windows = Array.from({length: count * given.batch}, (_, index) => {
		const stream = cropStream(Math.floor(index / given.batch)).split(`image ${index % given.batch}`);
		const {rows, columns} = drawCrop([given.size, given.size], {scale: cropScale, flip: 0}, stream);
		return [rows.offset, rows.size, columns.offset, columns.size];
	});
	return encodeSafetensors({
		arrays: {
			...arrays,
			...decoderOf(given).weights,
			latents: {shape: [given.batch, latentSize], data: latents},
			windows: {shape: [count, given.batch, 4], data: Float32Array.from(windows.flat())},
		},
		metadata: shared,
	});
}

function ours(backend: string, cores: number): Side {
	return start(backend, cores, [process.execPath, '--import=tsx', path.join(import.meta.dirname, 'steps/worker.ts'), backend]);
}

/** A process that makes steps on so many cores. */
function start(name: string, cores: number, command: readonly string[], greeting?: string): Side {
	const side = startSide(command, cores);
	if (greeting !== undefined) {
		side.tell(greeting);
	}

	return {name, step: async step => side.ask(step) as Promise<Timed | undefined>, close: side.close};
}

/** Steps that are not timed, and all of them. */
function countsOf({repeats, warmUps}: StepCase): {readonly untimed: number; readonly all: number} {
	const untimed = Math.max(checked, warmUps);
	return {untimed, all: untimed + (rounds * repeats)};
}

/** Times by side, without the first steps. @throws {Error} when the losses of those do not agree. */
async function measure(name: StepName, sides: readonly Side[]): Promise<ReadonlyMap<string, readonly Timed[]>> {
	const {untimed, all} = countsOf(stepCases[name]);
	const times = new Map(sides.map(side => [side.name, [] as Timed[]]));
	for (let round = 0; round < all; round++) {
		for (const side of sides) {
			const time = await side.step(name);
			if (time) {
				times.get(side.name)!.push(time);
			}
		}
	}

	const answering = [...times].filter(([, steps]) => steps.length > 0);
	for (let step = 0; step < checked; step++) {
		const losses = answering.map(([side, steps]) => ({side, loss: steps[step]!.loss}));
		const reference = losses.at(-1)!.loss;
		if (losses.some(({loss}) => !(Math.abs(loss - reference) <= tolerance * Math.abs(reference)))) {
			throw new Error(`Expected "${name}" to have one loss in step ${step + 1} but got ${losses.map(({side, loss}) => `${loss} (${side})`).join(', ')}`);
		}
	}

	return new Map(answering.map(([side, steps]) => [side, steps.slice(untimed)]));
}

function report(name: StepName, cores: number, times: ReadonlyMap<string, readonly Timed[]>): void {
	for (const clock of ['wall', 'cpu'] as const) {
		const medians = [...times].map(([side, steps]) => [side, median(steps.map(step => step[clock]))] as const);
		const reference = new Map(medians).get(peer);
		const columns = medians.map(([side, value]) => `${side} ${value.toFixed(1).padStart(7)} ms${side === peer || reference === undefined ? '' : ` (${(value / reference).toFixed(2)}×)`}`);
		console.log(`${name.padEnd(22)}  batch ${String(stepCases[name].batch).padStart(3)}  ${cores} ${cores === 1 ? 'core ' : 'cores'}  ${clock.padEnd(4)}  ${columns.join('   ')}`);
	}
}
