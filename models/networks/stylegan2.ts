import * as tf from '@tensorflow/tfjs-core';
import type {Weights} from '../../artifacts/classifier.ts';
import type {Stylegan2} from '../../artifacts/generator.ts';
import {type Block, blocksOf, numLayersOf} from './stylegan2/layout.ts';
import {
	activationGain, convolve, convolveUp, leakyRelu, type Linear, linear, modulate, type ModulatedConvolution, normalizeRows, upsample,
} from './stylegan2/operators.ts';
import {checkStylegan2} from './stylegan2/weights.ts';

/** A StyleGAN2 generator that computes. What it returns belongs to the caller. */
export type Stylegan2Network = Disposable & {
	/** How many vectors w an image is made of; the first ones decide pose and shape, the last ones colour. */
	readonly numLayers: number;
	/** Latents z [n, latentSize] → w [n, wSize]; differentiable. */
	map(z: tf.Tensor2D): tf.Tensor2D;
	/** Moves w [n, wSize] to the mean w̄ of all w: w̄ + ψ·(w − w̄); differentiable. */
	truncate(w: tf.Tensor2D, psi: number): tf.Tensor2D;
	/** One w [n, wSize] per layer → images [n, height, width, channels] of about [−1, 1], not clamped, with the constant noise of the network; differentiable. */
	synthesize(layers: readonly tf.Tensor2D[]): tf.Tensor4D;
	/** Frees the weights. */
	dispose(): void;
};

/** The mapping network learns a hundred times slower than its weights say, so that they are stored a hundredfold. */
const mappingMultiplier = 0.01;

/**
 * StyleGAN2 with its skip architecture (Karras et al. 2020), as stylegan2-ada-pytorch computes it in float32 with `noise_mode='const'`.
 *
 * @throws {UserError} when the weights are not those of such a network.
 */
export function buildStylegan2(model: Stylegan2): Stylegan2Network {
	const {weights, latentSize, wSize, mappingLayers, imageShape, convClamp} = model;
	checkStylegan2(model, weights);
	const numLayers = numLayersOf(model);
	const mapping = Array.from({length: mappingLayers}, (_, index) =>
		linearOf(weights, `mapping.fc${index}`, {gain: mappingMultiplier / Math.sqrt(index === 0 ? latentSize : wSize), biasGain: mappingMultiplier}));
	const mean = tf.keep(tf.tensor2d(weights['mapping.w_avg']!.data, [1, wSize]));
	const blocks = blocksOf(model).map(block => buildBlock(block, weights, {wSize, colours: imageShape[2], clamp: convClamp}));
	const dispose = () => {
		tf.dispose([mapping.map(({kernel, bias}) => [kernel, bias]), mean]);
		for (const block of blocks) {
			block.dispose();
		}
	};

	return {
		numLayers,
		map: z => tf.tidy(() => {
			let x = normalizeRows(z);
			for (const layer of mapping) {
				x = tf.mul(tf.leakyRelu(linear(x, layer), 0.2), activationGain);
			}

			return x;
		}),
		truncate: (w, psi) => tf.tidy(() => tf.add(mean, tf.mul(tf.sub(w, mean), psi))),
		synthesize: layers => tf.tidy(() => {
			let x: tf.Tensor4D | undefined;
			let images: tf.Tensor4D | undefined;
			for (const block of blocks) {
				x = block.convolve(x, layers);
				const colour = block.toRgb(x, layers);
				images = images ? tf.add<tf.Tensor4D>(upsample(images), colour) : colour;
			}

			return images!;
		}),
		dispose,
		[Symbol.dispose]: dispose,
	};
}

type BlockNetwork = {
	/** @param x - Absent for the first block. */
	convolve(x: tf.Tensor4D | undefined, layers: readonly tf.Tensor2D[]): tf.Tensor4D;
	toRgb(x: tf.Tensor4D, layers: readonly tf.Tensor2D[]): tf.Tensor4D;
	dispose(): void;
};

function buildBlock({name, resolution, inputChannels, outputChannels, layers: {conv0: layer0, conv1: layer1, torgb: layerRgb}}: Block, weights: Weights, {wSize, colours, clamp}: {readonly wSize: number; readonly colours: number; readonly clamp: number | undefined}): BlockNetwork {
	const sizes = {wSize, resolution, clamp};
	const start = inputChannels === 0 ? tf.keep(tf.tidy(() => tf.transpose(tf.tensor4d(weights[`${name}.const`]!.data, [1, outputChannels, resolution, resolution]), [0, 2, 3, 1]))) : undefined;
	const conv0 = layer0 === undefined ? undefined : buildLayer(`${name}.conv0`, weights, {...sizes, channels: [inputChannels, outputChannels], isUpsampling: true});
	const conv1 = buildLayer(`${name}.conv1`, weights, {...sizes, channels: [outputChannels, outputChannels], isUpsampling: false});
	const torgb = buildToRgb(`${name}.torgb`, weights, {wSize, clamp, channels: [outputChannels, colours]});
	return {
		convolve(x, layers) {
			const w1 = layers[layer1]!;
			const input = conv0 ? conv0.apply(x!, layers[layer0!]!) : tf.add<tf.Tensor4D>(start!, tf.zeros([w1.shape[0], 1, 1, 1]));
			return conv1.apply(input, w1);
		},
		toRgb: (x, layers) => torgb.apply(x, layers[layerRgb]!),
		dispose() {
			start?.dispose();
			conv0?.dispose();
			conv1.dispose();
			torgb.dispose();
		},
	};
}

/** A layer that w modulates. */
export type Layer = {
	/** Activations [n, height, width, in] and w [n, wSize] → activations [n, height, width, out], of twice the size when it is an upsampling one. */
	apply(x: tf.Tensor4D, w: tf.Tensor2D): tf.Tensor4D;
	/** From w to the factors of the input channels, [n, in]. */
	style(w: tf.Tensor2D): tf.Tensor2D;
	dispose(): void;
};

type LayerSizes = {readonly wSize: number; readonly channels: readonly [from: number, to: number]; readonly clamp?: number | undefined};

function clamped(x: tf.Tensor4D, clamp: number | undefined): tf.Tensor4D {
	return clamp === undefined ? x : tf.clipByValue(x, -clamp, clamp);
}

/** 3×3 convolution, demodulated, plus noise and bias, leaky ReLU; the activation's gain is already in what comes before it. */
export function buildLayer(name: string, weights: Weights, {wSize, channels, resolution, isUpsampling, clamp}: LayerSizes & {readonly resolution: number; readonly isUpsampling: boolean}): Layer {
	const {affine, kernel, squares, bias} = convolutionOf(name, weights, {wSize, channels, size: 3, isUpsampling, gain: activationGain});
	const strength = activationGain * weights[`${name}.noise_strength`]!.data[0]!;
	const noise = tf.keep(tf.tensor4d(weights[`${name}.noise_const`]!.data.map(value => value * strength), [1, resolution, resolution, 1]));
	const apply = isUpsampling ? convolveUp : convolve;
	const style = (w: tf.Tensor2D) => linear(w, affine);
	return {
		style,
		apply: (x, w) => tf.tidy(() => {
			const y = modulate(x, style(w), {squares, gain: activationGain, convolve: activations => apply(activations, kernel)});
			return clamped(leakyRelu(tf.add(tf.add(y, noise), bias)), clamp);
		}),
		dispose() {
			tf.dispose([affine.kernel, affine.bias, kernel, squares ?? [], bias, noise]);
		},
	};
}

/** 1×1 convolution without demodulation, noise and activation: activations → colours. */
export function buildToRgb(name: string, weights: Weights, {wSize, channels, clamp}: LayerSizes): Layer {
	const {affine, kernel, bias} = convolutionOf(name, weights, {wSize, channels, size: 1, isUpsampling: false, gain: 1});
	const style = (w: tf.Tensor2D) => tf.mul<tf.Tensor2D>(linear(w, affine), 1 / Math.sqrt(channels[0]));
	return {
		style,
		apply: (x, w) => tf.tidy(() => clamped(tf.add(modulate(x, style(w), {squares: undefined, gain: 1, convolve: activations => convolve(activations, kernel)}), bias), clamp)),
		dispose() {
			tf.dispose([affine.kernel, affine.bias, kernel, bias]);
		},
	};
}

/** @param options - Size of the kernel, and the gain of the bias. Convolutions of size 1 are not demodulated. */
function convolutionOf(name: string, weights: Weights, {wSize, channels: [from, to], size, isUpsampling, gain}: LayerSizes & {readonly size: number; readonly isUpsampling: boolean; readonly gain: number}): ModulatedConvolution {
	return {
		affine: linearOf(weights, `${name}.affine`, {gain: 1 / Math.sqrt(wSize), biasGain: 1}),
		...tf.tidy(() => {
			const weight = tf.tensor4d(weights[`${name}.weight`]!.data, [to, from, size, size]);
			return {
				kernel: tf.keep(tf.transpose(weight, isUpsampling ? [2, 3, 0, 1] : [2, 3, 1, 0])),
				...(size === 1 ? {} : {squares: tf.keep(tf.transpose(tf.sum(tf.square(weight), [2, 3])) as tf.Tensor2D)}),
			};
		}),
		bias: tf.keep(tf.tensor1d(weights[`${name}.bias`]!.data.map(value => value * gain))),
	};
}

/** A layer stored as [out, in], with its gains multiplied in. */
function linearOf(weights: Weights, name: string, {gain, biasGain}: {readonly gain: number; readonly biasGain: number}): Linear {
	const {data, shape} = weights[`${name}.weight`]!;
	return {
		kernel: tf.keep(tf.tidy(() => tf.transpose(tf.tensor2d(data.map(value => value * gain), shape as [number, number])))),
		bias: tf.keep(tf.tensor1d(weights[`${name}.bias`]!.data.map(value => value * biasGain))),
	};
}
