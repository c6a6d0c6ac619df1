import sharp from 'sharp';
import {imageAt, type ImageSet} from '../artifacts/image-set.ts';

/** Rows of images, each an index into a set, or undefined for an empty place. */
export type SpriteLayout = ReadonlyArray<ReadonlyArray<{readonly set: ImageSet; readonly index: number} | undefined>>;

/** One picture that holds many small images. */
export type Sprite = {
	/** PNG as a data address. */
	readonly source: string;
	/** Size on the page in CSS pixels. */
	readonly width: number;
	readonly height: number;
	/** Whether one pixel of the picture covers several of the page, so that it should be drawn with hard edges. */
	readonly isEnlarged: boolean;
};

/** Smallest size of an image on the page, in CSS pixels. */
const minTileSize = 56;

/** Larger images are shrunk to this size, so that a page of photographs stays small. */
const maxTileSize = 128;

/** Room between two images, in CSS pixels. */
const gapSize = 4;

const bytesPerPixel = 4;

/**
 * Draws images side by side with transparent gaps. Images of 1 channel are grey, of 3 RGB. Equal inputs give equal bytes.
 * @throws {RangeError} when the images are not of one size, have another number of channels, or an index is outside its set.
 */
export async function drawSprite(layout: SpriteLayout): Promise<Sprite> {
	const first = layout.flat().find(tile => tile !== undefined);
	if (!first) {
		throw new RangeError('Expected at least one image for a sprite, got none');
	}

	const [, tileHeight, tileWidth, channels] = first.set.shape;
	const scale = Math.max(1, Math.round(minTileSize / Math.max(tileHeight, tileWidth)));
	// The gap is drawn at the size of the images' own pixels, so it must come out at about the same size after enlarging.
	const gap = Math.max(1, Math.round(gapSize / scale));
	const numColumns = Math.max(...layout.map(row => row.length));
	const width = (numColumns * (tileWidth + gap)) - gap;
	const height = (layout.length * (tileHeight + gap)) - gap;
	const pixels = new Uint8Array(width * height * bytesPerPixel);
	for (const [rowIndex, row] of layout.entries()) {
		for (const [columnIndex, tile] of row.entries()) {
			if (tile) {
				checkTile(tile, [tileHeight, tileWidth, channels]);
				copyTile(tile, pixels, {width, left: columnIndex * (tileWidth + gap), top: rowIndex * (tileHeight + gap)});
			}
		}
	}

	const shrink = Math.min(1, maxTileSize / Math.max(tileHeight, tileWidth));
	const size = {width: Math.round(width * scale * shrink), height: Math.round(height * scale * shrink)};
	const image = sharp(pixels, {raw: {width, height, channels: bytesPerPixel}});
	const png = await (shrink < 1 ? image.resize(size) : image)
		.png({compressionLevel: 9, adaptiveFiltering: true, palette: false})
		.toBuffer();
	return {source: `data:image/png;base64,${png.toString('base64')}`, ...size, isEnlarged: scale > 1};
}

function copyTile(
	{set, index}: {readonly set: ImageSet; readonly index: number},
	pixels: Uint8Array,
	{width, left, top}: {readonly width: number; readonly left: number; readonly top: number},
): void {
	const [, tileHeight, tileWidth, channels] = set.shape;
	const image = imageAt(set, index);
	let source = 0;
	for (let y = 0; y < tileHeight; y++) {
		let destination = (((top + y) * width) + left) * bytesPerPixel;
		for (let x = 0; x < tileWidth; x++) {
			for (let channel = 0; channel < 3; channel++) {
				pixels[destination + channel] = image[source + (channels === 1 ? 0 : channel)] ?? 0;
			}

			pixels[destination + 3] = 255;
			destination += bytesPerPixel;
			source += channels;
		}
	}
}

function checkTile({set, index}: {readonly set: ImageSet; readonly index: number}, expected: readonly [number, number, number]): void {
	const [count, ...size] = set.shape;
	if (size.join('×') !== expected.join('×')) {
		throw new RangeError(`Expected images of ${expected.join('×')}, as the first one, got ${size.join('×')}`);
	}

	if (size[2] !== 1 && size[2] !== 3) {
		throw new RangeError(`Expected images of 1 or 3 channels, got ${size[2]}`);
	}

	if (!Number.isInteger(index) || index < 0 || index >= count) {
		throw new RangeError(`Expected the index of one of ${count} images, got ${index}`);
	}
}
