import {Buffer} from 'node:buffer';
import test from 'ava';
import {pillowSquare} from '../../datasets/pillow-square.ts';
import {fixture} from '../helpers/tensors.ts';

type Case = {readonly width: number; readonly height: number; readonly channels: 1 | 3; readonly size: number; readonly every: number; readonly pixels: string};

/** The formula of `test/fixtures/pillow-square.py`. */
function picture({width, height, channels}: Pick<Case, 'channels' | 'height' | 'width'>) {
	const data = new Uint8Array(width * height * channels);
	for (let y = 0, index = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			for (let channel = 0; channel < channels; channel++) {
				data[index++] = ((x * 37) + (y * 91) + (channel * 53) + (x * y * 7) + ((x ^ y) * 11)) % 256;
			}
		}
	}

	return {width, height, channels, data};
}

for (const {every, pixels, size, ...given} of fixture<readonly Case[]>('pillow-square.json')) {
	test(`a picture of ${given.width}×${given.height}×${given.channels} becomes the very square of ${size} that torchvision makes`, t => {
		const square = pillowSquare(picture(given), {size, channels: given.channels});
		t.deepEqual(square.filter((_, index) => index % every === 0), Uint8Array.from(Buffer.from(pixels, 'base64')));
	});
}

test('a grey picture fills three channels', t => {
	const grey = picture({width: 20, height: 30, channels: 1});
	const one = pillowSquare(grey, {size: 8, channels: 1});
	t.deepEqual([...pillowSquare(grey, {size: 8, channels: 3})], [...one].flatMap(value => [value, value, value]));
});

test('pictures of any sizes may follow each other', t => {
	const [small, large] = [picture({width: 9, height: 7, channels: 3}), picture({width: 1200, height: 900, channels: 3})];
	const alone = pillowSquare(small, {size: 5, channels: 3});
	pillowSquare(large, {size: 300, channels: 3});
	t.deepEqual(pillowSquare(small, {size: 5, channels: 3}), alone);
});

test('a picture in colour does not become grey', t => {
	t.throws(() => pillowSquare(picture({width: 8, height: 8, channels: 3}), {size: 8, channels: 1}), {instanceOf: RangeError});
});
