import {imageAt, type ImageSet} from '../artifacts/image-set.ts';
import type {RandomStream} from '../tensors/random.ts';

/** How far a copy may be moved, as a share of the image size, and how much its brightness may change. */
const limits = {shift: 0.06, zoom: 0.08, gain: 0.15};

/** Images to be mixed are moved by this share of the limits: where faces lie further apart, a blend shows every feature twice. */
const mixedReach = 0.5;

/** Width of the soft edge between two mixed images and how far it may lie from the centre, as shares of half the image size. */
const seam = {softness: [0.1, 0.5], offset: 0.5} as const;

/** How many copies of each image to add. */
export type CopyCounts = {
	/** Moved, zoomed, mirrored and brightened. */
	readonly moved: number;
	/** Moved likewise, but half as far, and mixed with another image of the set, which is moved too. */
	readonly mixed?: number | undefined;
};

/**
 * The images in [0, 1], each followed by randomly moved, zoomed, mirrored and brightened copies, then by mixed ones; for public splits that are too
 * small to show a prior what faces may look like. Half of the mixed copies are blends in one random proportion all over (mixup, Zhang et al. 2018),
 * half join two images along a soft edge of random direction, which yields faces with the hair of one person and the chin of another.
 * @returns row-major [count · (1 + copies), height, width, channels]
 */
export function enlarged(set: ImageSet, {moved: movedCopies, mixed: mixedCopies = 0}: CopyCounts, stream: RandomStream): Float32Array {
	const [count, height, width, channels] = set.shape;
	const size = height * width * channels;
	const rows = 1 + movedCopies + mixedCopies;
	const result = new Float32Array(count * rows * size);
	const other = new Float32Array(size);
	for (let index = 0; index < count; index++) {
		const image = imageAt(set, index);
		const copyAt = (row: number) => result.subarray(((index * rows) + row) * size, ((index * rows) + row + 1) * size);
		copyAt(0).set(Float32Array.from(image, value => value / 255));
		const move: Move = {height, width, channels, stream: stream.split(`image ${index}`)};
		for (let copy = 1; copy < rows; copy++) {
			if (copy <= movedCopies) {
				moved(copyAt(copy), image, move);
			} else {
				moved(copyAt(copy), image, move, mixedReach);
				moved(other, imageAt(set, move.stream.integer(count)), move, mixedReach);
				mixIn(copyAt(copy), other, move);
			}
		}
	}

	return result;
}

/** Replaces a random part of the target, or a random proportion of all of it, by the other image. */
function mixIn(target: Float32Array, other: Float32Array, {height, width, channels, stream}: Move): void {
	const share = stream.uniform() < 0.5 ? evenly(stream) : alongEdge(stream);
	for (let row = 0; row < height; row++) {
		for (let column = 0; column < width; column++) {
			const weight = share((((column + 0.5) / width) * 2) - 1, (((row + 0.5) / height) * 2) - 1);
			for (let channel = 0; channel < channels; channel++) {
				const offset = (((row * width) + column) * channels) + channel;
				target[offset] = (target[offset]! * (1 - weight)) + (other[offset]! * weight);
			}
		}
	}
}

/** Weight of the other image at a place with coordinates in (−1, 1). */
type Share = (x: number, y: number) => number;

function evenly(stream: RandomStream): Share {
	const weight = stream.uniform();
	return () => weight;
}

function alongEdge(stream: RandomStream): Share {
	const angle = stream.uniform(0, 2 * Math.PI);
	const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
	const offset = stream.uniform(-seam.offset, seam.offset);
	const softness = stream.uniform(...seam.softness);
	return (x, y) => 1 / (1 + Math.exp(-((x * cos) + (y * sin) + offset) / softness));
}

type Move = {readonly height: number; readonly width: number; readonly channels: number; readonly stream: RandomStream};

/** Bilinear interpolation of a randomly moved image; outside, its edge continues. */
function moved(target: Float32Array, image: Uint8Array, {height, width, channels, stream}: Move, reach = 1): void {
	const zoom = Math.exp(stream.uniform(-limits.zoom, limits.zoom) * reach);
	const shiftX = stream.uniform(-limits.shift, limits.shift) * reach * width;
	const shiftY = stream.uniform(-limits.shift, limits.shift) * reach * height;
	const sign = stream.uniform() < 0.5 ? -1 : 1;
	const gain = Math.exp(stream.uniform(-limits.gain, limits.gain)) / 255;
	const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
	for (let row = 0; row < height; row++) {
		const y = clamp(((row - centreY) * zoom) + centreY + shiftY, height - 1);
		const [top, down] = [Math.floor(y), y - Math.floor(y)];
		const below = Math.min(top + 1, height - 1);
		for (let column = 0; column < width; column++) {
			const x = clamp(((column - centreX) * zoom * sign) + centreX + shiftX, width - 1);
			const [left, right] = [Math.floor(x), x - Math.floor(x)];
			const beside = Math.min(left + 1, width - 1);
			for (let channel = 0; channel < channels; channel++) {
				const at = (line: number, place: number) => image[(((line * width) + place) * channels) + channel]!;
				const upper = (at(top, left) * (1 - right)) + (at(top, beside) * right);
				const lower = (at(below, left) * (1 - right)) + (at(below, beside) * right);
				target[(((row * width) + column) * channels) + channel] = Math.min(1, gain * ((upper * (1 - down)) + (lower * down)));
			}
		}
	}
}

function clamp(value: number, high: number): number {
	return Math.min(Math.max(value, 0), high);
}
