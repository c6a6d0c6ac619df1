import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {squareImage} from '../../datasets/image-folder/square-image.ts';
import {useBackend} from '../../tensors/backend.ts';
import {randomStream, type RandomStream} from '../../tensors/random.ts';
import {randomCrops} from '../../training/augmentation.ts';
import {colourJitter} from '../../training/colour-jitter.ts';
import {resample} from '../../training/resample.ts';
import {syncBackends} from '../helpers/backends.ts';
import {largestDifference, fixture} from '../helpers/tensors.ts';

type Resize = {readonly side: number; readonly size: number; readonly channels: 1 | 3; readonly frequency: number; readonly pixels: number[]};
type Window = {readonly height: number; readonly width: number; readonly channels: number; readonly frequency: number; readonly top: number; readonly left: number; readonly rows: number; readonly columns: number; readonly mirrored: boolean; readonly pixels: number[]};
type SquareCrop = {readonly size: number; readonly channels: number; readonly frequency: number; readonly top: number; readonly left: number; readonly side: number; readonly mirrored: boolean; readonly pixels: number[]};
type Colour = {readonly channels: number; readonly brightness: number; readonly contrast: number; readonly saturation: number; readonly pixels: number[]};

const golden = fixture<{resize: Resize[]; window: Window[]; randomResizedCrop: SquareCrop[]; colour: Colour[]}>('images.json');

/** Of float32 values up to 1. */
const float32Tolerance = 1e-6;
/** Torchvision's grey is 0.2989·red + 0.587·green + 0.114·blue; ours has 0.299, as ITU-R BT.601, so greys differ by up to 1e−4 of the red. */
const greyTolerance = 1e-4;

/** The picture that `test/fixtures/images.py` makes too, row-major [height, width, channels]. */
const picture = (count: number, frequency: number) =>
	Uint8Array.from({length: count}, (_, index) => Math.floor(125 + (65 * Math.sin((frequency * index) + (0.002 * index * index)))));
const inUnits = (pixels: Uint8Array) => Float32Array.from(pixels, value => value / 255);

/** A stream that gives these uniform numbers, whatever their range, and itself as every part. */
function draws(values: readonly number[]): RandomStream {
	const next = values[Symbol.iterator]();
	const stream: RandomStream = {...randomStream('unused'), uniform: () => next.next().value!, split: () => stream};
	return stream;
}

for (const {side, size, channels, frequency, pixels} of golden.resize) {
	test(`${side} × ${side} pixels of ${channels} channels resized to ${size} × ${size} are those of PyTorch with antialiasing`, t => {
		const actual = squareImage({
			width: side, height: side, channels, data: picture(side * side * channels, frequency),
		}, {size, channels});
		t.deepEqual([...actual], pixels);
	});
}

for (const {height, width, channels, frequency, top, left, rows, columns, mirrored, pixels} of golden.window) {
	test(`a window of ${rows} × ${columns} at ${top}, ${left} is read as PyTorch samples a grid`, t => {
		const target = new Float32Array(pixels.length);
		resample(inUnits(picture(pixels.length, frequency)), target, {
			crop: {rows: {offset: top, size: rows, mirrored: false}, columns: {offset: left, size: columns, mirrored}},
			shape: [height, width, channels],
			from: 0,
			to: 0,
		});
		t.true(largestDifference(target, pixels) < float32Tolerance, `differs by ${largestDifference(target, pixels)}`);
	});
}

for (const backend of syncBackends) {
	for (const {size, channels, frequency, top, left, side, mirrored, pixels} of golden.randomResizedCrop) {
		test.serial(`on ${backend}, a random resized crop that draws ${side} pixels at ${top}, ${left} is that of torchvision`, async t => {
			await useBackend(backend);
			const cropped = tf.tidy(() => randomCrops(
				tf.tensor4d(inUnits(picture(pixels.length, frequency)), [1, size, size, channels]),
				draws([(side / size) ** 2, top, left, mirrored ? 0 : 0.9]),
				{scale: [0.1, 1], flip: 0.5, perImage: true},
			).dataSync<'float32'>().slice());
			// Torchvision cuts first, so at the edge of its crop it repeats a pixel; we read the one beyond. Inside they agree.
			const isInside = (position: number) => {
				const source = (side * (position + 0.5) / size) - 0.5;
				return source >= 0 && source <= side - 1;
			};

			const inside = [...pixels.keys()].filter(index => {
				const [row, column] = [Math.floor(index / channels / size), Math.floor(index / channels) % size];
				return isInside(row) && isInside(column);
			});
			t.true(inside.length >= pixels.length / 2);
			t.true(largestDifference(inside.map(index => cropped[index]!), inside.map(index => pixels[index]!)) < float32Tolerance);
		});
	}
}

for (const {channels, brightness, contrast, saturation, pixels} of golden.colour) {
	test(`colours changed by ${brightness}, ${contrast} and ${saturation} in ${channels} channels are those of torchvision`, t => {
		const image = inUnits(picture(pixels.length, 0.9));
		colourJitter(image, channels, {brightness: 1, contrast: 1, saturation: 1}, draws([brightness, contrast, saturation]));
		const difference = largestDifference(image, pixels);
		t.true(difference < (channels === 3 ? greyTolerance : float32Tolerance), `differs by ${difference}`);
	});
}

for (const {size, channels, frequency, top, left, side, mirrored, pixels} of golden.randomResizedCrop) {
	test(`a crop of ${side} whole pixels at ${top}, ${left} that is cut out is torchvision's to the edge`, t => {
		const target = new Float32Array(pixels.length);
		resample(inUnits(picture(pixels.length, frequency)), target, {
			crop: {rows: {offset: top, size: side, mirrored: false, isCut: true}, columns: {offset: left, size: side, mirrored, isCut: true}},
			shape: [size, size, channels],
			from: 0,
			to: 0,
		});
		t.true(largestDifference(target, pixels) < float32Tolerance, `differs by ${largestDifference(target, pixels)}`);
	});
}
