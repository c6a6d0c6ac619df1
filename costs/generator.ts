import type {GeneratorOutline, Stylegan2Sizes} from '../artifacts/generator.ts';
import {type Block, blocksOf, weightShapes} from '../models/networks/stylegan2/layout.ts';
import {PassCounter, type Pass, type PassKind} from './pass.ts';

/** The generator of the paper, trained on FFHQ at 1024×1024 (Karras et al. 2020, configuration f). */
export const ffhq: Stylegan2Sizes = {latentSize: 512, wSize: 512, mappingLayers: 8, imageShape: [1024, 1024, 3], channelBase: 32_768, channelMax: 512};

/** Rows and columns of the binomial filter that follows every upsampling. */
const filterTaps = 4;

/** From a latent that the attack searches to what it sees of the image, one latent. */
export function generatorPass(generator: GeneratorOutline, kind: Exclude<PassKind, 'training'>): Pass {
	const counter = new PassCounter(kind);
	const size = generator.architecture === 'stylegan2' ? synthesize(counter, generator.sizes) : decode(counter, generator.sizes);
	const {view} = generator;
	if (view) {
		// Two products with sparse matrices: rows first, on what is cropped, then columns.
		const channels = generator.sizes.imageShape[2];
		counter.product('product', channels * ((view.crop * view.size * view.crop) + (view.size * view.size * view.crop)));
		const passed = channels * (view.crop ** 2);
		counter.elementwise({forward: 2 * passed, backward: 2 * (passed + size)}, 4);
		counter.yields(passed + (2 * channels * view.crop * view.size) + (channels * (view.size ** 2)));
		counter.handsBack(size + passed + (2 * channels * view.crop * view.size));
	}

	return counter.pass;
}

/** From z to w, one latent. */
export function mappingPass({latentSize, wSize, mappingLayers}: Stylegan2Sizes): Pass {
	const counter = new PassCounter('inference');
	for (let layer = 0; layer < mappingLayers; layer++) {
		counter.product('product', (layer === 0 ? latentSize : wSize) * wSize);
		counter.elementwise({forward: 6 * wSize, backward: 0}, 3);
		counter.yields(4 * wSize);
	}

	return counter.pass;
}

/** Pixels that the attack sees: [height, width, channels]. */
export function shownShape({view, sizes: {imageShape}}: GeneratorOutline): readonly [number, number, number] {
	return view ? [view.size, view.size, imageShape[2]] : imageShape;
}

/** How many numbers a generator has. */
export function generatorWeights(generator: GeneratorOutline): number {
	if (generator.architecture === 'stylegan2') {
		return Object.values(weightShapes(generator.sizes)).reduce((sum, shape) => sum + product(shape), 0);
	}

	const {latentSize, hidden, components, imageShape} = generator.sizes;
	const widths = [latentSize, ...hidden, components];
	const pixels = product(imageShape);
	return widths.slice(1).reduce((sum, width, layer) => sum + ((widths[layer]! + 1) * width), (components + 1) * pixels);
}

/** @returns numbers of the image */
function decode(counter: PassCounter, {latentSize, hidden, components, imageShape}: Extract<GeneratorOutline, {architecture: 'decoder'}>['sizes']): number {
	const pixels = product(imageShape);
	const widths = [latentSize, ...hidden, components, pixels];
	for (const [layer, width] of widths.slice(1).entries()) {
		counter.product('product', widths[layer]! * width);
		// A sum with the bias, then what follows: a leaky ReLU, or at the end the limits of the range.
		counter.elementwise({forward: 5 * width, backward: 6 * width}, 2);
		counter.yields(3 * width);
		counter.handsBack(widths[layer]! + width);
	}

	return pixels;
}

/** Layers as in `models/networks/stylegan2/operators.ts`, whose gradients say what stays in memory. @returns numbers of the image */
function synthesize(counter: PassCounter, sizes: Stylegan2Sizes): number {
	const {wSize, imageShape} = sizes;
	const colours = imageShape[2];
	const scale = (numbers: number) => {
		counter.elementwise({forward: 2 * numbers, backward: 5 * numbers});
		counter.yields(numbers);
		counter.handsBack(numbers);
	};

	const convolve = (resolution: number, [from, to]: readonly [number, number], isUpsampling: boolean) => {
		const [inputs, outputs] = [(isUpsampling ? (resolution / 2) ** 2 : resolution ** 2) * from, (resolution ** 2) * to];
		counter.product('product', wSize * from);
		// What demodulates: squares of the style with those of the weights, which the original sums up one by one.
		counter.work('product', from * to);
		scale(inputs);
		counter.product('convolution', inputs * 9 * to);
		counter.handsBack(inputs);
		counter.yields(outputs);
		if (isUpsampling) {
			counter.work('depthwise', 2 * filterTaps * outputs * (counter.isTaped ? 2 : 1));
			counter.elementwise({forward: 2 * outputs, backward: 2 * outputs}, 3);
			counter.handsBack(outputs);
			counter.yields(counter.isTaped ? 0 : 2 * outputs);
		}

		scale(outputs);
		// Noise, bias, leaky ReLU; the sum before the ReLU is not kept.
		counter.elementwise({forward: 6 * outputs, backward: 4 * outputs}, 3);
		counter.yields(2 * outputs);
		counter.handsBack(outputs);
	};

	const toColours = (resolution: number, from: number) => {
		const pixels = (resolution ** 2) * colours;
		counter.product('product', wSize * from);
		scale((resolution ** 2) * from);
		counter.product('narrowConvolution', pixels * from);
		counter.handsBack((resolution ** 2) * from);
		counter.work('depthwise', 2 * filterTaps * pixels);
		counter.elementwise({forward: 8 * pixels, backward: 4 * pixels}, 6);
		counter.yields(4 * pixels);
		counter.handsBack(pixels);
	};

	/** @returns numbers of what the block hands on: activations and image */
	const block = ({resolution, inputChannels, outputChannels, layers}: Block) => {
		const activations = (resolution ** 2) * outputChannels;
		if (layers.conv0 !== undefined) {
			counter.part(() => {
				convolve(resolution, [inputChannels, outputChannels], true);
				return activations;
			}, size => size);
		}

		convolve(resolution, [outputChannels, outputChannels], false);
		toColours(resolution, outputChannels);
		return activations + ((resolution ** 2) * colours);
	};

	for (const one of blocksOf(sizes)) {
		counter.part(() => block(one), size => size);
	}

	return product(imageShape);
}

function product(sizes: readonly number[]): number {
	return sizes.reduce((before, size) => before * size, 1);
}
