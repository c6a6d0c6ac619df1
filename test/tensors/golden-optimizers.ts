import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {adam} from '../../tensors/adam.ts';
import {type Optimizer, withWeightDecay} from '../../tensors/optimizer.ts';
import {sgd, type SgdState} from '../../tensors/sgd.ts';
import {type BackendName, useBackend} from '../../tensors/backend.ts';
import {learningRateAt} from '../../training/learning-rate.ts';
import {createOptimizer} from '../../training/optimizers.ts';
import {syncBackends} from '../helpers/backends.ts';
import {float32Tolerance, relativeDifference} from '../helpers/golden.ts';
import {fixture, liveTensors, wave} from '../helpers/tensors.ts';

type Schedule = {readonly learningRate: number; readonly schedule?: 'cosine' | 'multi-step'; readonly minimum?: number; readonly milestones?: number[]};
type Setting = Schedule & {readonly optimizer: 'adam' | 'sgd'; readonly betas?: [number, number]; readonly momentum?: number; readonly weightDecay?: number};
type Weights = {readonly a: number[]; readonly b: number[]};

const {paths, rates, zeroStart} = fixture<{
	paths: Array<Setting & {path: Record<string, Weights>}>;
	rates: Array<Schedule & {epochs: number; rates: number[]}>;
	zeroStart: number[];
}>('optimizers.json');

/** As `test/fixtures/optimizers.py` reads them. */
const scheduleOf = ({learningRate, schedule, minimum, milestones = []}: Schedule) => ({
	learningRate, learningRateSchedule: schedule, learningRateDrops: milestones, learningRateMinimum: minimum,
});

const optimizerOf = (setting: Setting): Optimizer<unknown> => (setting.betas
	? adam({beta1: setting.betas[0], beta2: setting.betas[1], epsilon: 1e-8})
	: createOptimizer(setting));

const follows = test.macro(async (t, backend: BackendName, {path, ...setting}: Setting & {path: Record<string, Weights>}) => {
	await useBackend(backend);
	const before = liveTensors();
	const variables = tf.tidy(() => ({a: tf.variable(wave([7], 0.9)), b: tf.variable(wave([2, 3], 1.9, 1))}));
	const optimizer = optimizerOf(setting);
	for (let step = 1; step <= 50; step++) {
		const gradients = tf.tidy(() => ({
			a: tf.add(wave([7], 1.3, step), tf.mul(variables.a, 0.5)),
			b: tf.add(wave([2, 3], 0.7, step), tf.mul(variables.b, 0.5)),
		}));
		optimizer.update(variables, gradients, learningRateAt(step - 1, 50, scheduleOf(setting)));
		tf.dispose(gradients);
		const expected = path[step];
		if (expected) {
			for (const name of ['a', 'b'] as const) {
				const difference = relativeDifference(variables[name].dataSync(), expected[name]);
				t.true(difference < float32Tolerance, `step ${step}, ${name}: differs by ${difference}`);
			}
		}
	}

	tf.dispose(variables);
	optimizer.dispose();
	t.deepEqual(liveTensors(), before, 'nothing leaks');
});

for (const backend of syncBackends) {
	for (const {path, ...setting} of paths) {
		test.serial(`50 steps on ${backend} are those of PyTorch: ${JSON.stringify(setting)}`, follows, backend, {path, ...setting});
	}
}

for (const {epochs, rates: expected, ...schedule} of rates) {
	test(`the learning rates of ${epochs} epochs are those of PyTorch: ${JSON.stringify(schedule)}`, t => {
		// Float64; the framework multiplies its rate from step to step, which rounds anew each time, and the file holds 12 digits.
		const tolerance = 1e-11;
		const actual = Array.from({length: epochs}, (_, epoch) => learningRateAt(epoch, epochs, scheduleOf(schedule)));
		t.true(relativeDifference(actual, expected) < tolerance);
	});
}

test('the cosine from 0.1 to 0.0001 over 75 epochs has the rates of the authors\' surrogate', t => {
	const rate = (epoch: number) => learningRateAt(epoch, 75, {learningRate: 0.1, learningRateSchedule: 'cosine', learningRateDrops: [], learningRateMinimum: 0.0001}).toFixed(6);
	t.deepEqual([0, 1, 37, 74].map(epoch => rate(epoch)), ['0.100000', '0.099956', '0.051096', '0.000144']);
});

test('a constant rate ignores drops', t => {
	t.is(learningRateAt(9, 10, {learningRate: 0.5, learningRateSchedule: 'constant', learningRateDrops: [0.1]}), 0.5);
});

test.serial('Adam with β of 0.1 starts in steps of the learning rate', async t => {
	await useBackend('wasm');
	const optimizer = adam({beta1: 0.1, beta2: 0.1, epsilon: 1e-8});
	const w = tf.tidy(() => tf.variable(tf.zeros([1])));
	for (const [step, gradient] of [1, -0.5, 0.2].entries()) {
		tf.tidy(() => {
			optimizer.update({w}, {w: tf.tensor1d([gradient])}, 0.005);
		});
		t.true(relativeDifference(w.dataSync(), [zeroStart[step]!]) < float32Tolerance);
	}

	t.deepEqual(zeroStart.map(value => value.toFixed(8)), ['-0.00500000', '-0.00177671', '-0.00454938']);
	w.dispose();
	optimizer.dispose();
});

for (const backend of syncBackends) {
	test.serial(`gradient descent with momentum on ${backend} goes on from its state, bit for bit, and a state stays as it was`, async t => {
		await useBackend(backend);
		const before = liveTensors();
		const steps = (optimizer: Optimizer<SgdState>, w: tf.Variable, from: number, to: number) => {
			for (let step = from; step < to; step++) {
				tf.tidy(() => {
					optimizer.update({w}, {w: wave([5], 1.1, step)}, 0.05);
				});
			}
		};

		const undisturbed = tf.tidy(() => tf.variable(tf.zeros([5])));
		const optimizer = withWeightDecay(sgd({momentum: 0.9}), 0.1);
		steps(optimizer, undisturbed, 0, 3);
		const state = await optimizer.state();
		const copy = structuredClone(state);
		const resumed = tf.tidy(() => tf.variable(tf.tensor1d(undisturbed.dataSync<'float32'>().slice())));
		steps(optimizer, undisturbed, 3, 8);
		t.deepEqual(state, copy);

		const second = withWeightDecay(sgd({momentum: 0.9}, state), 0.1);
		t.deepEqual(await second.state(), state, 'before its first step');
		steps(second, resumed, 3, 8);
		t.deepEqual(resumed.dataSync(), undisturbed.dataSync());
		t.deepEqual(await second.state(), await optimizer.state());

		tf.dispose([undisturbed, resumed]);
		optimizer.dispose();
		second.dispose();
		t.deepEqual(liveTensors(), before, 'nothing leaks');
	});
}

test.serial('a decayed gradient of another shape is refused and leaks nothing', async t => {
	await useBackend('wasm');
	const before = liveTensors();
	const [w, gradient] = [tf.tidy(() => tf.variable(tf.zeros([3]))), tf.ones([2])];
	t.throws(() => {
		withWeightDecay(sgd({momentum: 0}), 0.1).update({w}, {w: gradient}, 0.1);
	}, {message: 'Internal error: expected a variable "w" of shape [2] but was [3]'});
	tf.dispose([w, gradient]);
	t.deepEqual(liveTensors(), before);
});
