import {decodePnm, isPnm} from './pnm.ts';
import type {Picture} from './picture.ts';

/**
 * Decodes the bytes of an image file: upright according to its EXIF orientation, 8-bit sRGB, transparency on white, the
 * first frame of an animation. @throws when the bytes are damaged or of an unknown format, with the decoder's reason.
 */
export async function decodeImage(bytes: Uint8Array): Promise<Picture> {
	if (isPnm(bytes)) {
		return decodePnm(bytes);
	}

	// Loaded here, so that those who only draw their faces need no native image library.
	const {default: sharp} = await import('sharp');
	const {data, info} = await sharp(bytes, {failOn: 'warning'})
		.rotate()
		.flatten({background: '#fff'})
		.toColourspace('srgb')
		.raw()
		.toBuffer({resolveWithObject: true});
	const {width, height, channels} = info;
	if (channels !== 1 && channels !== 3) {
		throw new RangeError(`Internal error: expected 1 or 3 channels after flattening but there were ${channels}`);
	}

	return {
		width, height, channels, data,
	};
}
