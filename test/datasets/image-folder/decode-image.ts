import {Buffer} from 'node:buffer';
import test from 'ava';
import sharp from 'sharp';
import {decodeImage} from '../../../datasets/image-folder/decode-image.ts';

/** 2×1 pixels: left red, right blue. */
const redAndBlue = Buffer.from([255, 0, 0, 0, 0, 255]);
const drawing = () => sharp(redAndBlue, {raw: {width: 2, height: 1, channels: 3}});

test('a PNG keeps its pixels', async t => {
	const {width, height, channels, data} = await decodeImage(await drawing().png().toBuffer());
	t.deepEqual([width, height, channels], [2, 1, 3]);
	t.deepEqual([...data], [...redAndBlue]);
});

test('EXIF orientation is applied', async t => {
	// Orientation 6: the camera was turned, so the first row is the right-hand side of the upright image.
	const bytes = await drawing().withMetadata({orientation: 6}).png().toBuffer();
	const {width, height, data} = await decodeImage(bytes);
	t.deepEqual([width, height], [1, 2]);
	t.deepEqual([...data], [...redAndBlue]);
});

test('EXIF orientation may turn an image upside down', async t => {
	const bytes = await drawing().withMetadata({orientation: 3}).png().toBuffer();
	const {data} = await decodeImage(bytes);
	t.deepEqual([...data], [0, 0, 255, 255, 0, 0]);
});

test('transparency lies on white', async t => {
	const bytes = await sharp(Buffer.from([10, 20, 30, 0]), {raw: {width: 1, height: 1, channels: 4}}).png().toBuffer();
	const {data} = await decodeImage(bytes);
	t.deepEqual([...new Set(data)], [255]);
});

test('a 16-bit PNG becomes 8 bits', async t => {
	const bytes = await sharp(Uint16Array.of(0, 0x80_80, 0xFF_FF), {
		raw: {
			width: 1, height: 1, channels: 3, depth: 'ushort',
		},
	} as sharp.SharpOptions)
		.toColourspace('rgb16').png().toBuffer();
	const metadata = await sharp(bytes).metadata();
	t.is(metadata.depth, 'ushort');
	const {data} = await decodeImage(bytes);
	t.deepEqual([...data], [0, 0x80, 0xFF]);
});

test('a grey PNG keeps its values', async t => {
	const bytes = await sharp(Buffer.from([7, 200]), {raw: {width: 2, height: 1, channels: 1}}).toColourspace('b-w').png().toBuffer();
	const {data, channels} = await decodeImage(bytes);
	t.deepEqual([...new Set(data)], [7, 200]);
	t.is(data.length, 2 * channels);
});

for (const format of ['jpeg', 'webp', 'tiff', 'gif', 'avif'] as const) {
	test(`${format} images are read`, async t => {
		const {width, height} = await decodeImage(await drawing().toFormat(format).toBuffer());
		t.deepEqual([width, height], [2, 1]);
	});
}

test('a portable greymap is read without the native library', async t => {
	t.deepEqual(await decodeImage(Buffer.from('P2 1 1 255 9')), {
		width: 1, height: 1, channels: 1, data: Uint8Array.of(9),
	});
});

// Serial, because the decoder's messages share one buffer between images decoded at a time.
test.serial('a truncated JPEG is damaged', async t => {
	const pixels = Buffer.from(Array.from({length: 64 * 64 * 3}, (_, index) => (index * 7919) % 256));
	const bytes = await sharp(pixels, {raw: {width: 64, height: 64, channels: 3}}).jpeg().toBuffer();
	await t.throwsAsync(decodeImage(bytes.subarray(0, bytes.length / 2)), {message: /premature end/iu});
});

test.serial('text is no image', async t => {
	await t.throwsAsync(decodeImage(Buffer.from('not an image')), {message: 'Input buffer contains unsupported image format'});
});
