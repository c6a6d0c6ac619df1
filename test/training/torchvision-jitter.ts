import test from 'ava';
import {randomStream, type RandomStream} from '../../tensors/random.ts';
import {torchvisionJitter} from '../../training/torchvision-jitter.ts';
import {fixture, largestDifference} from '../helpers/tensors.ts';

type Case = {readonly channels: number; readonly order: readonly number[]; readonly factors: readonly number[]; readonly pixels: number[]};

/** Torchvision rounds to float32 within each of the four changes, of which those with a factor near 2 double what was rounded; the fixture has seven decimals. */
const tolerance = 5e-6;

/** The picture of `test/fixtures/torchvision-jitter.py`. */
function picture(channels: number): Float32Array {
	const values = Array.from({length: 6 * 7 * channels}, (_, index) => Math.floor(125 + (120 * Math.sin((0.9 * index) + (0.002 * index * index)))));
	values.splice(0, 4 * channels, ...(channels === 1 ? [0, 255, 77, 77] : [200, 200, 200, 255, 0, 0, 0, 90, 90, 90, 90, 10]));
	return Float32Array.from(values, value => value / 255);
}

/** A stream that draws this order and these factors, whatever their ranges. */
function draws({order, factors}: Case): RandomStream {
	const next = factors[Symbol.iterator]();
	return {...randomStream('unused'), permutation: () => Int32Array.from(order), uniform: () => next.next().value!};
}

const all = {brightness: 1, contrast: 1, saturation: 1, hue: 0.5};

for (const golden of fixture<readonly Case[]>('torchvision-jitter.json')) {
	test(`colours of ${golden.channels} channels changed in the order ${golden.order.join(', ')} are those of torchvision`, t => {
		const image = picture(golden.channels);
		torchvisionJitter(image, golden.channels, all, draws(golden));
		t.true(largestDifference(image, golden.pixels) < tolerance, `differs by ${largestDifference(image, golden.pixels)}`);
	});
}

test('the order and the factors follow from the stream', t => {
	const changed = (seed: string) => {
		const image = picture(3);
		torchvisionJitter(image, 3, {brightness: 0.2, contrast: 0.2, saturation: 0.1, hue: 0.1}, randomStream(seed));
		return image;
	};

	t.deepEqual(changed('a'), changed('a'));
	t.notDeepEqual(changed('a'), changed('b'));
});

test('without ranges nothing changes', t => {
	const image = picture(3);
	torchvisionJitter(image, 3, {brightness: 0, contrast: 0, saturation: 0, hue: 0}, randomStream('a'));
	t.true(largestDifference(image, picture(3)) < tolerance);
});
