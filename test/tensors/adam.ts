import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {adam, type Adam} from '../../tensors/adam.ts';
import {useBackend, type BackendName} from '../../tensors/backend.ts';
import {syncBackends} from '../helpers/backends.ts';
import {fixture, largestDifference, liveTensors, wave} from '../helpers/tensors.ts';

type Golden = {readonly beta1: number; readonly beta2: number; readonly epsilon: number; readonly path: number[][]};

const {adam: goldens} = fixture<{adam: Golden[]}>('tensors.json');
const float32Tolerance = 1e-6;

const followsPyTorch = test.macro({
	async exec(t, backend: BackendName, copies: number, {path, ...options}: Golden) {
		await useBackend(backend);
		const before = liveTensors();
		const optimizer = adam(options);
		const weights = tf.tidy(() => tf.variable<tf.Rank>(tf.tile(wave([7], 0.9), [copies])));
		for (const [step, expected] of path.entries()) {
			const gradient = tf.tidy(() => tf.tile(wave([7], 1.3, step), [copies]));
			optimizer.update({weights}, {weights: gradient}, 0.05 / (step + 1));
			gradient.dispose();
			const difference = largestDifference(weights.dataSync(), Array.from({length: copies}, () => expected).flat());
			t.true(difference < float32Tolerance, `step ${step}: largest difference ${difference}`);
		}

		weights.dispose();
		optimizer.dispose();
		t.deepEqual(liveTensors(), before, 'nothing leaks');
	},
	title: (_, backend: BackendName, copies: number, {beta1, beta2, epsilon}: Golden) => `five steps of ${7 * copies} numbers with β ${beta1}, ${beta2} and ε ${epsilon} on ${backend} are those of PyTorch`,
});

for (const backend of syncBackends) {
	for (const golden of goldens) {
		test.serial(followsPyTorch, backend, 1, golden);
		// Beyond the size up to which a backend may step in another way.
		test.serial(followsPyTorch, backend, 300, golden);
	}
}

test.serial('state made inside tf.tidy survives it', async t => {
	await useBackend('wasm');
	const optimizer = adam({beta1: 0.9, beta2: 0.999, epsilon: 1e-8});
	const weights = tf.variable(tf.zeros([3]));
	tf.tidy(() => {
		optimizer.update({weights}, {weights: tf.ones([3])}, 0.1);
	});
	tf.tidy(() => {
		optimizer.update({weights}, {weights: tf.ones([3])}, 0.1);
	});
	t.true(largestDifference(weights.dataSync(), [-0.2, -0.2, -0.2]) < float32Tolerance);
});

test.serial('a gradient of another shape is refused', async t => {
	await useBackend('wasm');
	const error = t.throws(() => {
		adam({beta1: 0.9, beta2: 0.999, epsilon: 1e-8}).update({weights: tf.variable(tf.zeros([3]))}, {weights: tf.ones([2])}, 0.1);
	});
	t.is(error.message, 'Internal error: expected a variable "weights" of shape [2] but was [3]');
});

for (const backend of syncBackends) {
	test.serial(`an optimizer on ${backend} goes on from its state, bit for bit, and a state stays as it was`, async t => {
		const size = 2500;
		await useBackend(backend);
		const options = {beta1: 0.9, beta2: 0.999, epsilon: 1e-8};
		const before = liveTensors();
		const makeVariables = (values: readonly Float32Array[]) => ({a: tf.tidy(() => tf.variable(tf.tensor(values[0]!, [size]))), b: tf.tidy(() => tf.variable(tf.tensor(values[1]!, [2, 2])))});
		const makeSteps = (optimizer: Adam, variables: ReturnType<typeof makeVariables>, from: number, to: number) => {
			for (let step = from; step < to; step++) {
				tf.tidy(() => {
					// The second variable gets its first gradient late.
					optimizer.update(variables, {a: wave([size], 1.3, step), ...(step < 4 ? {} : {b: wave([2, 2], 0.7, step)})}, 0.05);
				});
			}
		};

		const values = ({a, b}: ReturnType<typeof makeVariables>) => [a, b].map(variable => Float32Array.from(variable.dataSync<'float32'>()));
		const start = [new Float32Array(size).fill(0.5), new Float32Array(4).fill(-1)];
		const undisturbed = makeVariables(start);
		const optimizer = adam(options);
		makeSteps(optimizer, undisturbed, 0, 3);
		const [state, weights] = [await optimizer.state(), values(undisturbed)];
		const copy = structuredClone(state);
		makeSteps(optimizer, undisturbed, 3, 9);
		t.deepEqual(state, copy);
		t.is(state.steps, 3);

		const resumed = makeVariables(weights);
		const second = adam(options, state);
		t.deepEqual(await second.state(), state, 'before its first step');
		makeSteps(second, resumed, 3, 9);
		t.deepEqual(values(resumed), values(undisturbed));
		t.deepEqual(await second.state(), await optimizer.state());

		tf.dispose([undisturbed, resumed]);
		optimizer.dispose();
		second.dispose();
		t.deepEqual(liveTensors(), before, 'nothing leaks');
	});
}
