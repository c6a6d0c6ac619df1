import {findArchitecture} from '../models/architectures.ts';
import {bottleneckWidthOf} from '../models/classifier-weights.ts';
import {findFeatureArchitecture, isFeatureArchitecture, outlineFeatures} from '../models/feature-architectures.ts';
import type {ConvolutionOptions, Layers, PoolOptions} from '../models/networks/layers.ts';
import {bottleneckLayer, outlineNetwork, perAxis} from '../models/outline.ts';
import {PassCounter, type Pass, type PassKind, type Product} from './pass.ts';

/** A classifier as far as its costs go. */
export type ClassifierSizes = {
	readonly architecture: string;
	readonly numClasses: number;
	readonly imageShape: readonly [height: number, width: number, channels: number];
	/** Numbers that a bottleneck before the last layer lets through, or `'usual'`; absent: there is none. */
	readonly bottleneck?: number | 'usual' | undefined;
};

/** Networks are counted with the outputs of an auxiliary head only while they are trained. */
const auxiliaryKinds: ReadonlySet<PassKind> = new Set(['training']);

/** A convolution whose channels on one side are fewer counts as narrow. */
const narrowBelow = 24;

/** The shape of one image or vector, and whether gradients with respect to it are needed. */
type Counted = {readonly shape: readonly number[]; readonly needsGradient: boolean};

/** One pass of a classifier, counted by going through the definition of its network. @throws {UserError} when there is no such architecture, or images are too small for it. */
export function classifierPass(sizes: ClassifierSizes, kind: PassKind): Pass {
	const {architecture, imageShape, numClasses, bottleneck} = sizes;
	if (isFeatureArchitecture(architecture)) {
		return featurePass(sizes);
	}

	const network = findArchitecture(architecture);
	const auxiliaryClasses = auxiliaryKinds.has(kind) && network.auxiliaryHead !== undefined ? numClasses : undefined;
	// Says what is wrong with the images in words.
	outlineNetwork(architecture, network, {imageShape, numClasses, auxiliaryClasses});
	const counter = new PassCounter(kind);
	const layers = countingLayers(counter);
	const images = {shape: imageShape, needsGradient: kind === 'inputGradient'};
	counter.yields(sizeOf(images));
	const {features} = network.trunk(layers, images, {auxiliaryClasses});
	const width = bottleneck === 'usual' ? bottleneckWidthOf(network, features.shape[0]!) : bottleneck;
	if (width !== undefined) {
		layers.linear(features, bottleneckLayer, {outputs: 2 * width});
	}

	layers.linear(width === undefined ? features : {shape: [width], needsGradient: true}, network.head, {outputs: numClasses});
	return counter.pass;
}

/** One look of a network that only compares images. */
function featurePass({architecture, imageShape}: ClassifierSizes): Pass {
	const counter = new PassCounter('inference');
	const layers = countingLayers(counter);
	const images = {shape: imageShape, needsGradient: false};
	outlineFeatures(architecture, {imageShape});
	counter.yields(sizeOf(images));
	// Both averages take as long.
	findFeatureArchitecture(architecture).trunk({...layers, averageInside: layers.averagePool}, images, {});
	return counter.pass;
}

/** How many numbers a classifier learns, and how many it has, moving averages included. */
export function classifierWeights({architecture, imageShape, numClasses, bottleneck}: ClassifierSizes, {isTraining}: {readonly isTraining: boolean}): {readonly trained: number; readonly all: number} {
	if (isFeatureArchitecture(architecture)) {
		return {trained: 0, all: numbersIn(outlineFeatures(architecture, {imageShape}).weights)};
	}

	const network = findArchitecture(architecture);
	const auxiliaryClasses = isTraining && network.auxiliaryHead !== undefined ? numClasses : undefined;
	const bottleneckWidth = bottleneck === undefined ? undefined : (featureSize: number) => (bottleneck === 'usual' ? bottleneckWidthOf(network, featureSize) : bottleneck);
	const {weights} = outlineNetwork(architecture, network, {imageShape, numClasses, auxiliaryClasses, bottleneckWidth});
	return {trained: numbersIn(weights.filter(({isTrained}) => isTrained)), all: numbersIn(weights)};
}

function numbersIn(weights: ReadonlyArray<{readonly shape: readonly number[]}>): number {
	return weights.reduce((sum, {shape}) => sum + product(shape), 0);
}

/** Length of the features of a model. */
export function featureSize({architecture, imageShape}: ClassifierSizes): number {
	return outlineFeatures(architecture, {imageShape}).featureSize;
}

function countingLayers(counter: PassCounter): Layers<Counted> {
	const {kind, isTaped} = counter;
	const made = (shape: readonly number[]): Counted => {
		const result = {shape, needsGradient: isTaped};
		counter.yields(sizeOf(result));
		return result;
	};

	/** An operation that yields as many numbers as it reads, and whose gradient is a new tensor. */
	const mapped = (x: Counted, read: {readonly forward: number; readonly backward: number}) => {
		const size = sizeOf(x);
		counter.elementwise({forward: read.forward * size, backward: read.backward * size});
		counter.handsBack(size);
		return made(x.shape);
	};

	const relu = (x: Counted) => mapped(x, {forward: 2, backward: 5});
	// In training over the batch, elsewhere with constants: a product, which may be in the weights before, and a sum, whose gradient is handed on as it is.
	const batchNorm = (x: Counted) => (kind === 'training' ? mapped(x, {forward: 4, backward: 6}) : shifted(mapped(x, {forward: 2, backward: 2})));
	const shifted = (x: Counted) => {
		counter.elementwise({forward: 2 * sizeOf(x), backward: 0});
		return made(x.shape);
	};

	const padded = (x: Counted, {padding = 0}: PoolOptions) => {
		if (padding === 0) {
			return x;
		}

		const [height = 0, width = 0, channels = 0] = x.shape;
		counter.elementwise({forward: 2 * sizeOf(x), backward: 2 * sizeOf(x)});
		counter.handsBack(sizeOf(x));
		return made([height + (2 * padding), width + (2 * padding), channels]);
	};

	const pool = (x: Counted, options: PoolOptions) => {
		const source = padded(x, options);
		const [height = 0, width = 0, channels = 0] = source.shape;
		const result = made([windows(height, {...options, padding: 0}), windows(width, {...options, padding: 0}), channels]);
		counter.elementwise({forward: (options.size ** 2) * sizeOf(result), backward: (options.size ** 2) * sizeOf(result)});
		counter.handsBack(sizeOf(source));
		return result;
	};

	return {
		convolution(x, _, options) {
			const {kernel, stride = 1, padding = 0, groups = 1, bias, norm, relu: hasRelu, channels} = options;
			const [[rows, columns], [top, left], inputs] = [perAxis(kernel), perAxis(padding), x.shape.at(-1)!];
			const [height = 0, width = 0] = x.shape;
			const shape = [windows(height, {size: rows, stride, padding: top}), windows(width, {size: columns, stride, padding: left}), channels];
			const isFused = kind === 'inference' && groups === 1 && Boolean(hasRelu) && Boolean(bias ?? norm);
			counter.product(productOf(options, inputs), product(shape) * rows * columns * inputs / groups, {needsInputGradient: x.needsGradient});
			counter.handsBack(x.needsGradient ? sizeOf(x) : 0);
			const convolved = made(shape);
			if (isFused) {
				return convolved;
			}

			const biased = kind === 'training' ? Boolean(bias) : Boolean(bias ?? norm);
			const offset = biased ? shifted(convolved) : convolved;
			const normed = norm && kind === 'training' ? batchNorm(offset) : offset;
			return hasRelu ? relu(normed) : normed;
		},
		batchNorm,
		linear(x, _, {outputs, bias = true}) {
			counter.product('product', x.shape[0]! * outputs, {needsInputGradient: x.needsGradient});
			counter.handsBack(sizeOf(x));
			const result = made([outputs]);
			return bias ? shifted(result) : result;
		},
		relu,
		prelu: x => mapped(x, {forward: 2, backward: 8}),
		add(x, y, factor = 1) {
			const summand = factor === 1 ? y : mapped(y, {forward: 2, backward: 2});
			counter.elementwise({forward: 3 * sizeOf(x), backward: 0});
			return made(summand.shape);
		},
		concat(parts) {
			const size = parts.reduce((sum, part) => sum + sizeOf(part), 0);
			counter.elementwise({forward: 2 * size, backward: 2 * size});
			counter.handsBack(size);
			return made([...parts[0]!.shape.slice(0, -1), parts.reduce((sum, {shape}) => sum + shape.at(-1)!, 0)]);
		},
		maxPool: pool,
		averagePool: pool,
		globalAverage(x) {
			counter.elementwise({forward: sizeOf(x), backward: sizeOf(x)});
			counter.handsBack(sizeOf(x));
			return made([x.shape.at(-1)!]);
		},
		flatten: x => ({...x, shape: [sizeOf(x)]}),
		dropout: x => (kind === 'training' ? mapped(x, {forward: 3, backward: 3}) : x),
		affine: x => mapped(x, {forward: 4, backward: 2}),
		part: compute => counter.part(compute, x => sizeOf(x)),
	};
}

function productOf({kernel, groups = 1, channels}: ConvolutionOptions, inputs: number): Product {
	if (groups > 1) {
		return 'grouped';
	}

	if (Math.min(inputs, channels) < narrowBelow) {
		return 'narrowConvolution';
	}

	return product(perAxis(kernel)) === 1 ? 'pointwise' : 'convolution';
}

function windows(length: number, {size, stride, padding = 0}: PoolOptions): number {
	return Math.floor((length + (2 * padding) - size) / stride) + 1;
}

function sizeOf({shape}: Counted): number {
	return product(shape);
}

function product(sizes: readonly number[]): number {
	return sizes.reduce((before, size) => before * size, 1);
}
