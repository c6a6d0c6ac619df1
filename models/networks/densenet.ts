import {fanInNormal} from '../initial-values.ts';
import {pytorchFormat} from '../weight-format.ts';
import type {Layers} from './layers.ts';
import type {Network} from './network.ts';

/** What tells one densely connected network from another. */
export type DenseNetOptions = {
	/** Layers per block. */
	readonly depths: readonly [number, number, number, number];
	/** Channels that each layer adds, the paper's k. */
	readonly growth: number;
};

/** Channels of the stem. */
const stemChannels = 64;

/** Width of a layer's 1×1 convolution, in multiples of the growth. */
const bottleneckFactor = 4;

/** Batch normalization, ReLU and a 1×1 convolution. */
function narrow<X>(layers: Layers<X>, x: X, [norm, name]: readonly [norm: string, convolution: string], options: {readonly channels: number; readonly norm?: {readonly name: string}; readonly relu?: boolean}): X {
	return layers.convolution(layers.relu(layers.batchNorm(x, {name: norm})), name, {kernel: 1, ...options});
}

/**
 * DenseNet-BC (Huang et al. 2017, "Densely connected convolutional networks", Table 1): each layer of a block reads all that came before it in the block;
 * between blocks, channels and sides are halved. The hidden layers are the outputs of the four blocks.
 */
export function densenet({depths, growth}: DenseNetOptions): Network {
	const denseLayer = <X>(layers: Layers<X>, x: X, name: string) => layers.part(() => {
		const narrowed = narrow(layers, x, [`${name}.norm1`, `${name}.conv1`], {channels: bottleneckFactor * growth, norm: {name: `${name}.norm2`}, relu: true});
		return layers.convolution(narrowed, `${name}.conv2`, {channels: growth, kernel: 3, padding: 1});
	});

	const denseBlock = <X>(layers: Layers<X>, images: X, {name, depth}: {readonly name: string; readonly depth: number}) => layers.part(() => {
		let x = images;
		for (let index = 1; index <= depth; index++) {
			x = layers.concat([x, denseLayer(layers, x, `${name}.denselayer${index}`)]);
		}

		return x;
	});

	const transition = <X>(layers: Layers<X>, x: X, {name, channels}: {readonly name: string; readonly channels: number}) => layers.part(() =>
		layers.averagePool(narrow(layers, x, [`${name}.norm`, `${name}.conv`], {channels}), {size: 2, stride: 2}));

	const transitionChannels: number[] = [];
	for (const depth of depths) {
		transitionChannels.push(Math.floor(((transitionChannels.at(-1) ?? stemChannels) + (depth * growth)) / 2));
	}

	return {
		head: 'classifier',
		format: pytorchFormat,
		// As torchvision: its last layer alone starts without bias.
		initialValues: weight => (weight.layer === 'classifier' && weight.part === 'bias' ? {kind: 'constant', value: 0} : fanInNormal(weight)),
		trunk(layers, images) {
			const hidden: Array<typeof images> = [];
			let x = layers.part(() => layers.maxPool(
				layers.convolution(images, 'features.conv0', {channels: stemChannels, kernel: 7, stride: 2, padding: 3, norm: {name: 'features.norm0'}, relu: true}),
				{size: 3, stride: 2, padding: 1},
			));
			for (const [index, depth] of depths.entries()) {
				const block = denseBlock(layers, x, {name: `features.denseblock${index + 1}`, depth});
				hidden.push(block);
				x = index === depths.length - 1
					? layers.relu(layers.batchNorm(block, {name: 'features.norm5'}))
					: transition(layers, block, {name: `features.transition${index + 1}`, channels: transitionChannels[index]!});
			}

			return {features: layers.globalAverage(x), hidden};
		},
	};
}
