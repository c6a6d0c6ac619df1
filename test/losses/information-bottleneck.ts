import {readFileSync} from 'node:fs';
import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {divergenceFromNormal} from '../../losses/information-bottleneck.ts';
import {passBottleneck, splitBottleneck} from '../../models/bottleneck.ts';
import {useBackend} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';
import {slopesOf} from '../helpers/gradients.ts';

/** A case that test/fixtures/defences.py wrote. */
type BottleneckCase = Readonly<{mean: number[][]; raw: number[][]; deviation: number[][]; divergence: number; gradients: Record<'mean' | 'raw', number[]>}>;

const {bottleneck: cases} = JSON.parse(readFileSync(new URL('../fixtures/defences.json', import.meta.url), 'utf8')) as {bottleneck: BottleneckCase[]};

/** Of float32, relative to numbers of about 1. */
const tolerance = 1e-5;

/** Of a central difference of a float32 value, relative to the slope. */
const differenceTolerance = 0.02;

const bottleneckOf = (outputs: tf.Tensor) => splitBottleneck(outputs as tf.Tensor2D);

const divergenceOf = (outputs: tf.Tensor) => {
	const {mean, deviation} = bottleneckOf(outputs);
	return divergenceFromNormal(mean, deviation);
};

const areClose = (actual: ArrayLike<number>, expected: readonly number[]) => actual.length === expected.length
	&& expected.every((value, index) => Math.abs(actual[index]! - value) <= tolerance * Math.max(1, Math.abs(value)));

test.before(async () => {
	await useBackend('wasm');
});

for (const [index, {mean, raw, deviation, divergence, gradients}] of cases.entries()) {
	test.serial(`deviation, divergence and gradients of case ${index} agree with PyTorch`, t => {
		tf.tidy(() => {
			const outputs = tf.concat([tf.tensor2d(mean), tf.tensor2d(raw)], 1);
			t.true(areClose(bottleneckOf(outputs).deviation.dataSync(), deviation.flat()));
			const {value, grad} = tf.valueAndGrad(divergenceOf)(outputs);
			t.true(areClose(value.dataSync(), [divergence]));
			const [byMean, byRaw] = tf.split(grad, 2, 1);
			t.true(areClose(byMean!.dataSync(), gradients.mean));
			t.true(areClose(byRaw!.dataSync(), gradients.raw));
		});
	});
}

test.serial('the gradient is the slope of the divergence', t => {
	const outputs = tf.tensor2d(randomStream('outputs').normals(12), [3, 4]);
	const {slope, difference} = slopesOf(divergenceOf, outputs, 1e-2);
	t.true(Math.abs(difference - slope) < differenceTolerance * Math.abs(slope), `${difference} and ${slope}`);
	outputs.dispose();
});

test.serial('standard normal distributions cost nothing', t => {
	t.true(Math.abs(tf.tidy(() => divergenceFromNormal(tf.zeros([2, 3]), tf.ones([2, 3])).dataSync()[0]!)) < tolerance);
});

test.serial('noise is scaled by the deviation, drawn per image, and absent without streams', t => {
	tf.tidy(() => {
		const output = {mean: tf.tensor2d([[1, 2], [3, 4]]), deviation: tf.tensor2d([[0, 1], [2, 0.5]])};
		const stream = randomStream('noise');
		const [first, second] = ['a', 'b'].map(name => stream.split(name).normals(2));
		const expected = [1, 2 + first![1]!, 3 + (2 * second![0]!), 4 + (0.5 * second![1]!)];
		t.true(areClose(passBottleneck(output, row => stream.split(['a', 'b'][row]!)).dataSync(), expected));
		t.deepEqual([...passBottleneck(output, undefined).dataSync()], [1, 2, 3, 4]);
	});
});
