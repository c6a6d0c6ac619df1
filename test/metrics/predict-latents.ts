import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import type {Generator} from '../../artifacts/generator.ts';
import type {LatentSet} from '../../artifacts/latents.ts';
import {predictLatents, shownTo} from '../../metrics/predict-latents.ts';
import {buildGenerator} from '../../models/generator.ts';
import type {JudgeNetwork} from '../../models/judge.ts';
import {useBackend} from '../../tensors/backend.ts';
import {uniform} from '../helpers/formula-classifier.ts';
import {summaryError, type Summary} from '../helpers/network-parity.ts';
import {fixture} from '../helpers/tensors.ts';

const {resized} = fixture<{readonly resized: ReadonlyArray<{readonly crop: number; readonly side: number; readonly image: Summary}>}>('judges.json');

/** PyTorch's numbers are float64, ours float32 sums of up to 14 products in either direction. */
const resizeTolerance = 1e-5;

/** A judge whose features are the images that it is shown. */
const mirror: JudgeNetwork = {
	logits: images => tf.reshape(images, [images.shape[0], -1]),
	features: images => tf.reshape(images, [images.shape[0], -1]),
	[Symbol.dispose]() {
		// It holds nothing.
	},
};

const options = {keep: ['features'] as const, batchSize: 4, onStep: async () => undefined};
const latents = (count: number): LatentSet => ({latents: new Float32Array(count), latentSize: 1, targetClasses: new Int32Array(count), scores: new Float32Array(count)});

test.before(async () => {
	await useBackend('wasm');
});

/** An image of 1024×1024 pixels, whatever the latent. */
function largeGenerator(crop: number): Generator {
	const mean = uniform('generated', 1024 * 1024 * 3).map(value => (value + 1) / 2);
	return {
		latentSize: 1,
		imageShape: [1024, 1024, 3],
		view: {crop, size: 224},
		weights: {
			'layer1/kernel': {shape: [1, 1], data: new Float32Array(1)},
			'layer1/bias': {shape: [1], data: new Float32Array(1)},
			basis: {shape: [1, mean.length], data: new Float32Array(mean.length)},
			mean: {shape: [mean.length], data: mean},
		},
	};
}

for (const {crop, side, image} of resized) {
	test.serial(`a judge of ${side} pixels sees the centre of ${crop} resized once from the image itself, as torchvision does, without rounding`, async t => {
		using generate = buildGenerator(shownTo({imageShape: [side, side, 3]}, largeGenerator(crop)));
		const {features} = await predictLatents(mirror, latents(1), generate, options);
		const error = summaryError(features, image);
		t.true(error < resizeTolerance, `${error}`);
	});
}

test('images that a judge reads as they are are not touched', t => {
	const small: Generator = {latentSize: 1, imageShape: [8, 8, 3], weights: {}};
	t.is(shownTo({imageShape: [8, 8, 3]}, small).view, undefined);
	t.is(shownTo({imageShape: [8, 8, 3]}, {...small, view: {crop: 8, size: 6}}).view, undefined);
	t.deepEqual(shownTo({imageShape: [12, 12, 3]}, small).view, {crop: 8, size: 12});
	t.deepEqual(shownTo({imageShape: [8, 8, 3]}, {...small, view: {crop: 6, size: 4}}).view, {crop: 6, size: 8});
});

test('what leaves the range of a generator reaches the judge, neither clamped nor rounded', async t => {
	const values = [1.7, -1.4, 0.123_456];
	const generator = {range: 'signed' as const, generate: (z: tf.Tensor2D): tf.Tensor4D => tf.reshape(z, [-1, 1, 3, 1])};
	const set = {latents: Float32Array.from(values), latentSize: 3, targetClasses: Int32Array.of(5), scores: new Float32Array(1)};
	t.deepEqual(await predictLatents(mirror, set, generator, options), {labels: set.targetClasses, logits: new Float32Array(), features: Float32Array.from(values)});
});
