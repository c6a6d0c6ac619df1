import {resizeTaps, type Taps} from '../../tensors/resize-taps.ts';
import type {Picture} from './picture.ts';

/** Share of red, green and blue in grey (Rec. 601). */
const luma = [0.299, 0.587, 0.114] as const;

/**
 * The largest centred square of a picture, resized to size×size with `channels` channels: pixels [size, size, channels].
 * Antialiased bilinear (a triangle filter as wide as the reduction), computed in float64 and rounded once, so the result is
 * the same on every machine; it equals PyTorch's `interpolate(mode='bilinear', antialias=True)`.
 */
export function squareImage(picture: Picture, {size, channels}: {readonly size: number; readonly channels: 1 | 3}): Uint8Array {
	const square = cropCentre(channels === 1 && picture.channels === 3 ? grey(picture) : picture);
	const taps = resizeTaps(square.side, size);
	const columns = resizeColumns(square, taps);
	const rowLength = size * square.channels;
	const copies = channels / square.channels;
	const pixels = new Uint8ClampedArray(size * size * channels);
	for (let row = 0, index = 0; row < size; row++) {
		const {first, weights} = taps[row]!;
		for (let place = 0; place < rowLength; place++) {
			let sum = 0;
			for (let tap = 0, at = (first * rowLength) + place; tap < weights.length; tap++, at += rowLength) {
				sum += weights[tap]! * columns[at]!;
			}

			// A grey picture fills all channels of the result.
			for (let copy = 0; copy < copies; copy++) {
				pixels[index++] = sum;
			}
		}
	}

	return new Uint8Array(pixels.buffer);
}

/** A square window of a picture. */
type Square = {
	readonly data: ArrayLike<number>;
	readonly side: number;
	readonly channels: 1 | 3;
	/** Values from one row of the picture to the next. */
	readonly stride: number;
	/** Index of the window's first value. */
	readonly start: number;
};

function cropCentre({width, height, channels, data}: Omit<Picture, 'data'> & {readonly data: ArrayLike<number>}): Square {
	const side = Math.min(width, height);
	const left = Math.round((width - side) / 2);
	const top = Math.round((height - side) / 2);
	const stride = width * channels;
	return {
		data, side, channels, stride, start: (top * stride) + (left * channels),
	};
}

function grey({width, height, data}: Picture) {
	const values = new Float64Array(width * height);
	for (let index = 0; index < values.length; index++) {
		values[index] = (luma[0] * data[3 * index]!) + (luma[1] * data[(3 * index) + 1]!) + (luma[2] * data[(3 * index) + 2]!);
	}

	return {
		width, height, channels: 1, data: values,
	} as const;
}

/** Resizes the width only; returns [side, size, channels]. */
function resizeColumns({data, side, channels, stride, start}: Square, taps: readonly Taps[]): Float64Array {
	const result = new Float64Array(side * taps.length * channels);
	for (let row = 0, index = 0; row < side; row++) {
		for (const {first, weights} of taps) {
			for (let channel = 0; channel < channels; channel++, index++) {
				let place = start + (row * stride) + (first * channels) + channel;
				let sum = 0;
				for (let tap = 0; tap < weights.length; tap++, place += channels) {
					sum += weights[tap]! * data[place]!;
				}

				result[index] = sum;
			}
		}
	}

	return result;
}
