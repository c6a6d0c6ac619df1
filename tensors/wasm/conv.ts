import * as tf from '@tensorflow/tfjs-core';
import {contractInBlocks} from './blocks.ts';
import {allocate, position, release, view, wholeHeap} from './heap.ts';
import {multiply} from './mat-mul.ts';
import {contract, transpose} from './native.ts';
import {eachMatrix, type Windows} from './windows.ts';

type ConvInfo = tf.backend_util.Conv2DInfo;

type ConvAttributes = {
	readonly strides: [number, number] | number;
	readonly pad: 'valid' | 'same' | number;
	readonly dataFormat?: 'NHWC' | 'NCHW';
	readonly dilations?: [number, number] | number;
	readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
	readonly filterShape: [number, number, number, number];
	readonly inputShape: [number, number, number, number];
};

/**
 * Convolution: y[row, column] = Σ x[row·stride + i, column·stride + j] · filter[i, j], with x padded. A row of y is one contraction per group of channels;
 * without dilation and groups, j and the channels of x are adjacent and form one range. There are as many groups as the channels of the filter fit into those of x.
 */
export const conv: tf.KernelConfig = {
	kernelName: tf.Conv2D,
	backendName: 'wasm',
	kernelFunc({inputs, attrs}) {
		const x = inputs.x!;
		const filter = inputs.filter!;
		const info = infoOf(x.shape, filter.shape, attrs);
		const {batchSize, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth} = info;
		const {groups, inputs: groupInputs, outputs: groupOutputs} = groupsOf(info, filter.shape);
		const output = allocate(info.outShape);
		const images = paddedImages(x, inputPadding(info));
		view(output).fill(0);
		const pitch = images.width * inChannels;
		const isDense = dilationWidth === 1 && groups === 1;
		if (isDense && dilationHeight === 1 && outWidth < fewColumns) {
			const windows = inputWindows(info, images);
			const depth = windows.pieces * windows.pieceLength;
			eachMatrix(windows, (matrix, rows, before) => {
				multiply({a: matrix, b: position(filter), c: position(output) + (before * outChannels), rows, depth, columns: outChannels, transposeA: false});
			});
			images.release();
			return output;
		}

		for (let image = 0; image < batchSize; image++) {
			const from = images.load(image);
			const to = position(output) + (image * outHeight * outWidth * outChannels);
			for (let group = 0; group < groups; group++) {
				contractInBlocks({
					a: from + (group * groupInputs),
					b: position(filter) + (group * groupOutputs),
					c: to + (group * groupOutputs),
					rows: outWidth,
					columns: groupOutputs,
					rowStrideA: strideWidth * inChannels,
					rowStrideC: outChannels,
					sizes: isDense ? [1, filterHeight, filterWidth * inChannels] : [filterHeight, filterWidth, groupInputs],
					stridesA: isDense ? [0, dilationHeight * pitch, 1] : [dilationHeight * pitch, dilationWidth * inChannels, 1],
					stridesB: isDense ? [0, filterWidth * inChannels * outChannels, outChannels] : [filterWidth * groupInputs * outChannels, groupInputs * outChannels, outChannels],
					repeats: {count: outHeight, strideA: strideHeight * pitch, strideC: outWidth * outChannels},
				});
			}
		}

		images.release();
		return output;
	},
};

/** Below so many columns, rows of images are too short for contractions of their own, and the windows of all images are multiplied at once. The sums are the same, term by term. */
const fewColumns = 4;

/** Below so many positions, an image adds too little to the filter's gradient at a time. */
const fewPositions = 16;

/** The windows of a convolution without groups and dilation. */
function inputWindows({batchSize, inChannels, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth}: ConvInfo, {width, load}: Images): Windows {
	return {
		images: batchSize,
		rows: outHeight,
		columns: outWidth,
		rowStride: strideHeight * width * inChannels,
		columnStride: strideWidth * inChannels,
		pieces: filterHeight,
		pieceLength: filterWidth * inChannels,
		pieceStride: width * inChannels,
		load,
	};
}

/** About how much of x and dy one contraction of the filter's gradient reads: both should stay in the fastest cache. */
const cachedNumbers = 6000;

/**
 * Gradient with respect to the filter: the sum over positions of the outer products of an input window and an output gradient. Without groups, column and
 * channel of the window are adjacent and form one range.
 */
export const convFilterGradient: tf.KernelConfig = {
	kernelName: tf.Conv2DBackpropFilter,
	backendName: 'wasm',
	kernelFunc({inputs, attrs}) {
		const x = inputs.x!;
		const dy = inputs.dy!;
		const {filterShape} = attrs as unknown as ConvAttributes;
		const info = infoOf(x.shape, filterShape, attrs);
		const {batchSize, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth, strideHeight, strideWidth} = info;
		const {groups, inputs: groupInputs, outputs: groupOutputs} = groupsOf(info, filterShape);
		const output = allocate(filterShape);
		const images = paddedImages(x, inputPadding(info));
		view(output).fill(0);
		if (groups === 1 && outHeight * outWidth < fewPositions) {
			const windows = inputWindows(info, images);
			eachMatrix(windows, (matrix, depth, before) => {
				multiply({a: matrix, b: position(dy) + (before * outChannels), c: position(output), rows: windows.pieces * windows.pieceLength, depth, columns: outChannels, transposeA: true});
			});
			images.release();
			return output;
		}

		const pitch = images.width * inChannels;
		const chunk = Math.max(1, Math.floor(cachedNumbers / ((strideHeight * pitch) + (outWidth * outChannels))));
		const [ranges, window] = groups === 1 ? [1, filterWidth * inChannels] : [filterWidth, groupInputs];
		for (let image = 0; image < batchSize; image++) {
			const from = images.load(image);
			const slopes = position(dy) + (image * outHeight * outWidth * outChannels);
			for (let row = 0; row < outHeight; row += chunk) {
				for (let part = 0; part < filterHeight * ranges * groups; part++) {
					const [group, j, i] = [part % groups, Math.floor(part / groups) % ranges, Math.floor(part / (groups * ranges))];
					contract({
						a: from + (((row * strideHeight) + i) * pitch) + (j * inChannels) + (group * groupInputs),
						b: slopes + (row * outWidth * outChannels) + (group * groupOutputs),
						c: position(output) + (((i * ranges) + j) * window * outChannels) + (group * groupOutputs),
						rows: window,
						columns: groupOutputs,
						rowStrideA: 1,
						rowStrideC: outChannels,
						sizes: [1, Math.min(chunk, outHeight - row), outWidth],
						stridesA: [0, strideHeight * pitch, strideWidth * inChannels],
						stridesB: [0, outWidth * outChannels, outChannels],
					});
				}
			}
		}

		images.release();
		return output;
	},
};

/**
 * Gradient with respect to the input. Input rows y = stride·q + residue meet the filter rows i ≡ y + padding modulo the stride only, at the rows
 * (y + padding − i)/stride of dy; columns likewise. So each pair of residues is a convolution of dy, without stride, with part of the filter.
 */
export const convInputGradient: tf.KernelConfig = {
	kernelName: tf.Conv2DBackpropInput,
	backendName: 'wasm',
	kernelFunc({inputs, attrs}) {
		const dy = inputs.dy!;
		const filter = inputs.filter!;
		const info = infoOf((attrs as unknown as ConvAttributes).inputShape, filter.shape, attrs);
		const {batchSize, inChannels, inHeight, inWidth, outChannels, outHeight, outWidth, strideHeight, strideWidth, filterHeight, filterWidth, padInfo} = info;
		const grouping = groupsOf(info, filter.shape);
		const {groups, inputs: groupInputs, outputs: groupOutputs} = grouping;
		const vertical = residuesOf({size: inHeight, taps: filterHeight, stride: strideHeight, padding: padInfo.top});
		const horizontal = residuesOf({size: inWidth, taps: filterWidth, stride: strideWidth, padding: padInfo.left});
		const [top, left] = [before(vertical), before(horizontal)];
		const output = allocate(info.inShape);
		const part = allocate([groups, filterHeight, filterWidth, groupOutputs, groupInputs]);
		const slopes = paddedImages(dy, {top, left, bottom: after(vertical, outHeight), right: after(horizontal, outWidth)});
		view(output).fill(0);
		const pitch = slopes.width * outChannels;
		for (const [rows, columns] of vertical.flatMap(one => horizontal.map(other => [one, other] as const))) {
			turnPart(position(part), {filter: position(filter), info, groups: grouping, rows, columns});
			const window = columns.taps * groupOutputs;
			if (groups === 1 && columns.count < fewColumns) {
				const windows: Windows = {
					images: batchSize,
					rows: rows.count,
					columns: columns.count,
					rowStride: pitch,
					columnStride: outChannels,
					pieces: rows.taps,
					pieceLength: window,
					pieceStride: pitch,
					load: image => slopes.load(image) + ((rows.first + top) * pitch) + ((columns.first + left) * outChannels),
				};
				addProducts(windows, {part, output, info, rows, columns});
				continue;
			}

			for (let image = 0; image < batchSize; image++) {
				const from = slopes.load(image);
				for (let group = 0; group < groups; group++) {
					contractInBlocks({
						a: from + ((rows.first + top) * pitch) + ((columns.first + left) * outChannels) + (group * groupOutputs),
						b: position(part) + (group * rows.taps * window * groupInputs),
						c: position(output) + (((((image * inHeight) + rows.residue) * inWidth) + columns.residue) * inChannels) + (group * groupInputs),
						rows: columns.count,
						columns: groupInputs,
						rowStrideA: outChannels,
						rowStrideC: strideWidth * inChannels,
						sizes: groups === 1 ? [1, rows.taps, window] : [rows.taps, columns.taps, groupOutputs],
						stridesA: groups === 1 ? [0, pitch, 1] : [pitch, outChannels, 1],
						stridesB: groups === 1 ? [0, window * inChannels, inChannels] : [window * groupInputs, groupOutputs * groupInputs, groupInputs],
						repeats: {count: rows.count, strideA: pitch, strideC: strideHeight * inWidth * inChannels},
					});
				}
			}
		}

		slopes.release();
		release(part);
		return output;
	},
};

type Place = {readonly part: tf.TensorInfo; readonly output: tf.TensorInfo; readonly info: ConvInfo; readonly rows: Residue; readonly columns: Residue};

/** Writes the input positions of a pair of residues: the products of windows of dy with the part of the filter that they meet. */
function addProducts(windows: Windows, {part, output, info: {inHeight, inWidth, inChannels, strideHeight, strideWidth}, rows, columns}: Place): void {
	const perImage = rows.count * columns.count;
	const products = allocate([windows.images * perImage, inChannels]);
	view(products).fill(0);
	eachMatrix(windows, (matrix, count, before) => {
		multiply({a: matrix, b: position(part), c: position(products) + (before * inChannels), rows: count, depth: windows.pieces * windows.pieceLength, columns: inChannels, transposeA: false});
	});
	const heap = wholeHeap();
	for (let index = 0; index < windows.images * perImage; index++) {
		const [image, row, column] = [Math.floor(index / perImage), Math.floor(index / columns.count) % rows.count, index % columns.count];
		const to = (((((image * inHeight) + (row * strideHeight) + rows.residue) * inWidth) + (column * strideWidth) + columns.residue) * inChannels);
		const from = position(products) + (index * inChannels);
		heap.copyWithin(position(output) + to, from, from + inChannels);
	}

	release(products);
}

function infoOf(inputShape: number[], filterShape: number[], attributes: tf.NamedAttrMap | undefined): ConvInfo {
	const {strides, pad, dilations = 1, dimRoundingMode, dataFormat} = attributes as unknown as ConvAttributes;
	if (dataFormat === 'NCHW') {
		throw new Error('The wasm backend convolves channels-last images only, got dataFormat "NCHW"');
	}

	type Shape = [number, number, number, number];
	return tf.backend_util.computeConv2DInfo(inputShape as Shape, filterShape as Shape, strides, dilations, pad, dimRoundingMode);
}

type Padding = {readonly top: number; readonly bottom: number; readonly left: number; readonly right: number};

/** Pads so that no window leaves the image. */
function inputPadding({padInfo: {top, left}, inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth, effectiveFilterHeight, effectiveFilterWidth}: ConvInfo): Padding {
	return {
		top,
		left,
		bottom: Math.max(0, ((outHeight - 1) * strideHeight) + effectiveFilterHeight - top - inHeight),
		right: Math.max(0, ((outWidth - 1) * strideWidth) + effectiveFilterWidth - left - inWidth),
	};
}

/** Images that are padded where it is needed. */
type Images = {
	/** Of a padded image. */
	readonly width: number;
	/** The position of an image; valid until the next one is asked for. */
	load(image: number): number;
	release(): void;
};

/** One image at a time with zeros around it, so that it stays in the cache; without padding, the image where it is. Allocates; call it before taking views. */
function paddedImages(images: tf.TensorInfo, {top, bottom, left, right}: Padding): Images {
	const [, height, width, channels] = images.shape as [number, number, number, number];
	const start = position(images);
	const size = height * width * channels;
	if (Math.max(top, bottom, left, right) === 0) {
		return {width, load: (image: number) => start + (image * size), release() {}}; // eslint-disable-line @typescript-eslint/no-empty-function -- nothing was allocated
	}

	const paddedWidth = left + width + right;
	const padded = allocate([top + height + bottom, paddedWidth, channels]);
	view(padded).fill(0);
	const inner = position(padded) + (((top * paddedWidth) + left) * channels);
	return {
		width: paddedWidth,
		load(image: number) {
			const heap = wholeHeap();
			for (let row = 0; row < height; row++) {
				const from = start + (image * size) + (row * width * channels);
				heap.copyWithin(inner + (row * paddedWidth * channels), from, from + (width * channels));
			}

			return position(padded);
		},
		release() {
			release(padded);
		},
	};
}

/** The input positions stride·q + residue of one axis, 0 ≤ q < count. */
type Residue = {
	readonly residue: number;
	readonly count: number;
	/** How many filter positions meet them: offset, offset + stride, … */
	readonly taps: number;
	readonly offset: number;
	/** Position of dy that the last of those filter positions meets at q = 0; negative in the padding. */
	readonly first: number;
};

function residuesOf({size, taps, stride, padding}: {size: number; taps: number; stride: number; padding: number}): Residue[] {
	return Array.from({length: Math.min(stride, size)}, (_, residue) => {
		const offset = (residue + padding) % stride;
		const met = Math.max(0, Math.ceil((taps - offset) / stride));
		return {residue, count: Math.ceil((size - residue) / stride), taps: met, offset, first: ((residue + padding - offset) / stride) - met + 1};
	});
}

/** Padding that dy needs before its first position. */
function before(residues: readonly Residue[]): number {
	return Math.max(0, ...residues.map(({first}) => -first));
}

/** Padding that dy needs after its last position. */
function after(residues: readonly Residue[], size: number): number {
	return Math.max(0, ...residues.map(({first, taps, count}) => first + taps + count - 1 - size));
}

/** Writes the met part of the filter as [group, row, column, out channel, in channel], both axes reversed. */
function turnPart(part: number, {filter, info: {filterWidth, outChannels, strideHeight, strideWidth}, groups: {groups, inputs, outputs}, rows, columns}: {filter: number; info: ConvInfo; groups: Groups; rows: Residue; columns: Residue}): void {
	for (let row = 0; row < groups * rows.taps; row++) {
		const [group, i] = [Math.floor(row / rows.taps), row % rows.taps];
		for (let j = 0; j < columns.taps; j++) {
			const tap = ((rows.offset + ((rows.taps - 1 - i) * strideHeight)) * filterWidth) + columns.offset + ((columns.taps - 1 - j) * strideWidth);
			transpose({
				from: filter + (tap * inputs * outChannels) + (group * outputs),
				to: part + (((row * columns.taps) + j) * outputs * inputs),
				rows: inputs,
				columns: outputs,
				rowStrideFrom: outChannels,
				rowStrideTo: inputs,
			});
		}
	}
}

/** How many groups of channels do not see each other, and how many channels of x and y each has. */
type Groups = {readonly groups: number; readonly inputs: number; readonly outputs: number};

function groupsOf({inChannels, outChannels}: ConvInfo, filterShape: readonly number[]): Groups {
	const inputs = filterShape[2]!;
	const groups = inChannels / inputs;
	return {groups, inputs, outputs: outChannels / groups};
}
