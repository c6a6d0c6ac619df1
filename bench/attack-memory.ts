/**
 * Makes attack steps against a StyleGAN2 with weights of no content, and compares their peak memory and time with what `pipeline estimate` calculates.
 *
 *     npx tsx bench/attack-memory.ts [--backend tensorflow] [--resolution 1024] [--target resnet18] [--size 224] [--batch 1] [--steps 2]
 *
 * A process of its own per figure, because memory that was used once is not given back. `--batch 1,2` makes one after the other.
 */
import {existsSync, readFileSync} from 'node:fs';
import process from 'node:process';
import {parseArgs} from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import {execa} from 'execa';
import type {Weights} from '../artifacts/classifier.ts';
import type {Stylegan2} from '../artifacts/generator.ts';
import {latentBatch} from '../attacks/latent-batches.ts';
import {stepGradient} from '../attacks/step-gradient.ts';
import {attackStep} from '../costs/attack.ts';
import {ffhq} from '../costs/generator.ts';
import {measureSpeed} from '../costs/measure-speed.ts';
import {workOf} from '../costs/pass.ts';
import {durationOf} from '../engine/forecast.ts';
import {buildClassifier} from '../models/classifier.ts';
import {buildGenerator} from '../models/generator.ts';
import {initialClassifier} from '../models/initial-classifier.ts';
import {weightShapes} from '../models/networks/stylegan2/layout.ts';
import {useBackend, type BackendName} from '../tensors/backend.ts';
import {randomStream} from '../tensors/random.ts';

const {values} = parseArgs({
	options: {
		backend: {type: 'string', default: 'tensorflow'}, resolution: {type: 'string', default: '1024'}, target: {type: 'string', default: 'resnet18'}, size: {type: 'string', default: '224'}, batch: {type: 'string', default: '1'}, steps: {type: 'string', default: '2'}, alone: {type: 'boolean', default: false},
	},
});
const [resolution, size, steps] = [values.resolution, values.size, values.steps].map(Number) as [number, number, number];
const batches = values.batch.split(',').map(Number);

if (values.alone) {
	await attack(batches[0]!);
} else {
	for (const batch of batches) {
		await execa('node', ['--import=tsx', import.meta.filename, '--alone', ...Object.entries({...values, batch: String(batch)}).filter(([name]) => name !== 'alone').flatMap(([name, value]) => [`--${name}`, String(value)])], {stdio: 'inherit', reject: false});
	}
}

async function attack(batch: number): Promise<void> {
	await useBackend(values.backend as BackendName);
	const before = process.memoryUsage.rss();
	const secondsPer = await measureSpeed({now: () => performance.now(), onStep: async () => undefined});
	const sizes = {...ffhq, imageShape: [resolution, resolution, 3] as const};
	const view = {crop: Math.round(resolution * 800 / 1024), size};
	const classifier = initialClassifier(values.target, {numClasses: 530, imageShape: [size, size, 3]}, randomStream('target'));
	const {pass, fixedBytes, latentBytes} = attackStep({generator: {architecture: 'stylegan2', sizes, view}, target: {...classifier, hasBottleneck: false}});
	print(`${values.backend}, StyleGAN2 ${resolution}, ${values.target} at ${size}, ${batch} at a time`);
	print(`predicted  ${gigabytes(before + fixedBytes + (batch * latentBytes))}, ${(durationOf({work: workOf(pass, batch, batch)}, {secondsPer}) / 1000).toFixed(1)} s per step (${(2 * batch * pass.allMacs / 1e9).toFixed(0)} GFLOP)`);
	const generatorModel: Stylegan2 = {...sizes, architecture: 'stylegan2', view, weights: weightsOf(weightShapes(sizes))};
	using generator = buildGenerator(generatorModel);
	using targetModel = buildClassifier(classifier);
	const latents = {latents: randomStream('latents').normals(512 * batch), latentSize: 512};
	const place = {batch: latentBatch(latents, 0, batch), microBatch: batch, stream: randomStream('step')};
	const z = tf.keep(place.batch.toTensor());
	const seconds: number[] = [];
	for (let step = 0; step < steps; step++) {
		const startedMs = performance.now();
		const {gradient, values: computed} = await stepGradient(z, place, {generator, targetModel, options: {cropScale: [0.9, 1], draws: 'batch'}, targetClasses: new Int32Array(batch)});
		tf.dispose([gradient, computed]);
		seconds.push((performance.now() - startedMs) / 1000);
	}

	print(`measured   ${gigabytes(peakBytes())}, ${Math.min(...seconds).toFixed(1)} s per step (${seconds.map(value => value.toFixed(1)).join(', ')})`);
}

function weightsOf(shapes: Readonly<Record<string, readonly number[]>>): Weights {
	return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, {shape, data: randomStream(name).normals(shape.reduce((product, length) => product * length, 1))}]));
}

/** Largest resident memory of this process. */
function peakBytes(): number {
	return existsSync('/proc/self/status') ? 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) : 1024 * process.resourceUsage().maxRSS;
}

function gigabytes(bytes: number): string {
	return `${(bytes / 1e9).toFixed(2)} GB`;
}

function print(line: string): void {
	process.stdout.write(`${line}\n`);
}
