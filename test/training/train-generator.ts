import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import type {ImageSet} from '../../artifacts/image-set.ts';
import {UserError} from '../../engine/error.ts';
import {buildGenerator} from '../../models/generator.ts';
import {useBackend} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';
import {autoencoderLoss, type GeneratorState, type GeneratorTrainingOptions, trainGenerator} from '../../training/train-generator.ts';
import {performStopped, upTo} from '../helpers/stopped.ts';

/** Of float32 numbers around 1. */
const tolerance = 1e-5;

const options: GeneratorTrainingOptions = {
	components: 6, latentSize: 3, hidden: 16, steps: 60, batchSize: 16, learningRate: 0.01, klWeight: 1e-3, weightExponent: 1.5, augmentCopies: 0,
};

/** 4×4 images that vary in brightness, and between left and right. */
function imagesOf(count: number): ImageSet {
	const stream = randomStream('images');
	const images = new Uint8Array(count * 16 * 3);
	for (let index = 0; index < count; index++) {
		const [light, slope] = [stream.uniform(80, 170), stream.uniform(-25, 25)];
		for (let offset = 0; offset < 48; offset++) {
			images[(index * 48) + offset] = light + (slope * ((Math.floor(offset / 3) % 4) - 1.5)) + stream.uniform(-3, 3);
		}
	}

	return {images, shape: [count, 4, 4, 3], labels: new Int32Array(count), identities: ['somebody']};
}

const context = (seed = '1') => ({stream: randomStream(seed), async onStep() {}}); // eslint-disable-line @typescript-eslint/no-empty-function -- nobody listens

test.before(async () => {
	await useBackend('wasm');
});

test.serial('the loss of one vector is its weighted error and its divergence', t => {
	const variables = Object.fromEntries(Object.entries({
		'encoder1/kernel': tf.tensor2d([[1, 0], [0, 0]]),
		'encoder1/bias': tf.tensor1d([0, Math.log(4)]),
		'decoder1/kernel': tf.tensor2d([[1, 0.5]]),
		'decoder1/bias': tf.tensor1d([0.5, 0]),
	}).map(([name, tensor]) => [name, tf.variable(tensor)]));
	const loss = tf.tidy(() => autoencoderLoss(tf.tensor2d([[1, 2]]), {
		variables, epsilon: tf.tensor2d([[0.5]]), componentWeights: tf.tensor1d([0.75, 0.25]), klWeight: 0.1,
	}).dataSync()[0]!);
	// The code has mean 1 and variance 4, so z = 1 + 2 · ½ = 2 and the output is (2.5, 1): ¾ · 1.5² + ¼ · 1² + 0.1 · ½(1 + 4 − 1 − ln 4).
	t.true(Math.abs(loss - (1.9375 + (0.05 * (4 - Math.log(4))))) < tolerance, `${loss}`);
	tf.dispose(variables);
});

test.serial('a generator learns to vary as its images do', async t => {
	const {generator, history} = await trainGenerator(imagesOf(200), {...options, steps: 400, klWeight: 0.01}, context());
	t.deepEqual(generator.imageShape, [4, 4, 3]);
	const network = buildGenerator(generator);
	const means = tf.tidy(() => [...tf.mean(network.generate(tf.tensor2d(randomStream('z').normals(300), [100, 3])), [1, 2, 3]).dataSync()]);
	network.dispose();
	const mean = means.reduce((sum, value) => sum + value, 0) / 100;
	const deviation = Math.sqrt(means.reduce((sum, value) => sum + ((value - mean) ** 2), 0) / 100);
	// Brightness is uniform from 80 to 170 of 255: mean 0.49, standard deviation 0.10.
	t.true(Math.abs(mean - 0.49) < 0.04, `${mean}`);
	t.true(deviation > 0.05 && deviation < 0.15, `${deviation}`);
	t.true(history.columns.loss!.at(-1)! < history.columns.loss![0]! / 2);
});

test.serial('fewer images than components still give a generator', async t => {
	const {generator} = await trainGenerator(imagesOf(4), options, context());
	t.deepEqual(generator.weights.basis!.shape, [3, 48]);
});

test.serial('copies make up for a small set of images', async t => {
	const {generator} = await trainGenerator(imagesOf(4), {...options, augmentCopies: 5}, context());
	t.deepEqual(generator.weights.basis!.shape, [6, 48]);
});

test.serial('the same seed gives the same bytes', async t => {
	t.deepEqual(await trainGenerator(imagesOf(20), options, context()), await trainGenerator(imagesOf(20), options, context()));
});

test.serial('another seed gives another generator', async t => {
	t.notDeepEqual(await trainGenerator(imagesOf(20), options, context()), await trainGenerator(imagesOf(20), options, context('2')));
});

// An odd number of normals a step, so that every other state holds the second of a pair; 60 steps give two rows of history.
const goesOn = test.macro({
	async exec(t, stops: readonly number[]) {
		const odd = {...options, batchSize: 5};
		const undisturbed = await trainGenerator(imagesOf(20), odd, context());
		const before = tf.memory().numTensors;
		const {value, steps} = await performStopped<GeneratorState, typeof undisturbed>(async resumable => trainGenerator(imagesOf(20), odd, {...context(), ...resumable}), stops);
		t.deepEqual(value, undisturbed);
		t.deepEqual(steps, upTo(60), 'no step was made twice');
		t.is(tf.memory().numTensors, before);
	},
	title: (_, stops: readonly number[]) => `stopped after steps ${stops.join(', ')}, a training goes on to the same bytes`,
});

test.serial(goesOn, [1]);
test.serial(goesOn, [2, 9, 50, 51, 59]);
test.serial(goesOn, [60]);
test.serial(goesOn, upTo(60).filter(step => step % 7 === 0));

test.serial('a generator that goes on does not look for components again', async t => {
	const units: Array<string | undefined> = [];
	let resume: GeneratorState | undefined;
	await trainGenerator(imagesOf(20), options, {
		...context(),
		async onStep(done, _total, _unit, takeState) {
			resume = done === 10 ? await takeState?.() : resume;
		},
	});
	await trainGenerator(imagesOf(20), options, {
		...context(),
		resume,
		async onStep(_done, _total, unit) {
			units.push(unit);
		},
	});
	t.deepEqual(units, Array.from({length: 50}, () => 'step'));
});

test.serial('a loss that is not finite ends the training', async t => {
	const error = await t.throwsAsync(trainGenerator(imagesOf(20), {...options, learningRate: 1e30}, context()), {instanceOf: UserError});
	t.is(error.code, 'loss-not-finite');
});

test.serial('a cancelled training leaves no tensors behind', async t => {
	const before = tf.memory().numTensors;
	const cancelled = trainGenerator(imagesOf(20), options, {
		...context(),
		async onStep(done, total) {
			if (total === options.steps && done === 3) {
				throw new Error('cancelled');
			}
		},
	});
	await t.throwsAsync(cancelled, {message: 'cancelled'});
	t.is(tf.memory().numTensors, before);
});
