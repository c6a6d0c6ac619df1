import {UserError} from '../engine/error.ts';

/**
 * One row per block: `C5 s2 16` is a convolution with kernel 5×5, stride 2 and 16 output channels, zero padding of half the kernel and no bias,
 * then batch normalization, then ReLU. `R` is the same with the block's input added before the ReLU.
 */
export type Row = `${'C' | 'R'}${number} s${number} ${number}`;

/** A convolutional classifier for images of any size and number of channels. */
export type Architecture = {
	readonly blocks: readonly Row[];
	/** How the last block's activations become a feature vector: all of them in a row, or their average per channel. */
	readonly pooling: 'flatten' | 'average';
	/** Length of a linear embedding between the pooled features and the classes; absent when the classes follow at once. */
	readonly embeddingSize?: number;
	/** Numbers, from 1, of the blocks that end a stage: the hidden layers whose outputs a dependency-based defence looks at; absent: every block. */
	readonly stageEnds?: readonly number[];
	/** Numbers that a bottleneck before the last layer lets through unless it says otherwise; absent: half as many as there are features, as the paper's 1024 of 2048. */
	readonly bottleneckWidth?: number;
};

/** The networks of the small experiment, by name. */
export const architectures: Readonly<Record<string, Architecture>> = {
	// Flattening rather than averaging lets negative smoothing act on where things are, not only on which there are.
	'target-small': {blocks: ['C5 s2 16', 'C3 s2 32', 'C3 s1 48', 'C3 s2 64', 'R3 s1 64'], pooling: 'flatten', stageEnds: [1, 2, 3, 4, 5], bottleneckWidth: 128},
	'evaluation-small': {blocks: ['C5 s2 24', 'C3 s2 48', 'R3 s1 48', 'C3 s2 96', 'R3 s1 96'], pooling: 'average'},
	'embedding-small': {blocks: ['C5 s2 16', 'C3 s2 48', 'C3 s1 64', 'C3 s2 96'], pooling: 'average', embeddingSize: 64},
	'surrogate-small': {blocks: ['C5 s2 16', 'C3 s2 48', 'C3 s1 64', 'C3 s2 96'], pooling: 'average'},
};

/** @throws {UserError} when there is no architecture of this name. */
export function findArchitecture(name: string): Architecture {
	const architecture = Object.hasOwn(architectures, name) ? architectures[name] : undefined;
	if (!architecture) {
		throw new UserError('unknown-architecture', `There is no architecture "${name}"`, {
			hint: `Choose one of ${Object.keys(architectures).join(', ')}, or add it to models/architectures.ts.`,
		});
	}

	return architecture;
}

/** A block with the sizes that follow from the input. */
export type Block = {
	/** `block1`, `block2` …; the prefix of its weights' names. */
	readonly name: string;
	/** Odd; the kernel is square. */
	readonly kernelSize: number;
	readonly stride: number;
	readonly inputChannels: number;
	readonly outputChannels: number;
	/** Whether the block's input is added before the ReLU. */
	readonly residual: boolean;
	/** Whether its output is one of the hidden layers that a dependency-based defence looks at. */
	readonly isHiddenLayer: boolean;
};

/** An architecture for images of one shape. */
export type ClassifierPlan = {
	readonly blocks: readonly Block[];
	readonly pooling: 'flatten' | 'average';
	/** Length of the pooled feature vector. */
	readonly pooledSize: number;
	/** Length of the linear embedding, if there is one. */
	readonly embeddingSize: number | undefined;
	/** Numbers that a bottleneck lets through, if there is one and it does not say otherwise. */
	readonly bottleneckWidth: number;
};

/** Works out the sizes of an architecture for images of one shape. */
export function planClassifier({blocks: rows, pooling, embeddingSize, stageEnds, bottleneckWidth}: Architecture, [height, width, channels]: readonly [number, number, number]): ClassifierPlan {
	const blocks: Block[] = [];
	let [rowCount, columnCount, inputChannels] = [height, width, channels];
	for (const [index, row] of rows.entries()) {
		const block = {...parseRow(row, {name: `block${index + 1}`, inputChannels}), isHiddenLayer: stageEnds?.includes(index + 1) ?? true};
		blocks.push(block);
		rowCount = Math.ceil(rowCount / block.stride);
		columnCount = Math.ceil(columnCount / block.stride);
		inputChannels = block.outputChannels;
	}

	const pooledSize = pooling === 'flatten' ? rowCount * columnCount * inputChannels : inputChannels;
	return {
		blocks, pooling, pooledSize, embeddingSize, bottleneckWidth: bottleneckWidth ?? Math.ceil((embeddingSize ?? pooledSize) / 2),
	};
}

function parseRow(row: Row, {name, inputChannels}: {name: string; inputChannels: number}): Omit<Block, 'isHiddenLayer'> {
	const [kind = '', strideText = '', channelsText = ''] = row.split(' ');
	const block = {
		name,
		kernelSize: Number(kind.slice(1)),
		stride: Number(strideText.slice(1)),
		inputChannels,
		outputChannels: Number(channelsText),
		residual: kind.startsWith('R'),
	};
	if (block.kernelSize % 2 === 0 || (block.residual && (block.stride !== 1 || block.outputChannels !== inputChannels))) {
		throw new Error(`Internal error: expected an odd kernel, and a residual block that keeps the shape, but was "${row}" after ${inputChannels} channels`);
	}

	return block;
}
