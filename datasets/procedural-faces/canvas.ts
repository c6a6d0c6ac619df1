import {clamp, type Colour} from './colour.ts';
import type {Pose} from './nuisance.ts';

/** How much of a pixel a shape covers, 0–1, by the pixel centre's place in face coordinates. */
export type Mask = (x: number, y: number) => number;

/** Writes a colour that depends on the place into `colour`. */
export type Shader = (x: number, y: number, colour: Float64Array) => void;

/** A disc in face coordinates outside which a mask is zero; pixels outside are not visited. */
export type Region = {readonly x: number; readonly y: number; readonly radius: number};

/** Pixels around a region that a soft outline may still touch; distances of flat ellipses run short at an angle. */
const marginPixels = 3;

/** A square RGB image painted in face coordinates: origin at the head's centre, x right, y down, turned and scaled with the pose. */
export class Canvas {
	readonly size: number;
	/** Width of a pixel in image coordinates, which span (−1, 1). */
	readonly pixel: number;
	/** Row-major [size, size, 3]. */
	readonly rgb: Float64Array;
	readonly #pose: Pose;
	/** Face coordinates of each pixel centre. */
	readonly #x: Float64Array;
	readonly #y: Float64Array;

	constructor(pixelsPerSide: number, pose: Pose) {
		const size = pixelsPerSide;
		this.size = size;
		this.pixel = 2 / size;
		this.rgb = new Float64Array(size * size * 3);
		this.#pose = pose;
		this.#x = new Float64Array(size * size);
		this.#y = new Float64Array(size * size);
		const cos = Math.cos(pose.rotation) / pose.scale;
		const sin = Math.sin(pose.rotation) / pose.scale;
		for (let row = 0, index = 0; row < size; row++) {
			const v = this.imageCoordinate(row) - pose.shiftY;
			for (let column = 0; column < size; column++, index++) {
				const u = this.imageCoordinate(column) - pose.shiftX;
				this.#x[index] = (cos * u) + (sin * v);
				this.#y[index] = (cos * v) - (sin * u);
			}
		}
	}

	/** Place of a row's or column's centre in the image, in (−1, 1). */
	imageCoordinate(index: number): number {
		return ((index + 0.5) * this.pixel) - 1;
	}

	/** Coverage of a pixel whose centre is at `distance` from an outline; the edge is `softness` pixels wide. */
	cover(distance: number, softness = 1): number {
		return clamp(0.5 - (distance / (this.pixel * softness)), 0, 1);
	}

	/** Replaces each pixel by image · (1 − mask) + colour · mask. */
	paint(colour: Colour | Shader, mask: Mask, region?: Region): void {
		const {size, rgb} = this;
		const [shade, fixed] = typeof colour === 'function' ? [colour] : [undefined, colour];
		const current = new Float64Array(3);
		current.set(fixed ?? []);
		const {top, bottom, left, right} = this.#bounds(region);
		for (let row = top; row <= bottom; row++) {
			for (let column = left; column <= right; column++) {
				const index = (row * size) + column;
				const x = this.#x[index]!;
				const y = this.#y[index]!;
				const share = mask(x, y);
				if (share === 0) {
					continue;
				}

				shade?.(x, y, current);
				for (let channel = 0; channel < 3; channel++) {
					const value = rgb[(index * 3) + channel]!;
					rgb[(index * 3) + channel] = (value * (1 - share)) + (current[channel]! * share);
				}
			}
		}
	}

	#bounds(region: Region | undefined): {top: number; bottom: number; left: number; right: number} {
		const last = this.size - 1;
		if (region === undefined) {
			return {
				top: 0, bottom: last, left: 0, right: last,
			};
		}

		const {shiftX, shiftY, rotation, scale} = this.#pose;
		const cos = Math.cos(rotation) * scale;
		const sin = Math.sin(rotation) * scale;
		const column = (((cos * region.x) - (sin * region.y) + shiftX + 1) / this.pixel) - 0.5;
		const row = (((sin * region.x) + (cos * region.y) + shiftY + 1) / this.pixel) - 0.5;
		const reach = (region.radius * scale / this.pixel) + marginPixels;
		return {
			top: Math.max(0, Math.ceil(row - reach)),
			bottom: Math.min(last, Math.floor(row + reach)),
			left: Math.max(0, Math.ceil(column - reach)),
			right: Math.min(last, Math.floor(column + reach)),
		};
	}
}
