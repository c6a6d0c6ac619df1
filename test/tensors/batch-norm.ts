import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {useBackend, type BackendName} from '../../tensors/backend.ts';
import {batchNormTraining} from '../../tensors/batch-norm.ts';
import {syncBackends} from '../helpers/backends.ts';
import {fixture, gradientError, largestDifference, liveTensors, wave} from '../helpers/tensors.ts';

type Golden = Record<'y' | 'mean' | 'variance' | 'dx' | 'dScale' | 'dOffset', number[]>;

const {batchNorm: golden} = fixture<{batchNorm: Golden}>('tensors.json');
const float32Tolerance = 3e-6;
const differenceTolerance = 2e-2;
const epsilon = 1e-3;

function run(): Golden {
	return tf.tidy(() => {
		const x = tf.add(wave([3, 2, 2, 5], 1.7), 2);
		const scale = tf.add(wave([5], 0.9), 1);
		const offset = wave([5], 0.4);
		const f = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) => batchNormTraining(x as tf.Tensor4D, scale as tf.Tensor1D, offset as tf.Tensor1D, epsilon);
		const {y, mean, variance} = f(x, scale, offset);
		const gradients = tf.grads((...inputs: tf.Tensor[]) => f(inputs[0]!, inputs[1]!, inputs[2]!).y)([x, scale, offset], wave(y.shape, 2.3));
		const [values, means, variances, dx, dScale, dOffset] = [y, mean, variance, ...gradients].map(tensor => [...tensor.dataSync()]) as [number[], number[], number[], number[], number[], number[]];
		return {y: values, mean: means, variance: variances, dx, dScale, dOffset};
	});
}

const agreesWithPyTorch = test.macro({
	async exec(t, backend: BackendName, part: keyof Golden) {
		await useBackend(backend);
		const difference = largestDifference(run()[part], golden[part]);
		t.true(difference < float32Tolerance, `largest difference ${difference}`);
	},
	title: (_, backend: BackendName, part: keyof Golden) => `${part} of batch normalization on ${backend} is that of PyTorch`,
});

for (const backend of syncBackends) {
	for (const part of Object.keys(golden) as Array<keyof Golden>) {
		test.serial(agreesWithPyTorch, backend, part);
	}

	test.serial(`the gradient for x is that of finite differences on ${backend}`, async t => {
		await useBackend(backend);
		const error = tf.tidy(() => gradientError(x => batchNormTraining(x as tf.Tensor4D, tf.tensor1d([1, 2, 3]), tf.tensor1d([3, 2, 1]), epsilon).y, tf.mul(2, wave([2, 4, 2, 3], 1.7))));
		t.true(error < differenceTolerance, `largest error ${error}`);
	});

	test.serial(`batch normalization keeps nothing on ${backend} but what it returns`, async t => {
		await useBackend(backend);
		const before = liveTensors();
		run();
		t.deepEqual(liveTensors(), before);
		const inputs = [wave([2, 3, 3, 4], 1) as tf.Tensor4D, tf.ones<tf.Rank.R1>([4]), tf.zeros<tf.Rank.R1>([4])] as const;
		const returned = batchNormTraining(...inputs, epsilon);
		t.is(tf.memory().numTensors, before.tensors + 6);
		tf.dispose([...inputs, ...Object.values(returned)]);
		t.deepEqual(liveTensors(), before);
	});
}

test.serial('a mean far from zero costs the variance no precision on wasm', async t => {
	await useBackend('wasm');
	const variances = tf.tidy(() => {
		const x = tf.add<tf.Tensor4D>(wave([4, 16, 16, 4], 1.7), 1000);
		const centred = tf.sub(x, 1000);
		const {variance} = batchNormTraining(x, tf.ones([4]), tf.zeros([4]), epsilon);
		const expected = tf.moments(centred, [0, 1, 2]).variance;
		return {got: variance.dataSync(), expected: expected.dataSync()};
	});
	t.true(largestDifference(variances.got, variances.expected) < float32Tolerance);
});
