import {type Crop, type Interpolation, interpolate} from './crop.ts';

/** [height, width, channels] of the images in an array, row-major, one after the other. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** Resizes a crop of one image to the image's size; both positions count images. */
export type Resampling = {
	readonly crop: Crop;
	readonly shape: ImageShape;
	readonly from: number;
	readonly to: number;
};

/** Writes the bilinear reading of a crop of image number `from` over image number `to`. */
export function resample(source: Float32Array | Uint8Array, target: Float32Array, resampling: Resampling): void {
	const [height, width, channels] = resampling.shape;
	const {rows, columns, first, second} = prepare(resampling);
	for (let row = 0; row < height; row++) {
		const above = first + (rows.lower[row]! * width * channels);
		const below = first + (rows.upper[row]! * width * channels);
		const down = rows.fraction[row]!;
		for (let column = 0; column < width; column++) {
			const left = columns.lower[column]! * channels;
			const right = columns.upper[column]! * channels;
			const along = columns.fraction[column]!;
			const start = second + (((row * width) + column) * channels);
			for (let channel = 0; channel < channels; channel++) {
				const top = source[above + left + channel]! + (along * (source[above + right + channel]! - source[above + left + channel]!));
				const bottom = source[below + left + channel]! + (along * (source[below + right + channel]! - source[below + left + channel]!));
				target[start + channel] = top + (down * (bottom - top));
			}
		}
	}
}

/** The transpose of `resample`: adds to image number `from` of `sourceGradient` what image number `to` of `targetGradient` says about it. */
export function resampleTransposed(targetGradient: Float32Array, sourceGradient: Float32Array, resampling: Resampling): void {
	const [height, width, channels] = resampling.shape;
	const {rows, columns, first, second} = prepare(resampling);
	for (let row = 0; row < height; row++) {
		const above = first + (rows.lower[row]! * width * channels);
		const below = first + (rows.upper[row]! * width * channels);
		const down = rows.fraction[row]!;
		for (let column = 0; column < width; column++) {
			const left = columns.lower[column]! * channels;
			const right = columns.upper[column]! * channels;
			const along = columns.fraction[column]!;
			const start = second + (((row * width) + column) * channels);
			for (let channel = 0; channel < channels; channel++) {
				const value = targetGradient[start + channel]!;
				const bottom = value * down;
				const top = value - bottom;
				sourceGradient[above + left + channel]! += top * (1 - along);
				sourceGradient[above + right + channel]! += top * along;
				sourceGradient[below + left + channel]! += bottom * (1 - along);
				sourceGradient[below + right + channel]! += bottom * along;
			}
		}
	}
}

function prepare({crop, shape: [height, width, channels], from, to}: Resampling): {rows: Interpolation; columns: Interpolation; first: number; second: number} {
	const size = height * width * channels;
	return {rows: interpolate(crop.rows, height), columns: interpolate(crop.columns, width), first: from * size, second: to * size};
}
