/**
 * Trains the default target model (α = 0, the recipe's learning rate 0.012, 32 epochs) on the pipeline's own images, with our trainer and with PyTorch,
 * and prints the test accuracies: a difference would be the trainer's fault, a low number the images'.
 *
 *     npx tsx bench/target-accuracy.ts [--seeds 0,1] [--trainings 4] [--cache FOLDER]     PYTHON names an interpreter that has torch
 */
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import type {Static} from '@sinclair/typebox';
import {execa} from 'execa';
import {imageSet, type ImageSet} from '../artifacts/image-set.ts';
import {accuracy} from '../metrics/accuracy.ts';
import {buildClassifier, predictLogits} from '../models/classifier.ts';
import {useBackend} from '../tensors/backend.ts';
import type {trainingParams} from '../training/params.ts';
import {trainFromScratch} from '../training/train-from-scratch.ts';

const {values} = parseArgs({options: {seeds: {type: 'string', default: '0,1'}, trainings: {type: 'string', default: '4'}, cache: {type: 'string', default: 'cache'}}});
const {target} = JSON.parse(readFileSync('params.json', 'utf8')) as {target: Static<typeof trainingParams>};
const params = {...target, alpha: 0, learningRate: 0.012, epochs: 32};
const folder = mkdtempSync(path.join(tmpdir(), 'target-'));
await useBackend('wasm');
try {
	for (const seed of values.seeds.split(',')) {
		const common = ['--set', `seed=${seed}`, '--cache', values.cache];
		await execa('node', ['bin/pipeline.cjs', 'run', 'subsample', 'image-split', ...common, '--reports', folder]);
		const [train, test] = [await exported('subsample.subset', common), await exported('image-split.test', common)];
		const ours: number[] = [];
		for (let training = 0; training < Number(values.trainings); training++) {
			ours.push(await trained(train.set, test.set, `training ${training}`));
		}

		print(seed, 'ours', ours);
		const {stdout} = await execa(process.env.PYTHON ?? 'python3', ['bench/target-accuracy.py', train.file, test.file, values.trainings]);
		print(seed, 'PyTorch', stdout.split('\n').map(Number));
	}
} finally {
	rmSync(folder, {recursive: true, force: true});
}

async function exported(artifact: string, common: readonly string[]): Promise<{file: string; set: ImageSet}> {
	const file = path.join(folder, `${artifact}.safetensors`);
	await execa('node', ['bin/pipeline.cjs', 'show', artifact, '--to', file, ...common]);
	return {file, set: imageSet.decode(Uint8Array.from(readFileSync(file)))};
}

async function trained(train: ImageSet, test: ImageSet, seed: string): Promise<number> {
	const {classifier} = await trainFromScratch(train, params, {seed, async onStep() {
		// Nobody watches.
	}});
	using network = buildClassifier(classifier);
	return accuracy(await predictLogits(network, test, {batchSize: 100}), test.labels);
}

function print(seed: string, who: string, accuracies: readonly number[]): void {
	const mean = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
	process.stdout.write(`seed ${seed}  ${who.padEnd(8)} mean ${(100 * mean).toFixed(1)} %  of ${accuracies.map(value => (100 * value).toFixed(1)).join(', ')}\n`);
}
