import {UserError} from '../engine/error.ts';
import type {BatchNormOptions, ConvolutionOptions, Layers, PerAxis, PoolOptions} from './networks/layers.ts';
import type {Network} from './networks/network.ts';
import {storedShape, type Part} from './weight-format.ts';

/** A weight that a network has. */
export type WeightOutline = {
	/** Its name in a classifier. */
	readonly name: string;
	/** Its shape in a classifier. */
	readonly shape: readonly number[];
	/** The layer that it belongs to. */
	readonly layer: string;
	readonly part: Part;
	/** Whether that layer is a convolution. */
	readonly isConvolution: boolean;
	/** Inputs that one output of its layer depends on. */
	readonly fanIn: number;
	/** Outputs times places of the kernel. */
	readonly fanOut: number;
	/** Whether gradients change it. */
	readonly isTrained: boolean;
};

/** A layer that has weights. */
export type LayerOutline =
	| {readonly kind: 'convolution'; readonly name: string; readonly options: ConvolutionOptions}
	| {readonly kind: 'norm'; readonly options: BatchNormOptions}
	| {readonly kind: 'linear'; readonly name: string; readonly hasBias: boolean}
	| {readonly kind: 'prelu'; readonly name: string};

/** A network for images of one shape, without numbers. */
export type Outline = {
	/** In the order of the computation. */
	readonly layers: readonly LayerOutline[];
	readonly weights: readonly WeightOutline[];
	/** Length of the features. */
	readonly featureSize: number;
	/** Numbers that the bottleneck before the last layer lets through; absent: there is none. */
	readonly bottleneckWidth: number | undefined;
	/** Shape per image of each hidden layer, [height, width, channels]. */
	readonly hidden: ReadonlyArray<readonly number[]>;
};

/** What an outline depends on besides the network. */
export type OutlineOptions = {
	readonly imageShape: readonly [height: number, width: number, channels: number];
	readonly numClasses: number;
	/** Numbers that a bottleneck before the last layer lets through, for features of a length; absent: there is none. */
	readonly bottleneckWidth?: ((featureSize: number) => number) | undefined;
	/** Outputs of the auxiliary head; absent: it is left out. */
	readonly auxiliaryClasses?: number | undefined;
};

/** The layer between features and classes that a bottleneck is. */
export const bottleneckLayer = 'bottleneck';

/**
 * Goes through a network with shapes in place of activations.
 *
 * @param name of the architecture, for the error
 * @throws {UserError} when a window does not fit into the images; it names the smallest that do
 */
export function outlineNetwork(name: string, network: Network, options: OutlineOptions): Outline {
	try {
		return outline(network, options);
	} catch (error) {
		if (!(error instanceof WindowTooLarge)) {
			throw error;
		}

		const [height, width] = options.imageShape;
		const minimum = smallestSide(network, options);
		throw new UserError('images-too-small', `Images of ${height}×${width} are too small for the network "${name}"${options.auxiliaryClasses === undefined ? '' : ' with its auxiliary head'}`, {
			facts: {smallest: `${minimum}×${minimum}`},
			hint: `Use images of at least ${minimum}×${minimum}, or another architecture.`,
		});
	}
}

/** Thrown where a window is larger than the image that it should go over. */
class WindowTooLarge extends Error {}

/** Side of the smallest square images that a network can read. */
function smallestSide(network: Network, options: OutlineOptions): number {
	for (let side = 1; ; side++) {
		try {
			outline(network, {...options, imageShape: [side, side, options.imageShape[2]]});
			return side;
		} catch (error) {
			if (!(error instanceof WindowTooLarge)) {
				throw error;
			}
		}
	}
}

/** The shape of one image or vector, without the axis of the batch. */
type Shape = readonly number[];

function outline(network: Network, {imageShape, numClasses, bottleneckWidth, auxiliaryClasses}: OutlineOptions): Outline {
	const layers: LayerOutline[] = [];
	const weights: WeightOutline[] = [];
	const shapes = shapeLayers(network, layers, weights);
	const {features, hidden} = network.trunk(shapes, imageShape, {auxiliaryClasses});
	const featureSize = features[0]!;
	const width = bottleneckWidth?.(featureSize);
	const passed = width === undefined ? features : [shapes.linear(features, bottleneckLayer, {outputs: 2 * width})[0]! / 2];
	shapes.linear(passed, network.head, {outputs: numClasses});
	return {layers, weights, featureSize, bottleneckWidth: width, hidden};
}

function shapeLayers({format}: Network, layers: LayerOutline[], weights: WeightOutline[]): Layers<Shape> {
	type Described = Pick<WeightOutline, 'isConvolution' | 'fanIn' | 'fanOut'>;
	const add = (layer: string, part: Part, shape: Shape, described: Described & {readonly isTrained?: boolean}) => {
		weights.push({name: format.nameOf(layer, part), shape: storedShape(format, shape), layer, part, isTrained: true, ...described});
	};

	const addNorm = ({name, frozenOffset}: BatchNormOptions, channels: number) => {
		const described = {isConvolution: false, fanIn: channels, fanOut: channels};
		add(name, 'scale', [channels], described);
		add(name, 'offset', [channels], {...described, isTrained: !frozenOffset});
		add(name, 'movingMean', [channels], {...described, isTrained: false});
		add(name, 'movingVariance', [channels], {...described, isTrained: false});
	};

	return {
		convolution(x, name, options) {
			const {channels, kernel, stride = 1, padding = 0, groups = 1, bias, norm} = options;
			const [[rows, columns], [top, left], inputs] = [perAxis(kernel), perAxis(padding), channelsOf(x) / groups];
			const described = {isConvolution: true, fanIn: inputs * rows * columns, fanOut: channels * rows * columns};
			layers.push({kind: 'convolution', name, options});
			add(name, 'kernel', [rows, columns, inputs, channels], described);
			if (bias) {
				add(name, 'bias', [channels], described);
			}

			if (norm) {
				addNorm(norm, channels);
			}

			return [windows(x[0]!, {size: rows, stride, padding: top}), windows(x[1]!, {size: columns, stride, padding: left}), channels];
		},
		batchNorm(x, options) {
			layers.push({kind: 'norm', options});
			addNorm(options, channelsOf(x));
			return x;
		},
		linear(x, name, {outputs, bias = true}) {
			const described = {isConvolution: false, fanIn: x[0]!, fanOut: outputs};
			layers.push({kind: 'linear', name, hasBias: bias});
			add(name, 'kernel', [x[0]!, outputs], described);
			if (bias) {
				add(name, 'bias', [outputs], described);
			}

			return [outputs];
		},
		relu: x => x,
		prelu(x, name) {
			layers.push({kind: 'prelu', name});
			add(name, 'slope', [channelsOf(x)], {isConvolution: false, fanIn: 1, fanOut: 1});
			return x;
		},
		add(x, y) {
			if (x.join(',') !== y.join(',')) {
				throw new Error(`Internal error: expected summands of the same shape but was [${x.join(', ')}] and [${y.join(', ')}]`);
			}

			return x;
		},
		concat: parts => [...parts[0]!.slice(0, -1), parts.reduce((sum, shape) => sum + channelsOf(shape), 0)],
		maxPool: pooled,
		averagePool: pooled,
		globalAverage: x => [channelsOf(x)],
		flatten: x => [x.reduce((product, size) => product * size, 1)],
		dropout: x => x,
		affine: x => x,
		part: compute => compute(),
	};
}

function pooled(x: Shape, options: PoolOptions): Shape {
	return [windows(x[0]!, options), windows(x[1]!, options), channelsOf(x)];
}

/** How many windows fit along an axis. */
function windows(length: number, {size, stride, padding = 0}: PoolOptions): number {
	const count = Math.floor((length + (2 * padding) - size) / stride) + 1;
	if (count < 1) {
		throw new WindowTooLarge();
	}

	return count;
}

function channelsOf(shape: Shape): number {
	return shape.at(-1)!;
}

/** A number per axis. */
export function perAxis(value: PerAxis): readonly [rows: number, columns: number] {
	return typeof value === 'number' ? [value, value] : value;
}
