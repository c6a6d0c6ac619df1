import type {Picture} from './image-folder/picture.ts';

/** Binary places of the weights, as Pillow counts with. */
const precisionBits = 22;

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
	const vertical = tapsOf(height, newHeight, centre(newHeight));
	const resized = resizeRows(resizeColumns(picture, tapsOf(width, newWidth, centre(newWidth)), rowsOf(vertical)), size * given, vertical);
	return given === channels ? resized : Uint8Array.from({length: size * size * channels}, (_, index) => resized[Math.trunc(index / channels)]!);
}

/** Pixels [rows, columns, channels], of which some rows were left out. */
type Rows = {readonly data: Uint8Array; readonly firstRow: number};

function tapsOf(from: number, to: number, {start, length}: Window): Taps {
	const scale = from / to;
	// Pillow leaves out a pass that changes no size.
	const support = from === to ? 0.5 : Math.max(scale, 1);
	const firsts = new Int32Array(length);
	const starts = new Int32Array(length + 1);
	const weights: number[] = [];
	for (let place = 0; place < length; place++) {
		const centre = (start + place + 0.5) * scale;
		const first = Math.max(0, Math.trunc(centre - support + 0.5));
		const end = Math.min(from, Math.trunc(centre + support + 0.5));
		const raw = Float64Array.from({length: end - first}, (_, tap) => Math.max(0, 1 - Math.abs((first + tap - centre + 0.5) / support)));
		const sum = raw.reduce((total, weight) => total + weight, 0);
		firsts[place] = first;
		for (const weight of raw) {
			weights.push(Math.trunc(0.5 + ((weight / sum) * (2 ** precisionBits))));
		}

		starts[place + 1] = weights.length;
	}

	return {firsts, starts, weights: Int32Array.from(weights)};
}

/** The input rows that any output needs: firsts never fall. */
function rowsOf({firsts, starts}: Taps): Window {
	const last = firsts.length - 1;
	const start = firsts[0]!;
	return {start, length: firsts[last]! + starts[last + 1]! - starts[last]! - start};
}

function resizeColumns({width, channels, data}: Picture, {firsts, starts, weights}: Taps, rows: Window): Rows {
	const result = new Uint8Array(rows.length * firsts.length * channels);
	for (let row = 0, index = 0; row < rows.length; row++) {
		const rowStart = (rows.start + row) * width * channels;
		// eslint-disable-next-line unicorn/no-for-loop -- entries() would make an array per pixel
		for (let place = 0; place < firsts.length; place++) {
			for (let channel = 0; channel < channels; channel++, index++) {
				const end = starts[place + 1]!;
				let input = rowStart + (firsts[place]! * channels) + channel;
				let sum = half;
				// The sum stays below 2³¹: the weights add up to 2²², give or take their rounding.
				for (let tap = starts[place]!; tap < end; tap++, input += channels) {
					sum += Math.imul(weights[tap]!, data[input]!);
				}

				result[index] = Math.min(255, sum >> precisionBits);
			}
		}
	}

	return {data: result, firstRow: rows.start};
}

const half = 2 ** (precisionBits - 1);

function resizeRows({data, firstRow}: Rows, rowLength: number, {firsts, starts, weights}: Taps): Uint8Array {
	const result = new Uint8Array(firsts.length * rowLength);
	const sums = new Int32Array(rowLength);
	for (const [row, first] of firsts.entries()) {
		sums.fill(half);
		let input = (first - firstRow) * rowLength;
		// Row by row, as they lie in memory.
		for (let tap = starts[row]!; tap < starts[row + 1]!; tap++) {
			const weight = weights[tap]!;
			for (let place = 0; place < rowLength; place++, input++) {
				sums[place] = sums[place]! + Math.imul(weight, data[input]!);
			}
		}

		for (let place = 0; place < rowLength; place++) {
			result[(row * rowLength) + place] = Math.min(255, sums[place]! >> precisionBits);
		}
	}

	return result;
}

/** As Python rounds. */
function roundHalfEven(value: number): number {
	const rounded = Math.round(value);
	return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
