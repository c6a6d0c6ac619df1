import * as tf from '@tensorflow/tfjs-core';
import type {
	Decoder, Generator, ImageView, Stylegan2,
} from '../artifacts/generator.ts';
import {UserError} from '../engine/error.ts';
import {centredWindow, resizedWindow} from '../tensors/resize.ts';
import type {ImageRange} from './image-range.ts';
import {applyLinear, linearLayer, weightOf} from './layers.ts';
import {buildStylegan2, type Stylegan2Network} from './networks/stylegan2.ts';

/** Latents that the last layers of a generator read in place of the others. */
export type UpperLatents = {
	/** The first layer that reads them, counted from 0. */
	readonly firstLayer: number;
	/** [n, latentSize] */
	readonly latents: tf.Tensor2D;
};

/** An image prior as a function. */
export type GeneratorNetwork = Disposable & {
	readonly range: ImageRange;
	/** Latents [n, size] → images [n, height, width, channels], not clamped where the range is `signed`; differentiable. The latents of a StyleGAN2 are vectors w, which all layers read. */
	generate(latents: tf.Tensor2D, upper?: UpperLatents): tf.Tensor4D;
	/** What the attack looks at of such images, [n, size, size, channels]; differentiable. Absent: all of them as they are. */
	readonly view?: (images: tf.Tensor4D) => tf.Tensor4D;
	/** Frees the weights. */
	dispose(): void;
};

/** Slope of the leaky ReLU below 0. */
const slope = 0.2;

/** The hidden layers and the last one; also used while training. */
export function decode(latents: tf.Tensor2D, layers: ReadonlyArray<Parameters<typeof applyLinear>[1]>): tf.Tensor2D {
	let x = latents;
	for (const [index, layer] of layers.entries()) {
		const y = applyLinear(x, layer);
		x = index === layers.length - 1 ? y : tf.leakyRelu(y, slope);
	}

	return x;
}

/**
 * Turns weights into a network, of which the caller disposes.
 *
 * @throws {UserError} when they are not those of their architecture.
 */
export function buildGenerator(generator: Generator): GeneratorNetwork {
	const network = generator.architecture === 'stylegan2' ? styleNetwork(generator) : buildDecoder(generator);
	return generator.view ? {...network, view: viewOf(generator.view, generator.imageShape)} : network;
}

/**
 * The network of a StyleGAN2, for what it does with latents before there is an image.
 *
 * @throws {UserError} when the generator has no mapping.
 */
export function buildMapping(generator: Generator): Stylegan2Network {
	if (generator.architecture !== 'stylegan2') {
		throw new UserError('generator-without-mapping', 'The generator makes images of its latents at once: there is no space between that could be truncated', {
			hint: 'Remove "latentPool.truncation", or import a StyleGAN2 with "importedGenerator".',
		});
	}

	return buildStylegan2(generator);
}

function viewOf({crop, size}: ImageView, [height, width]: Generator['imageShape']): (images: tf.Tensor4D) => tf.Tensor4D {
	const window = centredWindow([height, width], crop);
	return images => resizedWindow(images, window, [size, size]);
}

function styleNetwork(generator: Stylegan2): GeneratorNetwork {
	const network = buildStylegan2(generator);
	return {
		range: 'signed',
		generate: (latents, upper) => network.synthesize(Array.from({length: network.numLayers}, (_, layer) => (upper && layer >= upper.firstLayer ? upper.latents : latents))),
		dispose: network.dispose,
		[Symbol.dispose]: network.dispose,
	};
}

/**
 * Latent → coefficients of principal components → image: G(z) = clamp(mean + decoder(z) · basis, 0, 1).
 * The gradient passes where the image is inside the range.
 */
function buildDecoder({imageShape, weights}: Decoder): GeneratorNetwork {
	const layerNames = Object.keys(weights).filter(name => name.endsWith('/kernel')).map(name => name.slice(0, -'/kernel'.length)).toSorted();
	const layers = layerNames.map(name => linearLayer(name, weights));
	const {shape, data} = weightOf(weights, 'basis');
	const basis = tf.keep(tf.tensor2d(data, shape as [number, number]));
	const mean = tf.keep(tf.tensor1d(weightOf(weights, 'mean').data));
	const dispose = () => {
		tf.dispose([basis, mean, ...layers.flatMap(({kernel, bias}) => [kernel, bias])]);
	};

	return {
		range: 'unit',
		generate: latents => tf.tidy(() => {
			const pixels = tf.add(tf.matMul(decode(latents, layers), basis), mean);
			return tf.reshape(tf.clipByValue(pixels, 0, 1), [latents.shape[0], ...imageShape]);
		}),
		dispose,
		[Symbol.dispose]: dispose,
	};
}
