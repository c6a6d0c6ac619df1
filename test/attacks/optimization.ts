import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {optimizeLatents, type OptimizationResult, type OptimizationState} from '../../attacks/optimization.ts';
import {type BackendName, useBackend} from '../../tensors/backend.ts';
import {
	context, latentSize, noisyTargetModel, tinyConfidences, tinyGenerator, tinyInitial, tinyTargetModel,
} from '../helpers/tiny-attack.ts';
import {syncBackends} from '../helpers/backends.ts';
import {performStopped, upTo} from '../helpers/stopped.ts';

/** Of float32 arithmetic over a few steps. */
const tolerance = 2e-5;

const options = {
	steps: 5, learningRate: 0.02, beta1: 0.1, beta2: 0.1, cropScale: [0.5, 0.9], batchSize: 4,
} as const;
/** Without random crops. */
const plain = {...options, cropScale: [1, 1]} as const;
const optimize = async (changes: Partial<Parameters<typeof optimizeLatents>[3]> = {}, given: Parameters<typeof optimizeLatents>[4] = context()) =>
	optimizeLatents(tinyInitial, tinyGenerator, tinyTargetModel, {...options, ...changes}, given);
const areClose = (actual: ArrayLike<number>, expected: readonly number[]) =>
	actual.length === expected.length && expected.every((value, index) => Math.abs(value - actual[index]!) < tolerance);

test.before(async () => {
	await useBackend('wasm');
});

// By test/fixtures/attack.py; within a class the better of the two comes first.
test('latents agree with PyTorch after five steps', async t => {
	const {optimized} = await optimize(plain);
	t.true(areClose(optimized.latents, [
		0.063_977_97,
		-0.856_753_81,
		0.556_987_51,
		-0.615_007_88,
		0.050_198_36,
		0.370_216_67,
		0.833_180_45,
		0.722_926_95,
		-0.895_687_27,
		1.063_790_58,
		0.990_765_61,
		-0.755_520_16,
		1.072_622_46,
		0.883_600_28,
		0.267_322_69,
		0.709_044_01,
		0.608_803_3,
		-0.781_806_08,
	]));
});

test('losses and confidences of every step agree with PyTorch', async t => {
	const {history} = await optimize(plain);
	t.is(history.unit, 'step');
	t.true(areClose(history.columns.loss!, [10.585_743_16, 10.548_964_69, 10.519_514_17, 10.494_610_67, 10.472_751_76]));
	t.true(areClose(history.columns.targetConfidence!, [0.445_201_08, 0.446_229_86, 0.447_175_47, 0.448_063_71, 0.448_918_36]));
});

test('scores are the confidences in the plain images of the final latents', async t => {
	const {optimized: {scores, latents, targetClasses}} = await optimize();
	for (const [index, score] of scores.entries()) {
		const latent = latents.subarray(index * latentSize, (index + 1) * latentSize);
		t.true(Math.abs(score - tinyConfidences(latent)[targetClasses[index]!]!) < tolerance);
	}
});

test('latents are in order of class, best first', async t => {
	const {optimized: {scores, targetClasses}} = await optimize();
	t.deepEqual([...targetClasses], [0, 0, 1, 1, 2, 2]);
	t.true([0, 2, 4].every(index => scores[index]! >= scores[index + 1]!));
});

test('the first step moves every number by the learning rate, down the slope that finite differences find', async t => {
	const latents = new Float32Array([0.3, -0.2, 0.1]);
	const start = {
		latents, latentSize, targetClasses: new Int32Array([1]), scores: new Float32Array(1),
	};
	const lossAt = async (z: Float32Array) => {
		const {history} = await optimizeLatents({...start, latents: z}, tinyGenerator, tinyTargetModel, {...options, steps: 1}, context());
		return history.columns.loss![0]!;
	};

	const {optimized} = await optimizeLatents(start, tinyGenerator, tinyTargetModel, {...options, steps: 1}, context());
	for (const [index, value] of latents.entries()) {
		const shifted = async (by: number) => lossAt(latents.map((old, position) => (position === index ? old + by : old)));
		const slope = await shifted(0.01) - await shifted(-0.01);
		t.true(Math.abs(optimized.latents[index]! - (value - (0.02 * Math.sign(slope)))) < 1e-5);
	}
});

test('every step draws new crops', async t => {
	const {history: {columns}} = await optimize({learningRate: 0, steps: 3});
	t.is(new Set(columns.loss).size, 3);
});

test('without steps the latents stay and get scores', async t => {
	const {optimized, history} = await optimize({steps: 0});
	t.deepEqual(optimized.latents.toSorted(), tinyInitial.latents.toSorted());
	t.true(optimized.scores.every(score => score > 0));
	t.deepEqual(history.columns, {loss: [], targetConfidence: []});
});

test('the initial latents are left as they are', async t => {
	const before = Float32Array.from(tinyInitial.latents);
	await optimize();
	t.deepEqual(tinyInitial.latents, before);
});

test('the same seed gives the same bytes', async t => {
	t.deepEqual(await optimize(), await optimize());
});

test('another seed gives other latents', async t => {
	t.notDeepEqual((await optimize()).optimized.latents, (await optimize({}, context('other'))).optimized.latents);
});

test('the batch size changes latents by rounding only', async t => {
	const [small, whole] = [await optimize({batchSize: 1}), await optimize({batchSize: 6})];
	t.true(areClose(small.optimized.latents, [...whole.optimized.latents]));
	t.true(areClose(small.history.columns.loss!, whole.history.columns.loss!));
});

test('the noise of a target model belongs to the seed, the step and the latent, not to the batch or to interruptions', async t => {
	const noisy = async (changes: object = {}, given: Parameters<typeof optimizeLatents>[4] = context()) => optimizeLatents(tinyInitial, tinyGenerator, noisyTargetModel, {...options, ...changes}, given);
	const undisturbed = await noisy();
	t.deepEqual((await performStopped<OptimizationState, OptimizationResult>(async resumable => noisy({}, {...context(), ...resumable}), [2, 6])).value, undisturbed);
	const whole = await noisy({batchSize: 6});
	t.true(areClose(undisturbed.optimized.latents, [...whole.optimized.latents]));
	t.notDeepEqual((await noisy({}, context('other'))).optimized.latents, undisturbed.optimized.latents);
	t.notDeepEqual(undisturbed.optimized.latents, (await optimize()).optimized.latents);
});

test('steps count every step of every batch', async t => {
	const steps: unknown[] = [];
	await optimize({steps: 2}, {...context(), async onStep(done, total, unit) {
		steps.push([done, total, unit]);
	}});
	t.deepEqual(steps.slice(0, 4), [[1, 4, 'step'], [2, 4, 'step'], [3, 4, 'step'], [4, 4, 'step']]);
});

test('a loss that is not finite is reported with step, latent and target class', async t => {
	let calls = 0;
	const breaking = {
		logits(images: tf.Tensor4D) {
			calls++;
			// The second batch, step 2.
			return tf.tidy((): tf.Tensor2D => tf.mul(tinyTargetModel.logits(images), calls === 7 ? Number.NaN : 1));
		},
	};
	const error = await t.throwsAsync<Error & {facts: unknown}>(async () => optimizeLatents(tinyInitial, tinyGenerator, breaking, options, context()), {name: 'UserError', message: 'The loss of latent 4 became NaN at step 2 of 5'});
	t.deepEqual(error?.facts, {'target class': 2, logits: 'NaN for class 0', 'learning rate': 0.02});
});

const singular = test.macro(async (t, logits: number[], {loss, facts}: {loss: string; facts: Record<string, string | number>}) => {
	const constant = {logits: (images: tf.Tensor4D): tf.Tensor2D => tf.tidy(() => tf.add(tf.mul(tinyTargetModel.logits(images), 0), tf.tensor2d([logits])))};
	const error = await t.throwsAsync<Error & {facts: unknown; hint: string}>(async () => optimizeLatents(tinyInitial, tinyGenerator, constant, options, context()), {name: 'UserError'});
	t.is(error?.message, `The loss of latent 0 became ${loss} at step 1 of 5`);
	t.deepEqual(error?.facts, facts);
	t.is(error?.hint, 'Lower "optimization.learningRate", or choose another "optimization.loss"; if it happens at step 1, the target model or the generator does not yield numbers.');
});

test('logits of 0 end the attack, naming latent and class', singular, [0, 0, 0], {
	loss: 'NaN', facts: {'target class': 0, logits: 'all 0, which have no direction (‖o‖₁ = 0)', 'learning rate': 0.02},
});

test('one-hot logits end the attack, naming latent and class', singular, [0, 7, 0], {
	loss: 'Infinity', facts: {'target class': 0, logits: '0 but for class 1: a one-hot vector lies on the border, infinitely far from everything', 'learning rate': 0.02},
});

test('a gradient that is not finite ends the attack although the loss is', async t => {
	const broken = {
		generate: (latents: tf.Tensor2D) => tf.customGrad((...inputs) => ({
			value: tinyGenerator.generate(inputs[0] as tf.Tensor2D), gradFunc: () => tf.fill(latents.shape, Infinity),
		}))(latents),
	};
	const error = await t.throwsAsync<Error & {facts: unknown}>(async () => optimizeLatents(tinyInitial, broken, tinyTargetModel, options, context()), {name: 'UserError'});
	t.is(error?.message, 'The gradient of latent 0 became Infinity at step 1 of 5');
	t.deepEqual(error?.facts, {'target class': 0, 'learning rate': 0.02});
});

for (const loss of ['cross-entropy', 'max-margin'] as const) {
	test(`${loss} is another attack, which lowers its own loss`, async t => {
		const {history, optimized} = await optimize({...plain, loss, steps: 20});
		t.true(history.columns.loss!.at(-1)! < history.columns.loss![0]!);
		t.true(history.columns.targetConfidence!.at(-1)! > history.columns.targetConfidence![0]!);
		t.notDeepEqual(optimized.latents, (await optimize({...plain, steps: 20})).optimized.latents);
	});
}

test('the Poincaré loss is the one that is meant when none is named', async t => {
	t.deepEqual(await optimize({loss: 'poincare'}), await optimize());
});

test('no latents are refused', async t => {
	const empty = {
		latents: new Float32Array(), latentSize, targetClasses: new Int32Array(), scores: new Float32Array(),
	};
	await t.throwsAsync(async () => optimizeLatents(empty, tinyGenerator, tinyTargetModel, options, context()), {name: 'UserError', message: 'Expected latents to optimize, got none'});
});

const goesOn = test.macro({
	async exec(t, stops: readonly number[], backend: BackendName = 'wasm') {
		await useBackend(backend);
		const undisturbed = await optimize();
		const before = tf.memory().numTensors;
		const {value, steps} = await performStopped<OptimizationState, OptimizationResult>(async resumable => optimize({}, {...context(), ...resumable}), stops);
		t.deepEqual(value, undisturbed);
		t.is(tf.memory().numTensors, before);
		// Six latents in two batches, five steps each; then two batches of scores, which begin again when they are stopped.
		t.deepEqual(steps, [...upTo(10), 10, 10, ...stops.filter(stop => stop === 10).slice(1)]);
		await useBackend('wasm');
	},
	title: (_, stops: readonly number[], backend: BackendName = 'wasm') => `stopped after steps ${stops.join(', ')} on ${backend}, it goes on to the same bytes`,
});

test.serial(goesOn, [1]);
test.serial(goesOn, [3, 5, 6, 9]);
test.serial(goesOn, [10]);
test.serial(goesOn, [4, 10, 10]);
test.serial(goesOn, upTo(10));
for (const backend of syncBackends.filter(name => name !== 'wasm')) {
	test.serial(goesOn, [2, 8], backend);
}

test.serial('no tensors are left behind', async t => {
	const before = tf.memory().numTensors;
	await optimize();
	t.is(tf.memory().numTensors, before);
});

test.serial('no tensors are left behind when the run is cancelled', async t => {
	const before = tf.memory().numTensors;
	let steps = 0;
	await t.throwsAsync(async () => optimize({}, context('attack', async () => {
		steps++;
		if (steps === 3) {
			throw new Error('Cancelled');
		}
	})), {message: 'Cancelled'});
	t.is(tf.memory().numTensors, before);
});
