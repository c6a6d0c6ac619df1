import type Sharp from 'sharp';
import {decodePnm, isPnm, pnmMaximum} from './image-folder/pnm.ts';
import type {Picture} from './image-folder/picture.ts';

/** Pillow refuses larger images as decompression bombs: twice 1 GiB / 4 / 3 pixels. */
const mostPixels = 178_956_970;

/** Formats that both decoders read; an SVG, say, is no photograph whatever its name. */
const formats = new Set(['jpeg', 'png', 'gif', 'tiff', 'webp']);

/** What the colours of a picture may be, and of which depth. Others would become something else here than in Pillow. */
const colours = new Map([['srgb', 'uchar'], ['b-w', 'uchar'], ['rgb16', 'ushort'], ['cmyk', 'uchar']]);

/**
 * Decodes the bytes of an image file to what Pillow's `Image.open(file).convert('RGB')` gives, byte for byte, as the authors of the published data sets' loaders
 * read them: not turned as its EXIF data say, colour profiles and transparency left out of account, inks mixed by Pillow's formula, the first frame of an animation.
 * Verified against Pillow 9.4 (`test/fixtures/pillow-decode.py`).
 * @throws when the bytes are damaged, or Pillow would not give a picture in colour of 8 bits, with the reason
 */
export async function decodeLikePillow(bytes: Uint8Array): Promise<Picture> {
	if (isPnm(bytes)) {
		const maximum = pnmMaximum(bytes);
		if (maximum !== 255) {
			throw new RangeError(`its values go up to ${maximum}, which decoders scale differently; convert it to 8 bits per colour`);
		}

		return decodePnm(bytes);
	}

	if (bytes.length === 0) {
		throw new RangeError('the file is empty');
	}

	const {default: sharp} = await import('sharp');
	const space = isPlain(bytes) ? undefined : await checkedSpace(bytes, sharp);
	const image = sharp(bytes, {failOn: 'error', ignoreIcc: true, limitInputPixels: mostPixels});
	const decoded = space === 'cmyk' ? image.pipelineColourspace('cmyk').toColourspace('cmyk') : image.removeAlpha().toColourspace('srgb');
	const {data, info: {width, height, channels}} = await decoded.raw().toBuffer({resolveWithObject: true});
	if (channels === 4) {
		return {width, height, channels: 3, data: mixInks(data)};
	}

	if (channels !== 1 && channels !== 3) {
		throw new RangeError(`Internal error: expected 1, 3 or 4 channels but there were ${channels}`);
	}

	return {width, height, channels, data};
}

/**
 * Whether this is a JPEG file in grey or three colours, or a PNG file, of 8 bits and no bomb, as most photographs are: then the library need not be asked before it
 * decodes, which takes it a good part of the time of a small image.
 */
function isPlain(bytes: Uint8Array): boolean {
	if (bytes.length < 32) {
		return false;
	}

	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	return isPlainPng(view) || isPlainJpeg(view);
}

function isPlainPng(view: DataView): boolean {
	return view.getUint32(0) === 0x89_50_4E_47 && view.getUint32(12) === 0x49_48_44_52 && view.getUint32(16) * view.getUint32(20) <= mostPixels && view.getUint8(24) === 8;
}

function isPlainJpeg(view: DataView): boolean {
	if (view.getUint16(0) !== 0xFF_D8) {
		return false;
	}

	for (let at = 2; at + 10 <= view.byteLength; at += 2 + view.getUint16(at + 2)) {
		const marker = view.getUint16(at);
		// The header of a baseline, extended or progressive frame.
		if (marker >= 0xFF_C0 && marker <= 0xFF_C2) {
			const channels = view.getUint8(at + 9);
			return view.getUint8(at + 4) === 8 && view.getUint16(at + 5) * view.getUint16(at + 7) <= mostPixels && (channels === 1 || channels === 3);
		}
	}

	return false;
}

/** @returns the colours of the picture. @throws {RangeError} when they are others than Pillow would give, or there are too many pixels */
async function checkedSpace(bytes: Uint8Array, sharp: typeof Sharp): Promise<string> {
	// The header alone is read here, so its size may be anything.
	const {format, space = 'unknown', depth = 'unknown', width, height} = await sharp(bytes, {limitInputPixels: false}).metadata();
	if (!formats.has(format)) {
		throw new RangeError(`${format} images cannot be read; convert it to PNG`);
	}

	if (width * height > mostPixels) {
		throw new RangeError(`${width}×${height} pixels are more than the ${mostPixels} that are read`);
	}

	if (colours.get(space) !== depth) {
		throw new RangeError(`its colours are ${space} of type ${depth}; convert it to RGB or grey of 8 bits`);
	}

	return space;
}

/** Cyan, magenta, yellow and black as red, green and blue, as Pillow mixes them: what black leaves of the light, less that share of the ink. */
function mixInks(inks: Uint8Array): Uint8Array {
	const pixels = new Uint8Array(inks.length / 4 * 3);
	for (let ink = 0, place = 0; ink < inks.length; ink += 4) {
		const light = 255 - inks[ink + 3]!;
		for (let channel = 0; channel < 3; channel++) {
			pixels[place++] = Math.max(0, light - product(inks[ink + channel]!, light));
		}
	}

	return pixels;
}

/** The product of two shares of 255, rounded as Pillow does. */
function product(a: number, b: number): number {
	const scaled = (a * b) + 128;
	return ((scaled >> 8) + scaled) >> 8;
}
