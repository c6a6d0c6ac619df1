import {Buffer} from 'node:buffer';
import {inflateSync} from 'node:zlib';
import test from 'ava';
import {decodeImage} from '../../datasets/image-folder/decode-image.ts';
import {decodeLikePillow} from '../../datasets/decode-like-pillow.ts';
import {fixture} from '../helpers/tensors.ts';

/** A file and what Pillow makes of it; nothing where it refuses. */
type Case = {readonly file: string; readonly width?: number; readonly height?: number; readonly pixels?: string};

const cases = fixture<Readonly<Record<string, Case>>>('pillow-decode.json');
const bytesOf = (name: string) => Buffer.from(cases[name]!.file, 'base64');

/** Pillow reads them, but not as what they are: grey beyond 255 becomes white, shares of white nearly black. Or the two decoders differ. */
const refused: Readonly<Record<string, string>> = {
	'grey-of-16-bits.png': 'its colours are grey16 of type ushort; convert it to RGB or grey of 8 bits',
	'grey-of-16-bits.tif': 'its colours are grey16 of type ushort; convert it to RGB or grey of 8 bits',
	'floats.tif': 'its colours are b-w of type float; convert it to RGB or grey of 8 bits',
	'lab.tif': 'its colours are lab of type uchar; convert it to RGB or grey of 8 bits',
};

/** What Pillow refuses, and the reason that is given here. */
const reasons: Readonly<Record<string, RegExp>> = {
	'half.jpg': /premature end of JPEG image/,
	'without-end.jpg': /premature end of JPEG image/,
	'two-thirds.png': /end of stream/,
	'damaged.png': /IDAT stream error/,
	'empty.jpg': /^the file is empty$/,
	'text.jpg': /unsupported image format/,
	'drawing.jpg': /^svg images cannot be read; convert it to PNG$/,
	'bomb.png': /^60{4}×60{4} pixels are more than the 178956970 that are read$/,
};

// Serial, because the decoder's messages share one buffer between images decoded at a time.
for (const [name, {width, height, pixels}] of Object.entries(cases)) {
	if (name in refused) {
		test.serial(`${name} is refused, with what to do`, async t => {
			await t.throwsAsync(decodeLikePillow(bytesOf(name)), {message: refused[name]!});
		});
	} else if (pixels === undefined) {
		test.serial(`${name} is refused, as by Pillow`, async t => {
			await t.throwsAsync(decodeLikePillow(bytesOf(name)), {message: reasons[name]!});
		});
	} else {
		test.serial(`${name} has the very pixels that Pillow gives`, async t => {
			const picture = await decodeLikePillow(bytesOf(name));
			t.deepEqual([picture.width, picture.height], [width, height]);
			const colours = picture.channels === 3 ? picture.data : Uint8Array.from({length: 3 * picture.data.length}, (_, index) => picture.data[Math.trunc(index / 3)]!);
			t.deepEqual(Buffer.from(colours), inflateSync(Buffer.from(pixels, 'base64')));
		});
	}
}

test.serial('a greymap whose white is not 255 is refused', async t => {
	await t.throwsAsync(decodeLikePillow(Buffer.from('P2 1 1 15 3')), {instanceOf: RangeError, message: 'its values go up to 15, which decoders scale differently; convert it to 8 bits per colour'});
});

for (const name of ['grey-of-16-bits.png', 'lab.tif', 'inks.jpg', 'palette-with-alpha.png', 'one-pixel.png', 'wide.png']) {
	test.serial(`as a photograph in a folder, ${name} is read`, async t => {
		const {width, height, channels, data} = await decodeImage(bytesOf(name));
		t.is(data.length, width * height * channels);
	});
}

for (const name of ['half.jpg', 'empty.jpg', 'text.jpg', 'bomb.png', 'damaged.png']) {
	test.serial(`as a photograph in a folder, ${name} is refused`, async t => {
		await t.throwsAsync(decodeImage(bytesOf(name)));
	});
}
