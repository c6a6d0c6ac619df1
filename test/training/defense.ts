import {readFileSync} from 'node:fs';
import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {labelSmoothingLoss} from '../../losses/label-smoothing.ts';
import {trainableClassifier} from '../../models/trainable-classifier.ts';
import {adam} from '../../tensors/adam.ts';
import {useBackend, type BackendName} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';
import {defensePenalty, type Defense} from '../../training/defense.ts';
import {testedBackends} from '../helpers/backends.ts';
import {wave, waveClassifier} from '../helpers/wave-classifier.ts';

/** What test/fixtures/defences.py wrote; of each weight, the first and the last number. */
type Expected = Readonly<{losses: number[]; gradients: Record<string, number[]>; weights: Record<string, number[]>}>;

const {training} = JSON.parse(readFileSync(new URL('../fixtures/defences.json', import.meta.url), 'utf8')) as {training: Record<'mid' | 'bido', Expected>};

/** Of float32 against float64, relative to numbers of about 1, through five layers and three steps. */
const tolerance = 1e-3;

const isClose = (actual: number, expected: number) => Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected));

const defenses: Readonly<Record<'mid' | 'bido', Defense>> = {
	mid: {kind: 'mid', lambda: 0.01},
	bido: {kind: 'bido', lambdaX: 0.05, lambdaY: 0.5, labelKernel: 'linear', sigma: 5, epsilon: 1e-5},
};

/** The fixture's noise in place of random numbers. */
const waveStreams = (row: number) => ({...randomStream('unused'), normals: (count: number) => wave(4 * count, 7, 1).subarray(row * count, (row + 1) * count)});

async function train(kind: 'mid' | 'bido') {
	const network = trainableClassifier(waveClassifier('target-small', kind === 'mid' ? {noiseAtEvaluation: true, width: 32} : undefined));
	const optimizer = adam({beta1: 0.9, beta2: 0.999, epsilon: 1e-8});
	const images = tf.tensor4d(wave(4 * 8 * 8, 5, 1), [4, 8, 8, 1]);
	const labels = Int32Array.of(0, 1, 2, 1);
	const losses: number[] = [];
	const firsts: Array<Record<string, Float32Array>> = [];
	for (let step = 0; step < 3; step++) {
		const penaltyOf = await defensePenalty(defenses[kind], {images, labels, numClasses: 3}, async select => network.look(images, select, waveStreams));
		const {loss, logits, gradients} = await network.step(images, (output, pass) => tf.add(labelSmoothingLoss(output, labels, 0), penaltyOf(pass)), waveStreams);
		losses.push((await loss.data())[0]!);
		firsts.push(Object.fromEntries(await Promise.all(Object.entries(gradients).map(async ([name, gradient]) => [name, await gradient.data<'float32'>()] as const))));
		optimizer.update(network.variables, gradients, 0.01);
		tf.dispose([loss, logits, gradients]);
	}

	const weights = await network.snapshot();
	network.dispose();
	optimizer.dispose();
	images.dispose();
	return {losses, gradients: firsts[0]!, weights};
}

const agreesWithPytorch = test.macro(async (t, kind: 'mid' | 'bido', backend: BackendName) => {
	await useBackend(backend);
	const expected = training[kind];
	const {losses, gradients, weights} = await train(kind);
	const same = (actual: ArrayLike<number>, values: readonly number[], what: string) => {
		for (const [index, value] of values.entries()) {
			t.true(isClose(actual[index]!, value), `${what} ${index}: got ${actual[index]}, expected ${value}`);
		}
	};

	const ends = (data: Float32Array) => [data[0]!, data.at(-1)!];
	same(losses, expected.losses, 'loss of step');
	for (const [name, values] of Object.entries(expected.gradients)) {
		same(ends(gradients[name]!), values, `gradient of ${name}`);
		same(ends(weights[name]!.data), expected.weights[name]!, name);
	}
});

for (const backend of testedBackends) {
	test.serial(`three Adam steps with MID agree with PyTorch on ${backend}`, agreesWithPytorch, 'mid', backend);
	test.serial(`three Adam steps with BiDO agree with PyTorch on ${backend}`, agreesWithPytorch, 'bido', backend);
}

test.serial('no tensors are left behind', async t => {
	for (const backend of testedBackends) {
		await useBackend(backend);
		const before = tf.memory().numTensors;
		await train('mid');
		await train('bido');
		t.is(tf.memory().numTensors, before, `on ${backend}`);
	}
});

test.serial('MID needs a bottleneck', async t => {
	await useBackend('wasm');
	const penaltyOf = await defensePenalty(defenses.mid, {images: tf.zeros([1, 1, 1, 1]), labels: Int32Array.of(0), numClasses: 1}, async () => []);
	t.throws(() => penaltyOf({hidden: [], bottleneck: undefined, auxiliary: undefined}), {message: 'Internal error: expected a classifier with a bottleneck but it has none'});
});
