import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import type {Generator} from '../../artifacts/generator.ts';
import {buildGenerator} from '../../models/generator.ts';
import {useBackend} from '../../tensors/backend.ts';

/** Of float32 numbers around 1. */
const tolerance = 1e-6;

const weight = (shape: number[], ...values: number[]) => ({shape, data: Float32Array.from(values)});

/** One latent number → one hidden unit → two coefficients → an image of 1×3 grey pixels. */
const tiny: Generator = {
	latentSize: 1,
	imageShape: [1, 3, 1],
	weights: {
		mean: weight([3], 0.5, 0.5, 0.9),
		basis: weight([2, 3], 0.1, 0, 0.2, 0, 0.3, 0),
		'decoder1/kernel': weight([1, 1], 2),
		'decoder1/bias': weight([1], -1),
		'decoder2/kernel': weight([1, 2], 1, -1),
		'decoder2/bias': weight([2], 0, 0.5),
	},
};

test.before(async () => {
	await useBackend('wasm');
});

test('images are the mean plus the decoded components, clamped', t => {
	const network = buildGenerator(tiny);
	const images = network.generate(tf.tensor2d([[1], [0]]));
	t.deepEqual(images.shape, [2, 1, 3, 1]);
	/*
	Z = 1: hidden 1, coefficients (1, −0.5), pixels (0.6, 0.35, 1.1 → 1).
	z = 0: hidden −1 · 0.2, coefficients (−0.2, 0.7), pixels (0.48, 0.71, 0.86).
	*/
	for (const [index, value] of [0.6, 0.35, 1, 0.48, 0.71, 0.86].entries()) {
		t.true(Math.abs(images.dataSync()[index]! - value) < tolerance, `${images.dataSync().join(' ')}`);
	}

	images.dispose();
	network.dispose();
});

test('the gradient passes where pixels are inside the range only', t => {
	const network = buildGenerator(tiny);
	const gradient = (z: number) => tf.tidy(() => tf.grad(x => tf.sum(network.generate(x as tf.Tensor2D)))(tf.tensor2d([[z]])).dataSync()[0]!);
	// The slopes of the pixels are 2·(0.1, −0.3, 0.2), times 0.2 where the hidden unit is negative; the last one is clamped at z = 1.
	t.true(Math.abs(gradient(1) + 0.4) < tolerance);
	t.true(Math.abs(gradient(0) - (0.2 * 0)) < tolerance);
	network.dispose();
});

test('no tensors are left behind', t => {
	const before = tf.memory().numTensors;
	const network = buildGenerator(tiny);
	tf.dispose(network.generate(tf.tensor2d([[1]], [1, 1])));
	network.dispose();
	t.is(tf.memory().numTensors, before + 1);
});
