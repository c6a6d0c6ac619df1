import test from 'ava';
import {randomStream} from '../../tensors/random.ts';
import {colourJitter} from '../../training/colour-jitter.ts';

/** Of float32 numbers below 1. */
const tolerance = 1e-6;

const none = {brightness: 0, contrast: 0, saturation: 0};

/** A stream whose draws are all at one end of their range. */
const extreme = (end: 'low' | 'high') => ({...randomStream('unused'), uniform: (low = 0, high = 1) => (end === 'low' ? low : high)});

function jitter(image: number[], channels: number, options: Parameters<typeof colourJitter>[2], end: 'low' | 'high' = 'high') {
	const pixels = Float32Array.from(image);
	colourJitter(pixels, channels, options, extreme(end));
	return [...pixels];
}

const near = test.macro((t, actual: number[], expected: number[]) => {
	for (const [index, value] of expected.entries()) {
		t.true(Math.abs(actual[index]! - value) < tolerance, `${index}: got ${actual[index]}, expected ${value}`);
	}
});

test('without ranges nothing changes', near, jitter([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], 3, none), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
test('brightness multiplies', near, jitter([0.1, 0.4], 1, {...none, brightness: 0.2}), [0.12, 0.48]);
test('contrast moves values away from the mean', near, jitter([0.2, 0.6], 1, {...none, contrast: 0.5}), [0.1, 0.7]);
test('low contrast moves values towards the mean', near, jitter([0.2, 0.6], 1, {...none, contrast: 0.5}, 'low'), [0.3, 0.5]);
// Luma 0.299·0.5 + 0.587·0.3 + 0.114·0.1 = 0.337; each channel moves away from it by a tenth of its distance.
test('saturation moves channels away from luma', near, jitter([0.5, 0.3, 0.1], 3, {...none, saturation: 0.1}), [0.5163, 0.2963, 0.0763]);
test('saturation leaves grey images alone', near, jitter([0.5, 0.3], 1, {...none, saturation: 0.5}), [0.5, 0.3]);
test('values are clamped', near, jitter([0.95, 0.05], 1, {...none, contrast: 0.5}), [1, 0]);
// Luma of the mean pixel (0.4, 0.4, 0.4) is 0.4; brightness 1.2 → 0.48; (0.6·1.2 − 0.48)·1.5 + 0.48 = 0.84 and 0.12.
test('contrast comes after brightness', near, jitter([0.6, 0.6, 0.6, 0.2, 0.2, 0.2], 3, {brightness: 0.2, contrast: 0.5, saturation: 0}), [0.84, 0.84, 0.84, 0.12, 0.12, 0.12]);
