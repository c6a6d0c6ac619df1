import {readFileSync} from 'node:fs';
import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {labelSmoothingLoss} from '../../losses/label-smoothing.ts';
import {trainableClassifier} from '../../models/trainable-classifier.ts';
import {adam} from '../../tensors/adam.ts';
import {useBackend} from '../../tensors/backend.ts';
import {wave, waveClassifier} from '../helpers/wave-classifier.ts';

/** What test/fixtures/trainable-classifier.py wrote; of each weight, the first and the last number. */
type Expected = Readonly<{
	logits: number[];
	losses: number[];
	gradients: Record<string, number[]>;
	kernels: Record<string, number[]>;
	movingMean: Record<string, number[]>;
	movingVariance: Record<string, number[]>;
}>;

const fixture = JSON.parse(readFileSync(new URL('../fixtures/trainable-classifier.json', import.meta.url), 'utf8')) as Record<string, Expected>;

/** Of float32 against float64, relative to numbers of about 1, through five layers and three steps. */
const tolerance = 1e-3;

const isClose = (actual: number, expected: number) => Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected));

async function train(architecture: string) {
	const network = trainableClassifier(waveClassifier(architecture));
	const optimizer = adam({beta1: 0.9, beta2: 0.999, epsilon: 1e-8});
	const images = tf.tensor4d(wave(4 * 8 * 8, 5, 1), [4, 8, 8, 1]);
	const labels = [0, 1, 2, 1];
	const losses: number[] = [];
	const firsts: Array<{logits: number[]; gradients: Record<string, Float32Array>}> = [];
	for (let step = 0; step < 3; step++) {
		const {loss, logits, gradients} = await network.step(images, output => labelSmoothingLoss(output, labels, -0.05));
		losses.push(loss.dataSync()[0]!);
		firsts.push({
			logits: [...logits.dataSync()],
			gradients: Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, gradient.dataSync<'float32'>()])),
		});
		optimizer.update(network.variables, gradients, 0.01);
		tf.dispose([loss, logits, gradients]);
	}

	const weights = await network.snapshot();
	network.dispose();
	optimizer.dispose();
	images.dispose();
	return {losses, ...firsts[0]!, weights};
}

test.before(async () => {
	await useBackend('wasm');
});

const agreesWithPytorch = test.macro(async (t, architecture: string) => {
	const expected = fixture[architecture]!;
	const {logits, losses, gradients, weights} = await train(architecture);
	const same = (actual: ArrayLike<number>, values: readonly number[], what: string) => {
		for (const [index, value] of values.entries()) {
			t.true(isClose(actual[index]!, value), `${what} ${index}: got ${actual[index]}, expected ${value}`);
		}
	};

	const ends = (data: Float32Array) => [data[0]!, data.at(-1)!];
	same(logits, expected.logits, 'logit');
	same(losses, expected.losses, 'loss of step');
	for (const [name, values] of Object.entries(expected.gradients)) {
		same(ends(gradients[name]!), values, `gradient of ${name}`);
	}

	for (const [name, values] of Object.entries(expected.kernels)) {
		same(ends(weights[name]!.data), values, name);
	}

	for (const [block, values] of Object.entries(expected.movingMean)) {
		same(ends(weights[`${block}/movingMean`]!.data), values, `moving mean of ${block}`);
		same(ends(weights[`${block}/movingVariance`]!.data), expected.movingVariance[block]!, `moving variance of ${block}`);
	}
});

test.serial('three Adam steps of the target model agree with PyTorch', agreesWithPytorch, 'target-small');
test.serial('three Adam steps of the embedding model agree with PyTorch', agreesWithPytorch, 'embedding-small');

test.serial('training leaves the weights it started from alone', async t => {
	const initial = waveClassifier('surrogate-small');
	const before = structuredClone(initial.weights);
	const network = trainableClassifier(initial);
	const step = await network.step(tf.ones([2, 8, 8, 1]), logits => tf.sum(logits));
	tf.dispose(step);
	network.dispose();
	t.deepEqual(initial.weights, before);
});

test.serial('no tensors are left behind', async t => {
	const before = tf.memory().numTensors;
	await train('target-small');
	t.is(tf.memory().numTensors, before);
});
