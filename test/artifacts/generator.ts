import {createHash} from 'node:crypto';
import test from 'ava';
import {classifier} from '../../artifacts/classifier.ts';
import {generator, type Generator} from '../../artifacts/generator.ts';
import {bytesOf} from '../helpers/bytes.ts';

const example: Generator = {
	latentSize: 2,
	imageShape: [1, 2, 1],
	weights: {
		basis: {shape: [2, 2], data: Float32Array.of(1, 2, 3, 4)},
		mean: {shape: [2], data: Float32Array.of(0.5, -0.5)},
	},
};

test('a generator survives encoding', t => {
	t.deepEqual(generator.decode(bytesOf(generator, example)), example);
});

test('equal generators have equal bytes', t => {
	const {imageShape, latentSize, weights: {mean, basis}} = structuredClone(example);
	t.deepEqual(bytesOf(generator, {weights: {mean: mean!, basis: basis!}, imageShape, latentSize}), bytesOf(generator, example));
});

test('bytes of another kind are refused', t => {
	const bytes = bytesOf(classifier, {architecture: 'x', numClasses: 2, imageShape: [1, 1, 1], weights: {}});
	t.throws(() => generator.decode(bytes), {instanceOf: TypeError, message: 'Expected metadata named "latentSize", got nothing'});
});

test('a generator previews as its sizes', t => {
	t.is(generator.preview?.(example), 'latents of 2 → images of 1×2×1');
});

const stylegan2: Generator = {
	...example, architecture: 'stylegan2', imageShape: [8, 8, 3], wSize: 4, mappingLayers: 8, channelBase: 32, channelMax: 4, view: {crop: 6, size: 4},
};

test('a StyleGAN2 survives encoding, with its sizes and what is looked at', t => {
	t.deepEqual(generator.decode(bytesOf(generator, stylegan2)), stylegan2);
	t.is(generator.preview?.(stylegan2), 'stylegan2, latents of 2 → images of 8×8×3');
});

test('a decoder has the bytes that it had before there were other architectures', t => {
	t.is(createHash('sha256').update(bytesOf(generator, example)).digest('hex'), '022ac7971641403d55246012000e2d31de45b2402bcf7c59bdf1d67bc1867bd1');
});
