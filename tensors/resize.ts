import * as tf from '@tensorflow/tfjs-core';
import {resizeTaps} from './resize-taps.ts';

/** Whole pixels of one axis of an image. */
export type PixelRange = {
	/** First pixel, counted from 0. */
	readonly offset: number;
	readonly size: number;
	/** Whether it is read backwards. */
	readonly mirrored: boolean;
};

/** A rectangle of an image. */
export type PixelWindow = {readonly rows: PixelRange; readonly columns: PixelRange};

/** The centred square of an image of this height and width, as torchvision's `center_crop` places it. */
export function centredWindow([height, width]: readonly [height: number, width: number], size: number): PixelWindow {
	const centred = (length: number) => ({offset: halfToEven((length - size) / 2), size, mirrored: false});
	return {rows: centred(height), columns: centred(width)};
}

/** Python rounds a half to the even neighbour. */
function halfToEven(value: number): number {
	return value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);
}

/**
 * A window of every image of a batch, resized with antialiasing as torchvision's `resized_crop` does; what lies beside the window is not looked at.
 * Differentiable: R·X·Cᵀ for each channel, with one row of weights per output position.
 *
 * @param images - [n, height, width, channels]
 * @returns [n, ...size, channels]
 */
export function resizedWindow(images: tf.Tensor4D, {rows, columns}: PixelWindow, [toHeight, toWidth]: readonly [height: number, width: number]): tf.Tensor4D {
	return tf.tidy(() => {
		const [count, height, width, channels] = images.shape;
		const vertical = tf.matMul(tapMatrix(rows, height, toHeight), tf.reshape(images, [count, height, width * channels]));
		const turned = tf.reshape(tf.transpose(tf.reshape(vertical, [count, toHeight, width, channels]), [0, 2, 1, 3]), [count, width, toHeight * channels]);
		const horizontal = tf.matMul(tapMatrix(columns, width, toWidth), turned);
		return tf.transpose(tf.reshape(horizontal, [count, toWidth, toHeight, channels]), [0, 2, 1, 3]);
	});
}

/** The weights of all inputs of an axis for each output, [1, outputs, inputs]. */
function tapMatrix({offset, size, mirrored}: PixelRange, inputs: number, outputs: number): tf.Tensor3D {
	const values = new Float32Array(outputs * inputs);
	for (const [output, {first, weights}] of resizeTaps(size, outputs).entries()) {
		values.set(weights, ((mirrored ? outputs - 1 - output : output) * inputs) + offset + first);
	}

	return tf.tensor3d(values, [1, outputs, inputs]);
}
