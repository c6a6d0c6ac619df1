import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {labelSmoothingLoss} from '../../losses/label-smoothing.ts';
import {useBackend} from '../../tensors/backend.ts';

/*
Expected values, in float64:

	import torch
	def reference(logits, labels, alpha):
		o = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
		log_p = torch.log_softmax(o, 1)
		loss = -(1 - alpha) * log_p.gather(1, torch.tensor(labels)[:, None])[:, 0] - alpha * log_p.mean(1)
		loss.sum().backward()
		return loss, o.grad
*/

/** Of float32 arithmetic on numbers around 1. */
const tolerance = 1e-6;

const logits = [[2, -1, 0.5], [0.1, 0.2, 0.3]];
const labels = [0, 2];

function evaluate(rows: number[][], classes: number[], alpha: number) {
	return tf.tidy(() => {
		const {value, grad} = tf.valueAndGrad(x => labelSmoothingLoss(x as tf.Tensor2D, classes, alpha))(tf.tensor2d(rows));
		return {loss: value.dataSync()[0]!, gradient: [...grad.dataSync()]};
	});
}

test.before(async () => {
	await useBackend('wasm');
});

const losses = test.macro((t, alpha: number, first: number, second: number) => {
	t.true(Math.abs(evaluate([logits[0]!], [0], alpha).loss - first) < tolerance);
	t.true(Math.abs(evaluate([logits[1]!], [2], alpha).loss - second) < tolerance);
	t.true(Math.abs(evaluate(logits, labels, alpha).loss - ((first + second) / 2)) < tolerance);
});

test('losses at α = 0.3', losses, 0.3, 0.691_311_297, 1.031_942_848);
test('losses at α = 0.1', losses, 0.1, 0.391_311_297, 1.011_942_848);
test('losses at α = 0', losses, 0, 0.241_311_297, 1.001_942_848);
test('losses at α = −0.05', losses, -0.05, 0.166_311_297, 0.996_942_848);
test('losses at α = −0.1', losses, -0.1, 0.091_311_297, 0.991_942_848);

const gradients = test.macro((t, alpha: number, expected: number[]) => {
	const {gradient} = evaluate([logits[0]!], [0], alpha);
	for (const [index, value] of expected.entries()) {
		t.true(Math.abs(gradient[index]! - value) < tolerance, `${index}: got ${gradient[index]}`);
	}
});

test('gradient at α = 0.1', gradients, 0.1, [-0.147_736_299, 0.005_779_24, 0.141_957_059]);
test('gradient at α = −0.05', gradients, -0.05, [-0.247_736_299, 0.055_779_24, 0.191_957_059]);

const isDifference = test.macro((t, alpha: number) => {
	const {gradient} = evaluate(logits, labels, alpha);
	for (const [sample, row] of logits.entries()) {
		const sum = row.reduce((total, logit) => total + Math.exp(logit), 0);
		for (const [index, logit] of row.entries()) {
			const smoothed = (index === labels[sample] ? 1 - alpha : 0) + (alpha / 3);
			const expected = ((Math.exp(logit) / sum) - smoothed) / 2;
			t.true(Math.abs(gradient[(sample * 3) + index]! - expected) < tolerance);
		}
	}
});

for (const alpha of [0.3, 0.1, 0, -0.05]) {
	test(`the gradient is the probability minus the smoothed label, over the batch size, at α = ${alpha}`, isDifference, alpha);
}

test('logits of tens of thousands under negative smoothing give a finite negative loss', t => {
	// Log p = (0, −30000, −20000): −(1 + 0.05·2/3)·0 + (0.05/3)·(−50000).
	const {loss, gradient} = evaluate([[20_000, -10_000, 0]], [0], -0.05);
	t.true(Math.abs(loss + (0.05 / 3 * 50_000)) < 1e-3, `got ${loss}`);
	t.true(gradient.every(value => Number.isFinite(value)));
});

test('no tensors are left behind', t => {
	const before = tf.memory().numTensors;
	evaluate(logits, labels, -0.05);
	t.is(tf.memory().numTensors, before);
});

test.serial('labels without a class are refused', t => {
	for (const label of [-1, 3, Number.NaN]) {
		t.throws(() => labelSmoothingLoss(tf.tensor2d(logits), [0, label], 0), {instanceOf: RangeError, message: `Labels go from 0 to 2, got ${label}`});
	}
});
