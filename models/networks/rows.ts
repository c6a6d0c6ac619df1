import {defaultValues} from '../initial-values.ts';
import {ownFormat} from '../weight-format.ts';
import type {Layers} from './layers.ts';
import type {Network} from './network.ts';

/**
 * One row per block: `C5 s2 16` is a convolution with kernel 5×5, stride 2 and 16 output channels, zero padding of half the kernel and no bias,
 * then batch normalization, then ReLU. `R` is the same with the block's input added before the ReLU.
 */
export type Row = `${'C' | 'R'}${number} s${number} ${number}`;

/** A small convolutional classifier for images of any size and number of channels. */
export type RowsOptions = {
	readonly blocks: readonly Row[];
	/** How the last block's activations become a feature vector: all of them in a row, or their average per channel. */
	readonly pooling: 'flatten' | 'average';
	/** Length of a linear embedding between the pooled features and the classes; absent when the classes follow at once. */
	readonly embeddingSize?: number;
	/** Numbers, from 1, of the blocks that end a stage: the hidden layers whose outputs a dependency-based defence looks at; absent: every block. */
	readonly stageEnds?: readonly number[];
	/** Numbers that a bottleneck before the last layer lets through unless it says otherwise; absent: half as many as there are features. */
	readonly bottleneckWidth?: number;
};

/** The networks of the small experiment: blocks `block1`, `block2` …, then pooling, then perhaps a linear layer `embedding`. */
export function rows({blocks, pooling, embeddingSize, stageEnds, bottleneckWidth}: RowsOptions): Network {
	const parsed = blocks.map((row, index) => ({...parseRow(row), name: `block${index + 1}`, isHidden: stageEnds?.includes(index + 1) ?? true}));

	const apply = <X>(layers: Layers<X>, x: X, {name, kernel, stride, channels, isResidual}: typeof parsed[number]) => {
		const y = layers.convolution(x, name, {channels, kernel, stride, padding: (kernel - 1) / 2, norm: {name}, relu: !isResidual});
		return isResidual ? layers.relu(layers.add(y, x)) : y;
	};

	return {
		head: 'head',
		format: ownFormat,
		initialValues: defaultValues,
		isEmbedding: embeddingSize !== undefined,
		...(bottleneckWidth !== undefined && {bottleneckWidth}),
		trunk(layers, images) {
			let x = images;
			const hidden: Array<typeof images> = [];
			for (const block of parsed) {
				x = apply(layers, x, block);
				if (block.isHidden) {
					hidden.push(x);
				}
			}

			const pooled = pooling === 'flatten' ? layers.flatten(x) : layers.globalAverage(x);
			return {features: embeddingSize === undefined ? pooled : layers.linear(pooled, 'embedding', {outputs: embeddingSize}), hidden};
		},
	};
}

function parseRow(row: Row) {
	const [kind = '', strideText = '', channelsText = ''] = row.split(' ');
	const block = {kernel: Number(kind.slice(1)), stride: Number(strideText.slice(1)), channels: Number(channelsText), isResidual: kind.startsWith('R')};
	if (block.kernel % 2 === 0 || (block.isResidual && block.stride !== 1)) {
		throw new Error(`Internal error: expected an odd kernel, and a residual block that keeps the shape, but was "${row}"`);
	}

	return block;
}
