import {Buffer} from 'node:buffer';
import test, {type ExecutionContext} from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import type {Stylegan2} from '../../../artifacts/generator.ts';
import {buildLayer, buildStylegan2, buildToRgb} from '../../../models/networks/stylegan2.ts';
import {weightShapes} from '../../../models/networks/stylegan2/layout.ts';
import {upsample} from '../../../models/networks/stylegan2/operators.ts';
import {useBackend} from '../../../tensors/backend.ts';
import {float32Tolerance, relativeDifference} from '../../helpers/golden.ts';
import {hashed, hashedStylegan2, hashedWeight} from '../../helpers/stylegan2.ts';
import {fixture, liveTensors} from '../../helpers/tensors.ts';

type Packed = {readonly shape: number[]; readonly base64: string};
type LayerValues = Readonly<Record<'style' | 'output' | 'gradientByX' | 'gradientByW', Packed>>;
type NetworkValues = Readonly<Record<'w' | 'truncated' | 'images' | 'gradientByLayers' | 'gradientByW' | 'gradientByZ', Packed>> & {
	readonly resolution: number; readonly channelBase: number; readonly channelMax: number; readonly count: number; readonly numLayers: number; readonly names: Readonly<Record<string, number[]>>;
};

const golden = fixture<{latentSize: number; wSize: number; psi: number; cutoff: number; layers: Record<'plain' | 'up' | 'torgb', LayerValues> & {up2: Packed}; networks: NetworkValues[]}>('stylegan2.json');
const {latentSize, wSize, psi, cutoff, layers: single} = golden;

const unpack = ({base64}: Packed) => {
	const bytes = Buffer.from(base64, 'base64');
	return [...new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))];
};

const compare = (t: ExecutionContext, actual: tf.Tensor, expected: Packed, tolerance: number) => {
	t.deepEqual(actual.shape, expected.shape);
	const difference = relativeDifference(actual.dataSync(), unpack(expected));
	t.true(difference <= tolerance, `differs by ${difference}`);
};

const modelOf = ({resolution, channelBase, channelMax}: Pick<NetworkValues, 'resolution' | 'channelBase' | 'channelMax'>): Stylegan2 => hashedStylegan2({
	latentSize, wSize, mappingLayers: 8, imageShape: [resolution, resolution, 3], channelBase, channelMax,
});

const directed = (images: tf.Tensor4D) => tf.sum(tf.mul(images, tf.tensor(hashed('direction', images.size), images.shape)));

test.before(async () => {
	await useBackend('wasm');
});

for (const values of golden.networks) {
	const {resolution, count, numLayers, names} = values;

	test.serial(`weights at ${resolution} pixels have the names and shapes of the original`, t => {
		t.deepEqual(weightShapes(modelOf(values)), Object.fromEntries(Object.entries(names).filter(([name]) => !name.endsWith('resample_filter'))));
	});

	test.serial(`w, truncation, images and gradients at ${resolution} pixels are those of the original`, t => {
		using network = buildStylegan2(modelOf(values));
		t.is(network.numLayers, numLayers);
		tf.tidy(() => {
			const z = tf.tensor2d(hashed('z', count * latentSize), [count, latentSize]);
			const w = network.map(z);
			compare(t, w, values.w, float32Tolerance);
			const layersOf = (plain: tf.Tensor2D) => {
				const truncated = network.truncate(plain, psi);
				return Array.from({length: numLayers}, (_, layer) => (layer < cutoff ? truncated : plain));
			};

			compare(t, tf.stack(layersOf(w), 1), values.truncated, float32Tolerance);
			const given = tf.unstack(tf.tensor3d(unpack(values.truncated), [count, numLayers, wSize]), 1) as tf.Tensor2D[];
			compare(t, network.synthesize(given), values.images, float32Tolerance);
			const byLayers = tf.grads((...ws) => directed(network.synthesize(ws as tf.Tensor2D[])))(given);
			compare(t, tf.stack(byLayers, 1), values.gradientByLayers, float32Tolerance);
			const byW = tf.grad(x => directed(network.synthesize(Array.from({length: numLayers}, () => x as tf.Tensor2D))))(tf.tensor2d(unpack(values.w), [count, wSize]));
			compare(t, byW, values.gradientByW, float32Tolerance);
			compare(t, tf.grad(x => directed(network.synthesize(layersOf(network.map(x as tf.Tensor2D)))))(z), values.gradientByZ, float32Tolerance);
		});
	});
}

for (const name of ['plain', 'up', 'torgb'] as const) {
	for (const backend of ['wasm', 'cpu'] as const) {
		test.serial(`the ${name} layer, its style and its gradients are those of the original on ${backend}`, async t => {
			await useBackend(backend);
			const {output, style, gradientByX, gradientByW} = single[name];
			const [from, to, width] = [6, name === 'torgb' ? 3 : 5, 8];
			const size = name === 'torgb' ? 1 : 3;
			const resolution = name === 'up' ? 8 : 4;
			const shapes = {
				weight: [to, from, size, size], bias: [to], 'affine.weight': [from, width], 'affine.bias': [from], noise_const: [resolution, resolution], noise_strength: [],
			};
			const weights = Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [`${name}.${key}`, hashedWeight(`${name}.${key}`, shape)]));
			const sizes = {wSize: width, channels: [from, to], resolution, isUpsampling: name === 'up'} as const;
			const layer = name === 'torgb' ? buildToRgb(name, weights, sizes) : buildLayer(name, weights, sizes);
			tf.tidy(() => {
				const x = tf.tensor4d(hashed('x', 2 * 4 * 4 * from), [2, 4, 4, from]);
				const w = tf.tensor2d(hashed('w', 2 * width), [2, width]);
				// The fixture has the style before toRGB's own factor.
				compare(t, name === 'torgb' ? tf.mul(layer.style(w), Math.sqrt(from)) : layer.style(w), style, float32Tolerance);
				compare(t, layer.apply(x, w), output, float32Tolerance);
				const [byX, byW] = tf.grads((a, b) => directed(layer.apply(a as tf.Tensor4D, b as tf.Tensor2D)))([x, w]);
				compare(t, byX!, gradientByX, float32Tolerance);
				compare(t, byW!, gradientByW, float32Tolerance);
			});
			layer.dispose();
			await useBackend('wasm');
		});
	}
}

test.serial('images of twice the size are those of the original', t => {
	tf.tidy(() => {
		compare(t, upsample(tf.tensor4d(hashed('x', 2 * 4 * 4 * 6), [2, 4, 4, 6])), single.up2, float32Tolerance);
	});
});

const tiny = modelOf({resolution: 8, channelBase: 32, channelMax: 6});

test.serial('no tensors are left behind', t => {
	const before = liveTensors();
	const network = buildStylegan2(tiny);
	tf.tidy(() => {
		const w = network.truncate(network.map(tf.ones([1, latentSize])), 0.5);
		network.synthesize(Array.from({length: network.numLayers}, () => w));
	});
	network.dispose();
	t.deepEqual(liveTensors(), before);
});

const refused = test.macro((t, change: Partial<Stylegan2>, expected: {readonly message: string; readonly facts?: object}) => {
	const before = liveTensors();
	const error = t.throws<Error & {facts: unknown}>(() => buildStylegan2({...tiny, ...change}), {name: 'UserError', message: expected.message});
	t.deepEqual(error?.facts, expected.facts ?? {});
	t.deepEqual(liveTensors(), before);
});

const {'mapping.fc3.bias': _, ...incomplete} = tiny.weights;

test.serial('a missing and an unknown weight are named', refused, {weights: {...incomplete, 'mapping.embed.weight': hashedWeight('x', [2, 2])}}, {
	message: 'The weights are not those of a StyleGAN2 generator of these sizes', facts: {missing: 'mapping.fc3.bias', unexpected: 'mapping.embed.weight'},
});

test.serial('weights of another resolution are refused, not all of them named', refused, {imageShape: [16, 16, 3]}, {
	message: 'The weights are not those of a StyleGAN2 generator of these sizes', facts: {missing: 'synthesis.b16.conv0.weight, synthesis.b16.conv0.bias, synthesis.b16.conv0.affine.weight, synthesis.b16.conv0.affine.bias, synthesis.b16.conv0.noise_const and 11 more'},
});

test.serial('a weight of another shape is named', refused, {channelMax: 4}, {message: 'The weight "synthesis.b4.const" has the shape [6, 4, 4], expected [4, 4, 4]'});

test.serial('images that are not square or of no power of 2 are refused', refused, {imageShape: [8, 12, 3]}, {message: 'A StyleGAN2 makes square images whose size is a power of 2 from 8 on, got 8×12'});

test.serial('a resampling filter of its own is refused, the usual one is not', t => {
	const filter = (taps: readonly number[]) => ({shape: [4, 4], data: Float32Array.from(taps.flatMap(row => taps.map(column => row * column / 64)))});
	const build = (taps: readonly number[]) => buildStylegan2({...tiny, weights: {...tiny.weights, 'synthesis.b8.resample_filter': filter(taps)}});
	build([1, 3, 3, 1]).dispose();
	t.throws(() => build([2, 2, 2, 2]), {name: 'UserError', message: 'The network resamples with a filter of its own, "synthesis.b8.resample_filter"; only [1, 3, 3, 1] is supported'});
});
