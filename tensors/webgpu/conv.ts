import * as tf from '@tensorflow/tfjs-core';
import {backendName} from './load.ts';

/** Positions whose products are added in one go. More of them leave too few products for a GPU to be busy. */
const positionsTogether = 2048;

/**
 * Gradient of a filter. The backend's own kernel has one program per weight, which reads the whole batch on its own. Here each place of the filter is a product of
 * matrices: the input as that place sees it, [positions, in channels] transposed, with dy, [positions, out channels]; in parts, whose sums are added afterwards.
 */
export const convFilterGradient: tf.KernelConfig = {
	kernelName: tf.Conv2DBackpropFilter,
	backendName,
	kernelFunc({inputs, attrs}) {
		const [x, dy] = [inputs.x as tf.Tensor4D, inputs.dy as tf.Tensor4D];
		const {strides, pad, dimRoundingMode, filterShape} = attrs as unknown as tf.Conv2DBackpropFilterAttrs;
		const {batchSize, filterHeight, filterWidth, outHeight, outWidth, strideHeight, strideWidth, inHeight, inWidth, inChannels, outChannels, padInfo: {top, left}} = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
		const positions = batchSize * outHeight * outWidth;
		const parts = divisorFrom(positions, Math.ceil(positions / positionsTogether));
		return tf.tidy(() => {
			// Up to the last pixel that a filter reads, and on until every stride is whole.
			const padded = grown(x, {
				height: [top, (filterHeight - 1) + (outHeight * strideHeight) - inHeight - top],
				width: [left, (filterWidth - 1) + (outWidth * strideWidth) - inWidth - left],
			});
			const slopes = tf.reshape(dy, [parts, positions / parts, outChannels]);
			const places = Array.from({length: filterHeight * filterWidth}, (_, place) => {
				const corner = [Math.floor(place / filterWidth), place % filterWidth] as const;
				const seen = everyStride(padded, corner, {outHeight, outWidth, strideHeight, strideWidth});
				return tf.sum(tf.matMul(tf.reshape(seen, [parts, positions / parts, inChannels]), slopes, true), 0);
			});
			return tf.reshape(places.length === 1 ? places[0]! : tf.stack(places), filterShape);
		});
	},
};

type Grid = {readonly outHeight: number; readonly outWidth: number; readonly strideHeight: number; readonly strideWidth: number};

/** What lies under one place of the filter wherever the filter goes, [n, outHeight, outWidth, channels]. */
function everyStride(x: tf.Tensor4D, [row, column]: readonly [number, number], {outHeight, outWidth, strideHeight, strideWidth}: Grid): tf.Tensor {
	const {0: count, 3: channels} = x.shape;
	const all = tf.slice(x, [0, row, column, 0], [count, outHeight * strideHeight, outWidth * strideWidth, channels]);
	if (strideHeight === 1 && strideWidth === 1) {
		return all;
	}

	const rows = tf.slice(tf.reshape(all, [count * outHeight, strideHeight, outWidth * strideWidth * channels]), [0, 0, 0], [count * outHeight, 1, outWidth * strideWidth * channels]);
	return tf.slice(tf.reshape(rows, [count * outHeight * outWidth, strideWidth, channels]), [0, 0, 0], [count * outHeight * outWidth, 1, channels]);
}

type Growth = Readonly<Record<'height' | 'width', readonly [before: number, after: number]>>;

/** With zeros around it, or cut where the filter never reads. */
function grown(x: tf.Tensor4D, {height, width}: Growth): tf.Tensor4D {
	const [count, rows, columns, channels] = x.shape;
	const cut = tf.slice(x, [0, 0, 0, 0], [count, Math.min(rows, rows + height[1]), Math.min(columns, columns + width[1]), channels]);
	const around = ([before, after]: readonly [number, number]): [number, number] => [before, Math.max(0, after)];
	return [...height, ...width].some(size => size > 0) ? tf.pad(cut, [[0, 0], around(height), around(width), [0, 0]]) : cut;
}

/** The smallest divisor that is not below a number. */
function divisorFrom(value: number, smallest: number): number {
	let divisor = smallest;
	while (value % divisor !== 0) {
		divisor++;
	}

	return divisor;
}
