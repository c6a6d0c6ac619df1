import {createHash} from 'node:crypto';
import {isPnm} from '../image-folder/pnm.ts';
import {reasonOf} from '../load-images.ts';
import type {Source} from './source.ts';

/** What is known of one file. */
export type InspectedImage = {
	/** SHA-256 of the file's bytes, in hex. */
	readonly sha256: string;
	/** Absent when the image cannot be used. */
	readonly picture?: {
		readonly width: number;
		readonly height: number;
		/** Format and colours, such as `JPEG, colour` or `PNG, grey with transparency`. */
		readonly kind: string;
		/** Whether its EXIF data say that it has to be turned. */
		readonly isTurned: boolean;
		/** Whether it has a colour profile. */
		readonly hasProfile: boolean;
	};
	/** Why it cannot be used. */
	readonly reason?: string;
};

/** Reads an image as a run would, and looks at what it is. */
export async function inspectImage(bytes: Uint8Array, {decode, check}: Pick<Source, 'decode' | 'check'>): Promise<InspectedImage> {
	const sha256 = createHash('sha256').update(bytes).digest('hex');
	try {
		const picture = await decode(bytes);
		check?.(picture);
		return {sha256, picture: {width: picture.width, height: picture.height, ...await look(bytes, picture.channels)}};
	} catch (error) {
		return {sha256, reason: reasonOf(error)};
	}
}

const spaces: Readonly<Record<string, string>> = {srgb: 'colour', rgb16: 'colour', 'b-w': 'grey', grey16: 'grey', cmyk: 'inks (CMYK)'};

async function look(bytes: Uint8Array, channels: 1 | 3): Promise<{kind: string; isTurned: boolean; hasProfile: boolean}> {
	if (isPnm(bytes)) {
		return {kind: channels === 1 ? 'PGM, grey' : 'PPM, colour', isTurned: false, hasProfile: false};
	}

	const {default: sharp} = await import('sharp');
	const {format, space, depth, hasAlpha, isPalette, pages = 1, orientation = 1, hasProfile} = await sharp(bytes, {limitInputPixels: false}).metadata();
	const kind = [
		`${format.toUpperCase()}, ${spaces[space] ?? space}`,
		...(depth === 'uchar' ? [] : [depth === 'ushort' ? 'of 16 bits' : `of type ${depth}`]),
		...(isPalette ? ['from a palette'] : []),
		...(hasAlpha ? ['with transparency'] : []),
		...(pages > 1 ? ['of several frames'] : []),
	].join(' ');
	return {kind, isTurned: orientation > 1, hasProfile};
}
