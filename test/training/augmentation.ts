import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import type {ImageSet} from '../../artifacts/image-set.ts';
import {classifierInput, imageBatch} from '../../models/classifier.ts';
import {useBackend} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';
import {
	augmentedBatch, noAugmentation, randomCrops, type RandomCropOptions,
} from '../../training/augmentation.ts';

/** Of float32 numbers around 1. */
const tolerance = 1e-6;

/** Of sums over a batch of such numbers. */
const sumTolerance = 1e-4;

const shape: [number, number, number, number] = [3, 5, 6, 2];
const strong: RandomCropOptions = {scale: [0.3, 0.8], aspect: [0.8, 1.2], flip: 0.5, perImage: true};
const small = {cropScale: [0.85, 1], flip: 0.5, brightness: 0.2, contrast: 0.2, saturation: 0.1} as const;

const noise = (name: string) => tf.tensor4d(randomStream(name).normals(180), shape);

const set: ImageSet = {
	images: Uint8Array.from({length: 4 * 8 * 8 * 3}, (_, index) => (index * 37) % 256),
	shape: [4, 8, 8, 3],
	labels: new Int32Array(4),
	identities: ['somebody'],
};

const valuesOf = (compute: () => tf.Tensor) => tf.tidy(() => [...compute().dataSync()]);

const largestDifference = (a: number[], b: number[]) => Math.max(...a.map((value, index) => Math.abs(value - b[index]!)));

async function onBackend<T>(name: 'cpu' | 'wasm', compute: () => T): Promise<T> {
	await useBackend(name);
	return compute();
}

test.before(async () => {
	await useBackend('wasm');
});

test.serial('a crop of everything changes nothing', t => {
	const crop = () => randomCrops(noise('x'), randomStream('1'), {scale: [1, 1], flip: 0, perImage: true});
	t.true(largestDifference(valuesOf(crop), valuesOf(() => noise('x'))) < tolerance);
});

test.serial('a mirrored crop of everything reverses the columns', t => {
	const crop = () => randomCrops(noise('x'), randomStream('1'), {scale: [1, 1], flip: 1, perImage: true});
	t.true(largestDifference(valuesOf(crop), valuesOf(() => tf.reverse(noise('x'), 2))) < tolerance);
});

test.serial('linear images stay linear, with the slope of the crop', t => {
	const ramp = valuesOf(() => randomCrops(tf.tensor4d(Array.from({length: 64}, (_, index) => index % 8), [1, 8, 8, 1]), randomStream('1'), {scale: [0.25, 0.25], flip: 0, perImage: true}));
	for (let column = 2; column < 7; column++) {
		t.true(Math.abs(ramp[column]! - ramp[column - 1]! - 0.5) < tolerance, `${ramp.slice(0, 8).join(' ')}`);
	}
});

test.serial('crops may differ between images or be shared', t => {
	const crops = (perImage: boolean) => valuesOf(() => randomCrops(tf.tile(tf.slice(noise('x'), 0, 1), [3, 1, 1, 1]), randomStream('1'), {...strong, perImage}));
	const [own, shared] = [crops(true), crops(false)];
	t.notDeepEqual(own.slice(0, 60), own.slice(60, 120));
	t.deepEqual(shared.slice(0, 60), shared.slice(60, 120));
});

test.serial('crops and their gradients are the same on every backend', async t => {
	const compute = () => {
		const crop = (x: tf.Tensor) => randomCrops(x as tf.Tensor4D, randomStream('1'), strong);
		return [valuesOf(() => crop(noise('x'))), valuesOf(() => tf.grad(x => tf.sum(tf.mul(crop(x), noise('y'))))(noise('x')))] as const;
	};

	const [wasm, cpu] = [await onBackend('wasm', compute), await onBackend('cpu', compute)];
	await useBackend('wasm');
	t.true(largestDifference(wasm[0], cpu[0]) < tolerance);
	t.true(largestDifference(wasm[1], cpu[1]) < tolerance);
});

test.serial('the gradient of crops is their transpose', t => {
	tf.tidy(() => {
		const crop = (x: tf.Tensor) => tf.sum(tf.mul(randomCrops(x as tf.Tensor4D, randomStream('1'), strong), noise('y')));
		const forward = crop(noise('x')).dataSync()[0]!;
		const backward = tf.sum(tf.mul(tf.grad(crop)(noise('z')), noise('x'))).dataSync()[0]!;
		t.true(Math.abs(forward - backward) < sumTolerance, `${forward} and ${backward}`);
	});
});

test.serial('without augmentation a batch is what classifiers read', t => {
	const batch = valuesOf(() => augmentedBatch(set, [2, 0], randomStream('1'), noAugmentation));
	t.true(largestDifference(batch, valuesOf(() => classifierInput(imageBatch(set, [2, 0])))) < tolerance);
});

test.serial('an augmented image depends on its index and the stream only', t => {
	const together = valuesOf(() => augmentedBatch(set, [2, 0], randomStream('1'), small));
	t.deepEqual(together.slice(192), valuesOf(() => augmentedBatch(set, [0], randomStream('1'), small)));
	t.notDeepEqual(together.slice(192), valuesOf(() => augmentedBatch(set, [0], randomStream('2'), small)));
});

test.serial('augmented images stay within the range of classifiers', t => {
	t.true(valuesOf(() => augmentedBatch(set, [0, 1, 2, 3], randomStream('1'), small)).every(value => value >= -1 && value <= 1));
});

test.serial('no tensors are left behind', t => {
	const before = tf.memory().numTensors;
	const [x, images] = [noise('x'), augmentedBatch(set, [1], randomStream('1'), small)];
	tf.dispose([x, images, tf.grad(y => tf.sum(randomCrops(y as tf.Tensor4D, randomStream('1'), strong)))(x)]);
	t.is(tf.memory().numTensors, before);
});

test.serial('a batch may share its draws, and then differs from the next', t => {
	const constant: ImageSet = {...set, images: Uint8Array.from({length: set.images.length}, (_, index) => (index % (8 * 8 * 3)) % 256)};
	const changed = (indices: number[], draws: 'batch' | 'image') => valuesOf(() => augmentedBatch(constant, indices, randomStream('x'), {...small, hue: 0.1, crops: 'whole', draws}));
	const length = 8 * 8 * 3;
	const shared = changed([0, 1], 'batch');
	t.deepEqual(shared.slice(0, length), shared.slice(length));
	t.notDeepEqual(changed([1, 0], 'batch').slice(0, length), shared.slice(0, length));
	const own = changed([0, 1], 'image');
	t.notDeepEqual(own.slice(0, length), own.slice(length));
});
