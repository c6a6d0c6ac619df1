import type {RandomStream} from '../tensors/random.ts';
import type {PixelWindow} from '../tensors/resize.ts';
import type {CropOptions} from './crop.ts';

/** Draws before giving up on the wanted proportions. */
const attempts = 10;

/**
 * Draws a crop of whole pixels as torchvision's `RandomResizedCrop` does, and whether it is mirrored: area and proportions first, then, if that fits,
 * the place; after ten that do not fit, the largest centred crop of allowed proportions.
 */
export function drawWholeCrop([height, width]: readonly [height: number, width: number], {scale, aspect = [1, 1], flip}: CropOptions, stream: RandomStream): PixelWindow {
	const [rows, columns] = drawRectangle([height, width], {scale, aspect}, stream);
	return {rows: {...rows, mirrored: false}, columns: {...columns, mirrored: stream.uniform() < flip}};
}

type Range = {readonly offset: number; readonly size: number};

function drawRectangle([height, width]: readonly [height: number, width: number], {scale, aspect}: Required<Pick<CropOptions, 'scale' | 'aspect'>>, stream: RandomStream): readonly [Range, Range] {
	for (let attempt = 0; attempt < attempts; attempt++) {
		const area = height * width * stream.uniform(...scale);
		const ratio = Math.exp(stream.uniform(Math.log(aspect[0]), Math.log(aspect[1])));
		const columns = Math.round(Math.sqrt(area * ratio));
		const rows = Math.round(Math.sqrt(area / ratio));
		if (columns > 0 && columns <= width && rows > 0 && rows <= height) {
			return [{offset: stream.integer(height - rows + 1), size: rows}, {offset: stream.integer(width - columns + 1), size: columns}];
		}
	}

	const ratio = Math.min(Math.max(width / height, aspect[0]), aspect[1]);
	return [centred(Math.min(height, Math.round(width / ratio)), height), centred(Math.min(width, Math.round(height * ratio)), width)];
}

function centred(size: number, length: number): Range {
	return {offset: Math.floor((length - size) / 2), size};
}
