import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {attackLosses, type AttackLossName} from '../../attacks/losses.ts';
import {labelSmoothingLoss} from '../../losses/label-smoothing.ts';
import {useBackend} from '../../tensors/backend.ts';
import {syncBackends} from '../helpers/backends.ts';
import {float32Tolerance, relativeDifference} from '../helpers/golden.ts';
import {fixture, gradientError} from '../helpers/tensors.ts';

/** Shape, scale and frequency of logits that `test/fixtures/losses.py` makes too. */
type Case = readonly [count: number, numClasses: number, scale: number, frequency: number];
type Golden = {readonly case: Case; readonly loss: number[]; readonly gradient: number[]};

const golden = fixture<{smoothing: Array<Golden & {alpha: number}>} & Record<AttackLossName, Golden[]>>('losses.json');
const names = Object.keys(attackLosses) as AttackLossName[];

const logitsOf = ([count, numClasses, scale, frequency]: Case) =>
	tf.tensor2d(Float32Array.from({length: count * numClasses}, (_, index) => scale * Math.sin((frequency * index) + 0.5)), [count, numClasses]);
const labelsOf = ([count, numClasses]: Case) => tf.tensor1d(Array.from({length: count}, (_, index) => (index * (numClasses - 1)) % numClasses), 'int32');

/** Losses, and the gradient of their sum. */
function evaluate(given: Case, lossOf: (logits: tf.Tensor2D, labels: tf.Tensor1D) => tf.Tensor) {
	return tf.tidy(() => {
		const labels = labelsOf(given);
		const gradient = tf.grad(logits => tf.sum(lossOf(logits as tf.Tensor2D, labels)))(logitsOf(given));
		return {loss: lossOf(logitsOf(given), labels).dataSync(), gradient: gradient.dataSync()};
	});
}

const agrees = test.macro(async (t, lossOf: (logits: tf.Tensor2D, labels: tf.Tensor1D) => tf.Tensor, {case: given, loss, gradient}: Golden) => {
	for (const backend of syncBackends) {
		await useBackend(backend);
		const actual = evaluate(given, lossOf);
		const [ofLoss, ofGradient] = [relativeDifference(actual.loss, loss), relativeDifference(actual.gradient, gradient)];
		t.true(ofLoss < float32Tolerance, `${backend}: loss differs by ${ofLoss}`);
		t.true(ofGradient < float32Tolerance, `${backend}: gradient differs by ${ofGradient}`);
	}
});

const titleOf = ([count, numClasses, scale]: Case) => `${count} × ${numClasses} logits up to ${scale}`;

for (const {alpha, ...expected} of golden.smoothing) {
	test.serial(`label smoothing of ${alpha} and its gradient are those of PyTorch for ${titleOf(expected.case)}`, agrees, (logits, labels) => labelSmoothingLoss(logits, labels.dataSync(), alpha), expected);
}

for (const name of names) {
	for (const expected of golden[name]) {
		test.serial(`${name} and its gradient are those of PyTorch for ${titleOf(expected.case)}`, agrees, attackLosses[name], expected);
	}
}

for (const name of names) {
	test.serial(`the gradient of ${name} is the one of finite differences`, async t => {
		await useBackend('cpu');
		const given = [3, 4, 2, 1.3] as const;
		tf.tidy(() => {
			const labels = labelsOf(given);
			// The difference quotient of losses up to 12 in float32, a step of 0.01 apart, is good for about 1e−3.
			t.true(gradientError(logits => attackLosses[name](logits as tf.Tensor2D, labels), logitsOf(given)) < 2e-3);
		});
	});
}

for (const name of names) {
	test.serial(`${name} treats samples and classes alike and leaves no tensors`, async t => {
		await useBackend('wasm');
		const before = tf.memory().numTensors;
		tf.tidy(() => {
			const rows = [[0.5, -2, 1, 0.25], [3, 0.1, -0.7, 2]];
			const losses = (logits: number[][], classes: number[]) => [...attackLosses[name](tf.tensor2d(logits), tf.tensor1d(classes, 'int32')).dataSync()];
			const [first, second] = losses(rows, [0, 3]) as [number, number];
			t.deepEqual(losses([rows[1]!, rows[0]!, rows[1]!], [3, 0, 3]), [second, first, second], 'permuted and duplicated');
			const reversed = losses(rows.map(row => row.toReversed()), [3, 0]);
			t.true(relativeDifference(reversed, [first, second]) < float32Tolerance, 'relabelled');
		});
		t.is(tf.memory().numTensors, before);
	});
}

test('a margin needs another class', t => {
	tf.tidy(() => {
		t.throws(() => attackLosses['max-margin'](tf.tensor2d([[1]]), tf.tensor1d([0], 'int32')), {instanceOf: RangeError, message: 'Expected at least 2 classes for a margin, got 1'});
	});
});
