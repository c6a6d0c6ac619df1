import type {RandomStream} from '../tensors/random.ts';

/** Which crops to draw. */
export type CropOptions = {
	/** Smallest and largest share of the image area, above 0 and at most 1, drawn uniformly. */
	readonly scale: readonly [min: number, max: number];
	/** Smallest and largest ratio of the crop's width to its height, relative to the image's, drawn log-uniformly; absent: always 1. */
	readonly aspect?: readonly [min: number, max: number];
	/** Probability of mirroring left and right, 0 to 1. */
	readonly flip: number;
};

/** Part of an axis, in pixels; it lies within the image. */
export type Window = {
	readonly offset: number;
	readonly size: number;
	/** Whether it is read backwards. */
	readonly mirrored: boolean;
	/** Whether it is cut out first, so that nothing outside is seen at its edges, as by torchvision; false when absent. */
	readonly isCut?: boolean;
};

/** A rectangle of an image that is resized to the whole image. */
export type Crop = {readonly rows: Window; readonly columns: Window};

/** For each output position, the two input positions it lies between and how far it is from the lower to the upper one, 0 to 1. */
export type Interpolation = {readonly lower: Int32Array; readonly upper: Int32Array; readonly fraction: Float64Array};

/**
 * Draws a crop of an image of this size. Unlike torchvision's `RandomResizedCrop`, which rounds sides and offsets, it need not begin or end at whole pixels: at
 * 32 × 32 a crop of 85 to 100 % of the area has three whole sides to choose from, and a resized crop of a continuous side is as well defined.
 */
export function drawCrop([height, width]: readonly [height: number, width: number], {scale, aspect, flip}: CropOptions, stream: RandomStream): Crop {
	const area = stream.uniform(...scale);
	const ratio = aspect ? Math.exp(stream.uniform(Math.log(aspect[0]), Math.log(aspect[1]))) : 1;
	const rowsSize = height * Math.min(1, Math.sqrt(area / ratio));
	const columnsSize = width * Math.min(1, Math.sqrt(area * ratio));
	return {
		rows: {offset: stream.uniform(0, height - rowsSize), size: rowsSize, mirrored: false},
		columns: {offset: stream.uniform(0, width - columnsSize), size: columnsSize, mirrored: stream.uniform() < flip},
	};
}

/**
 * Linear interpolation of a window to `length` positions; position i reads at offset + size·(i + ½)/length − ½, clamped to the image. Torchvision cuts first and
 * clamps to the window: there the outermost positions, less than half a pixel beyond the window, repeat its edge where these see the pixel outside unless it `isCut`.
 */
export function interpolate({offset, size, mirrored, isCut = false}: Window, length: number): Interpolation {
	const lower = new Int32Array(length);
	const upper = new Int32Array(length);
	const fraction = new Float64Array(length);
	const [first, last] = isCut ? [offset, offset + size - 1] : [0, length - 1];
	for (let position = 0; position < length; position++) {
		const source = mirrored ? length - 1 - position : position;
		const coordinate = Math.min(last, Math.max(first, offset + (size * (source + 0.5) / length) - 0.5));
		lower[position] = Math.floor(coordinate);
		upper[position] = Math.min(length - 1, lower[position]! + 1);
		fraction[position] = coordinate - lower[position]!;
	}

	return {lower, upper, fraction};
}
