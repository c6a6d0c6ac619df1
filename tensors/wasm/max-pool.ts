import * as tf from '@tensorflow/tfjs-core';
import type {PoolAttributes} from '../pool-attributes.ts';
import {allocate, view} from './heap.ts';

/**
 * Gradient of the maximum over windows: that of each window goes to its first largest number, as in PyTorch. The backend's own kernel is wrong where windows are
 * smaller than their stride.
 */
export const maxPoolGradient: tf.KernelConfig = {
	kernelName: tf.MaxPoolGrad,
	backendName: 'wasm',
	kernelFunc({inputs, attrs}) {
		const input = inputs.input!;
		const dy = inputs.dy!;
		const {filterSize, strides, pad} = attrs as unknown as PoolAttributes;
		const {batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo: {top, left}} = tf.backend_util.computePool2DInfo(input.shape as [number, number, number, number], filterSize, strides, 1, pad);
		const output = allocate(input.shape);
		const [x, slopes, dx] = [view(input), view(dy), view(output)];
		dx.fill(0);
		let place = 0;
		for (let window = 0; window < batchSize * outHeight * outWidth; window++) {
			const [image, row, column] = [Math.floor(window / (outHeight * outWidth)), (Math.floor(window / outWidth) % outHeight) * strideHeight, (window % outWidth) * strideWidth];
			const rows = clipped(row - top, filterHeight, inHeight);
			const columns = clipped(column - left, filterWidth, inWidth);
			const start = image * inHeight * inWidth * inChannels;
			for (let channel = 0; channel < inChannels; channel++) {
				dx[largestIn(x, start + channel, {rows, columns, pitch: inWidth * inChannels, step: inChannels})]! += slopes[place++]!;
			}
		}

		return output;
	},
};

type Range = {readonly from: number; readonly to: number};

/** The part of a window that lies in the image. */
function clipped(from: number, size: number, length: number): Range {
	return {from: Math.max(0, from), to: Math.min(length, from + size)};
}

/** Position of the first largest number of a window. */
function largestIn(x: Float32Array, start: number, {rows, columns, pitch, step}: {readonly rows: Range; readonly columns: Range; readonly pitch: number; readonly step: number}): number {
	let best = start + (rows.from * pitch) + (columns.from * step);
	for (let row = rows.from; row < rows.to; row++) {
		for (let column = columns.from; column < columns.to; column++) {
			const position = start + (row * pitch) + (column * step);
			best = x[position]! > x[best]! ? position : best;
		}
	}

	return best;
}
