import {precisionBits, ResizingCode, vectorBytes} from './pillow-code.ts';
import type {Picture} from './image-folder/picture.ts';

/** A weight of one. */
const unit = 2 ** precisionBits;

/** Which neighbouring inputs make up each of some outputs, and with which weights in fixed point. */
type Taps = {
	/** Per output the first input, and how many there are. */
	readonly firsts: Int32Array;
	readonly counts: Int32Array;
	/** Of all outputs one after the other. */
	readonly weights: Int32Array;
};

/** Part of one side of an image: `length` places from `start` on. */
type Window = {readonly start: number; readonly length: number};

/**
 * Resizes a picture until its shorter side has `size` pixels and cuts the centre out: pixels [size, size, channels], bit for bit what torchvision's
 * `Resize(size)` and `CenterCrop(size)` make of an image of Pillow: a triangle filter as wide as the reduction, columns first, each pass rounded to 8 bits.
 * Struppek et al. 2024 prepare their photographs so. What is cut off is not computed, so a picture may be very long.
 * @param options.channels with 3, a grey picture fills all of them; a picture in colour cannot become grey this way
 */
export function pillowSquare(picture: Picture, {size, channels}: {readonly size: number; readonly channels: 1 | 3}): Uint8Array {
	const {width, height, channels: given} = picture;
	if (given > channels) {
		throw new RangeError(`Expected a grey picture for ${channels} channel, got ${given} channels`);
	}

	if (width === size && height === size && given === channels) {
		return picture.data;
	}

	if (given === 1) {
		const pixels = pillowSquare({width, height, channels: 3, data: inColour(picture.data)}, {size, channels: 3});
		return channels === 3 ? pixels : pixels.filter((_, index) => index % 3 === 0);
	}

	const [newWidth, newHeight] = width <= height ? [size, Math.trunc((size * height) / width)] : [Math.trunc((size * width) / height), size];
	const centre = (length: number): Window => ({start: roundHalfEven((length - size) / 2), length: size});
	return resize(picture, tapsOf(width, newWidth, centre(newWidth)), tapsOf(height, newHeight, centre(newHeight)));
}

function tapsOf(from: number, to: number, {start, length}: Window): Taps {
	const scale = from / to;
	// Pillow leaves out a pass that changes no size.
	const support = from === to ? 0.5 : Math.max(scale, 1);
	const raw = new Float64Array(Math.ceil(2 * support) + 1);
	const firsts = new Int32Array(length);
	const counts = new Int32Array(length);
	const weights = new Int32Array(length * raw.length);
	let used = 0;
	for (let place = 0; place < length; place++) {
		const centre = (start + place + 0.5) * scale;
		const first = Math.max(0, Math.trunc(centre - support + 0.5));
		const count = Math.min(from, Math.trunc(centre + support + 0.5)) - first;
		let sum = 0;
		for (let tap = 0; tap < count; tap++) {
			raw[tap] = Math.max(0, 1 - Math.abs((first + tap - centre + 0.5) / support));
			sum += raw[tap]!;
		}

		for (let tap = 0; tap < count; tap++) {
			weights[used++] = Math.trunc(0.5 + ((raw[tap]! / sum) * unit));
		}

		firsts[place] = first;
		counts[place] = count;
	}

	return {firsts, counts, weights: weights.subarray(0, used)};
}

/** The input rows that any output needs: firsts never fall. */
function rowsOf({firsts, counts}: Taps): Window {
	return {start: firsts[0]!, length: firsts.at(-1)! + counts.at(-1)! - firsts[0]!};
}

/** Bytes of rows that are copied to the memory of the code at a time, so that it need not hold the largest picture. */
const bandBytes = 2 ** 20;

let code: ResizingCode | undefined;

function resize({width, data}: Picture, columns: Taps, rows: Taps): Uint8Array {
	const {start, length} = rowsOf(rows);
	const size = columns.firsts.length;
	const [stride, rowBytes] = [3 * width, 3 * size];
	const band = Math.min(length, Math.ceil(bandBytes / stride));
	code ??= new ResizingCode();
	code.clear();
	const columnsAt = [code.put(placesOf(columns, first => 3 * first)), code.put(columns.weights)] as const;
	const rowsAt = [code.put(placesOf(rows, first => (first - start) * rowBytes)), code.put(rows.weights)] as const;
	const [narrowed, result, input] = [code.take(length * rowBytes), code.take(size * rowBytes), code.take(band * stride)];
	for (let row = 0; row < length; row += band) {
		const count = Math.min(band, length - row);
		code.bytes.set(data.subarray((start + row) * stride, (start + row + count) * stride), input);
		code.functions.columns(input, narrowed + (row * rowBytes), count, stride, ...columnsAt, size);
	}

	code.functions.rows(narrowed, result, size, rowBytes, ...rowsAt, Math.ceil(rowBytes / vectorBytes));
	return code.bytes.slice(result, result + (size * rowBytes));
}

/** Per output where its first input is in bytes, and how many there are. */
function placesOf({firsts, counts}: Taps, placeOf: (first: number) => number): Int32Array {
	const places = new Int32Array(2 * firsts.length);
	for (const [output, first] of firsts.entries()) {
		places[2 * output] = placeOf(first);
		places[(2 * output) + 1] = counts[output]!;
	}

	return places;
}

/** The same picture in three equal colours. */
function inColour(grey: Uint8Array): Uint8Array {
	const colours = new Uint8Array(3 * grey.length);
	for (let index = 0; index < colours.length; index++) {
		colours[index] = grey[Math.trunc(index / 3)]!;
	}

	return colours;
}

/** As Python rounds. */
function roundHalfEven(value: number): number {
	const rounded = Math.round(value);
	return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
