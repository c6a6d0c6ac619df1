import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {useBackend} from '../../tensors/backend.ts';
import {centredWindow, resizedWindow} from '../../tensors/resize.ts';
import {fixture, gradientError, largestDifference} from '../helpers/tensors.ts';

type SquareCrop = {readonly size: number; readonly channels: number; readonly frequency: number; readonly top: number; readonly left: number; readonly side: number; readonly mirrored: boolean; readonly pixels: number[]};

const golden = fixture<{randomResizedCrop: SquareCrop[]}>('images.json');
/** Of float32 values up to 1. */
const tolerance = 1e-6;
const picture = (count: number, frequency: number) =>
	Float32Array.from({length: count}, (_, index) => Math.floor(125 + (65 * Math.sin((frequency * index) + (0.002 * index * index)))) / 255);

test.before(async () => {
	await useBackend('wasm');
});

for (const {size, channels, frequency, top, left, side, mirrored, pixels} of golden.randomResizedCrop) {
	test.serial(`a window of ${side} pixels at ${top}, ${left} of ${size} is resized as torchvision does it`, t => {
		const actual = tf.tidy(() => resizedWindow(
			tf.tensor4d(picture(size * size * channels, frequency), [1, size, size, channels]),
			{rows: {offset: top, size: side, mirrored: false}, columns: {offset: left, size: side, mirrored}},
			[size, size],
		).dataSync());
		t.true(largestDifference(actual, pixels) < tolerance, `differs by ${largestDifference(actual, pixels)}`);
	});
}

test.serial('the gradient is that of finite differences', t => {
	const x = tf.tensor4d(picture(36 * 2, 0.7), [2, 6, 6, 1]);
	t.true(gradientError(images => resizedWindow(images as tf.Tensor4D, centredWindow([6, 6], 5), [3, 3]), x) < 1e-3);
	x.dispose();
});

test('the centre of the paper\'s images are the pixels 112 to 911; halves go to the even neighbour', t => {
	t.deepEqual(centredWindow([1024, 1024], 800).rows, {offset: 112, size: 800, mirrored: false});
	t.deepEqual([[7, 4], [9, 4]].map(([length, size]) => centredWindow([length!, length!], size!).rows.offset), [2, 2]);
});
