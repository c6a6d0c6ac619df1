import type {Picture} from './image-folder/picture.ts';

/** Binary places of the weights, as Pillow counts with. */
const precisionBits = 22;

/** Which neighbouring inputs make up one output, and with which weights in fixed point. */
type Taps = {readonly first: number; readonly weights: Int32Array};

/**
 * Resizes a picture until its shorter side has `size` pixels and cuts the centre out: pixels [size, size, channels], bit for bit what torchvision's
 * `Resize(size)` and `CenterCrop(size)` make of an image of Pillow: a triangle filter as wide as the reduction, columns first, each pass rounded to 8 bits.
 * Struppek et al. 2024 prepare their photographs so.
 * @param options.channels with 3, a grey picture fills all of them; a picture in colour cannot become grey this way
 */
export function pillowSquare({width, height, channels: given, data}: Picture, {size, channels}: {readonly size: number; readonly channels: 1 | 3}): Uint8Array {
	if (given > channels) {
		throw new RangeError(`Expected a grey picture for ${channels} channel, got ${given} channels`);
	}

	const [newWidth, newHeight] = width <= height ? [size, Math.trunc((size * height) / width)] : [Math.trunc((size * width) / height), size];
	const columns = width === newWidth ? data : resizeColumns(data, {width, height, channels: given}, tapsOf(width, newWidth));
	const rows = height === newHeight ? columns : resizeRows(columns, newWidth * given, tapsOf(height, newHeight));
	const [left, top] = [roundHalfEven((newWidth - size) / 2), roundHalfEven((newHeight - size) / 2)];
	const square = new Uint8Array(size * size * channels);
	for (let y = 0, index = 0; y < size; y++) {
		for (let x = 0; x < size; x++) {
			const start = ((((top + y) * newWidth) + left + x) * given);
			for (let channel = 0; channel < channels; channel++) {
				square[index++] = rows[start + (given === 1 ? 0 : channel)]!;
			}
		}
	}

	return square;
}

function tapsOf(from: number, to: number): readonly Taps[] {
	const scale = from / to;
	const support = Math.max(scale, 1);
	return Array.from({length: to}, (_, output) => {
		const centre = (output + 0.5) * scale;
		const first = Math.max(0, Math.trunc(centre - support + 0.5));
		const end = Math.min(from, Math.trunc(centre + support + 0.5));
		const raw = Float64Array.from({length: end - first}, (_, tap) => Math.max(0, 1 - Math.abs((first + tap - centre + 0.5) / support)));
		const sum = raw.reduce((total, weight) => total + weight, 0);
		return {first, weights: Int32Array.from(raw, weight => Math.trunc(0.5 + ((weight / sum) * (2 ** precisionBits))))};
	});
}

function resizeColumns(data: Uint8Array, {width, height, channels}: Omit<Picture, 'data'>, taps: readonly Taps[]): Uint8Array {
	const result = new Uint8Array(height * taps.length * channels);
	for (let row = 0, index = 0; row < height; row++) {
		for (const {first, weights} of taps) {
			for (let channel = 0; channel < channels; channel++) {
				result[index++] = weighted(data, {weights, start: (((row * width) + first) * channels) + channel, stride: channels});
			}
		}
	}

	return result;
}

function resizeRows(data: Uint8Array, rowLength: number, taps: readonly Taps[]): Uint8Array {
	const result = new Uint8Array(taps.length * rowLength);
	let index = 0;
	for (const {first, weights} of taps) {
		for (let place = 0; place < rowLength; place++) {
			result[index++] = weighted(data, {weights, start: (first * rowLength) + place, stride: rowLength});
		}
	}

	return result;
}

function weighted(data: Uint8Array, {weights, start, stride}: {readonly weights: Int32Array; readonly start: number; readonly stride: number}): number {
	let sum = 2 ** (precisionBits - 1);
	for (let tap = 0, place = start; tap < weights.length; tap++, place += stride) {
		sum += weights[tap]! * data[place]!;
	}

	return Math.min(255, sum >> precisionBits);
}

/** As Python rounds. */
function roundHalfEven(value: number): number {
	const rounded = Math.round(value);
	return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
