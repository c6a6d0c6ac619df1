import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {poincareLoss} from '../../losses/poincare.ts';
import {useBackend} from '../../tensors/backend.ts';

/*
Expected losses and gradients, in float64:

	import torch
	def reference(logits, classes):
		o = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
		u = o / o.abs().sum(1, keepdim=True)
		v = torch.nn.functional.one_hot(torch.tensor(classes), o.shape[1]).double() * 0.9999
		ratio = (u - v).pow(2).sum(1) / ((1 - u.pow(2).sum(1)) * (1 - v.pow(2).sum(1)))
		loss = torch.arccosh(1 + 2 * ratio)
		loss.sum().backward()
		return loss, o.grad
*/

/** Of float32 arithmetic, relative to numbers of about 10. */
const relativeTolerance = 2e-5;

const isClose = (actual: number, expected: number, tolerance = relativeTolerance) =>
	Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected));

const lossOf = (logits: number[][], classes: number[]) => tf.tidy(() => {
	const classTensor = tf.tensor1d(classes, 'int32');
	const {value, grad} = tf.valueAndGrad(x => tf.sum(poincareLoss(x as tf.Tensor2D, classTensor)))(tf.tensor2d(logits));
	return {
		losses: [...poincareLoss(tf.tensor2d(logits), classTensor).dataSync()],
		sum: value.dataSync()[0]!,
		gradient: [...grad.dataSync()],
	};
});

test.before(async () => {
	await useBackend('wasm');
});

const agreesWith = test.macro((t, {logits, classes}: {logits: number[][]; classes: number[]}, losses: number[], gradient: number[]) => {
	const actual = lossOf(logits, classes);
	for (const [index, expected] of losses.entries()) {
		t.true(isClose(actual.losses[index]!, expected), `loss ${index}: got ${actual.losses[index]}, expected ${expected}`);
	}

	for (const [index, expected] of gradient.entries()) {
		t.true(isClose(actual.gradient[index]!, expected), `gradient ${index}: got ${actual.gradient[index]}, expected ${expected}`);
	}
});

test('losses and gradients of small logits agree with the formula', agreesWith, {logits: [[2, -1, 0.5], [0.1, 0.2, 0.3]], classes: [0, 2]}, [9.210_290_383, 9.451_452_416], [
	-0.428_571_421,
	-0.714_285_706,
	0.285_714_275,
	1.168_831_138,
	3.506_493_433,
	-2.727_272_601,
]);

test('a negative target logit is far from the target', agreesWith, {logits: [[-5, 1, 1]], classes: [0]}, [11.796_001_72], [-0.146_948_942, -0.367_372_354, -0.367_372_354]);

test('logits of tens of thousands agree with the formula', agreesWith, {logits: [[20_000, -9000, -3000]], classes: [0]}, [9.078_362_845], [-4.494_382e-5, -9.334_486e-5, -1.959_089e-5]);

test('class 0 and the last class behave like any other', agreesWith, {logits: [[0, 4, -1, 3], [12, 0, -0.5, 0]], classes: [0, 3]}, [10.765_661_064, 13.123_978_658], [
	-0.177_777_777,
	0.056_140_351,
	0.168_421_053,
	-0.018_713_45,
	0.079_728_231,
	0,
	1.913_477_537,
	-0.083_194_675,
]);

test('logits near a one-hot vector stay within float32 of the formula', t => {
	// Cancellation in u − v leaves about four digits.
	t.true(isClose(lossOf([[100, 0.01, -0.01]], [0]).losses[0]!, 1.158_740_715, 1e-3));
});

test('the scale of the logits does not change the loss', t => {
	const {losses} = lossOf([[2, -1, 0.5], [2e5, -1e5, 5e4], [2e-5, -1e-5, 5e-6]], [0, 0, 0]);
	t.true(isClose(losses[1]!, losses[0]!));
	t.true(isClose(losses[2]!, losses[0]!));
});

test('a one-hot vector of logits has infinite loss', t => {
	t.deepEqual(lossOf([[100, 0, 0]], [0]).losses, [Infinity]);
});

test('logits of 0 have no loss', t => {
	t.deepEqual(lossOf([[0, 0, 0]], [1]).losses, [Number.NaN]);
});

test('gradients are those of each sample alone', t => {
	const together = lossOf([[2, -1, 0.5], [0.1, 0.2, 0.3]], [0, 2]).gradient;
	t.deepEqual(together, [...lossOf([[2, -1, 0.5]], [0]).gradient, ...lossOf([[0.1, 0.2, 0.3]], [2]).gradient]);
});

test('an incoming gradient scales the gradient', t => {
	tf.tidy(() => {
		const classes = tf.tensor1d([0], 'int32');
		const gradient = tf.grad(x => tf.mul(-2, tf.sum(poincareLoss(x as tf.Tensor2D, classes))))(tf.tensor2d([[2, -1, 0.5]]));
		t.true(isClose(gradient.dataSync()[0]!, 2 * 0.428_571_421));
	});
});

test('no tensors are left behind', t => {
	const before = tf.memory().numTensors;
	lossOf([[2, -1, 0.5], [0.1, 0.2, 0.3]], [0, 2]);
	t.is(tf.memory().numTensors, before);
});
