import type {Picture} from './image-folder/picture.ts';

/** Binary places of the weights, as Pillow counts with. */
const precisionBits = 22;

/** A weight of one. */
const unit = 2 ** precisionBits;

/** Added to sums, so that cutting them off rounds them. They stay below 2³¹: the weights of an output add up to 2²², give or take their rounding. */
const half = unit / 2;

/** Which neighbouring inputs make up each of some outputs, and with which weights in fixed point. */
type Taps = {
	/** Per output the first input. */
	readonly firsts: Int32Array;
	/** Per output where its weights begin; one more entry says where the last ones end. */
	readonly starts: Int32Array;
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

	const [newWidth, newHeight] = width <= height ? [size, Math.trunc((size * height) / width)] : [Math.trunc((size * width) / height), size];
	const centre = (length: number): Window => ({start: roundHalfEven((length - size) / 2), length: size});
	const columns = tapsOf(width, newWidth, centre(newWidth));
	const rows = tapsOf(height, newHeight, centre(newHeight));
	const resized = resizeRows((given === 3 ? resizeColour : resizeGrey)(picture, columns, rowsOf(rows)), size * given, rows);
	return given === channels ? resized : repeat(resized, channels);
}

/** Pixels [rows, columns, channels], of which some rows were left out. */
type Rows = {readonly data: Uint8Array; readonly firstRow: number};

function tapsOf(from: number, to: number, {start, length}: Window): Taps {
	const scale = from / to;
	// Pillow leaves out a pass that changes no size.
	const support = from === to ? 0.5 : Math.max(scale, 1);
	const raw = new Float64Array(Math.ceil(2 * support) + 1);
	const firsts = new Int32Array(length);
	const starts = new Int32Array(length + 1);
	const weights = new Int32Array(length * raw.length);
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
			weights[starts[place]! + tap] = Math.trunc(0.5 + ((raw[tap]! / sum) * unit));
		}

		firsts[place] = first;
		starts[place + 1] = starts[place]! + count;
	}

	return {firsts, starts, weights};
}

/** The input rows that any output needs: firsts never fall. */
function rowsOf({firsts, starts}: Taps): Window {
	const last = firsts.length - 1;
	const start = firsts[0]!;
	return {start, length: firsts[last]! + starts[last + 1]! - starts[last]! - start};
}

function resizeColour({width, data}: Picture, {firsts, starts, weights}: Taps, rows: Window): Rows {
	const result = new Uint8Array(rows.length * firsts.length * 3);
	for (let row = 0, index = 0; row < rows.length; row++) {
		const rowStart = (rows.start + row) * width * 3;
		for (let place = 0, tap = 0; place < firsts.length; place++, index += 3) {
			const end = starts[place + 1]!;
			let input = rowStart + (firsts[place]! * 3);
			let red = half;
			let green = half;
			let blue = half;
			for (; tap < end; tap++, input += 3) {
				const weight = weights[tap]!;
				red += Math.imul(weight, data[input]!);
				green += Math.imul(weight, data[input + 1]!);
				blue += Math.imul(weight, data[input + 2]!);
			}

			result[index] = Math.min(255, red >> precisionBits);
			result[index + 1] = Math.min(255, green >> precisionBits);
			result[index + 2] = Math.min(255, blue >> precisionBits);
		}
	}

	return {data: result, firstRow: rows.start};
}

function resizeGrey({width, data}: Picture, {firsts, starts, weights}: Taps, rows: Window): Rows {
	const result = new Uint8Array(rows.length * firsts.length);
	for (let row = 0, index = 0; row < rows.length; row++) {
		const rowStart = (rows.start + row) * width;
		for (let place = 0, tap = 0; place < firsts.length; place++, index++) {
			const end = starts[place + 1]!;
			let input = rowStart + firsts[place]!;
			let grey = half;
			for (; tap < end; tap++, input++) {
				grey += Math.imul(weights[tap]!, data[input]!);
			}

			result[index] = Math.min(255, grey >> precisionBits);
		}
	}

	return {data: result, firstRow: rows.start};
}

function resizeRows({data, firstRow}: Rows, rowLength: number, {firsts, starts, weights}: Taps): Uint8Array {
	const result = new Uint8Array(firsts.length * rowLength);
	const sums = new Int32Array(rowLength);
	for (const [row, first] of firsts.entries()) {
		const last = starts[row + 1]! - 1;
		let tap = starts[row]!;
		let input = (first - firstRow) * rowLength;
		sums.fill(half);
		// Row by row, as they lie in memory. Two at a time halve the passes over the sums, and often there are no more.
		for (; tap + 1 < last; tap += 2, input += 2 * rowLength) {
			const [weight, nextWeight] = [weights[tap]!, weights[tap + 1]!];
			for (let place = 0, at = input; place < rowLength; place++, at++) {
				sums[place] = sums[place]! + Math.imul(weight, data[at]!) + Math.imul(nextWeight, data[at + rowLength]!);
			}
		}

		// Of an odd number of rows, the last one counts twice, once with no weight.
		const [weight, lastWeight] = [tap < last ? weights[tap]! : 0, weights[last]!];
		const lastInput = tap < last ? input + rowLength : input;
		for (let place = 0, index = row * rowLength; place < rowLength; place++, index++) {
			const sum = sums[place]! + Math.imul(weight, data[input + place]!) + Math.imul(lastWeight, data[lastInput + place]!);
			result[index] = Math.min(255, sum >> precisionBits);
		}
	}

	return result;
}

/** A grey picture in colour. */
function repeat(grey: Uint8Array, channels: number): Uint8Array {
	const result = new Uint8Array(grey.length * channels);
	for (let index = 0; index < result.length; index++) {
		result[index] = grey[Math.trunc(index / channels)]!;
	}

	return result;
}

/** As Python rounds. */
function roundHalfEven(value: number): number {
	const rounded = Math.round(value);
	return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
