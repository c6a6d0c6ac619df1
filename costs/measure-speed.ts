import {availableParallelism} from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import type {ImageSet} from '../artifacts/image-set.ts';
import {decodeImage} from '../datasets/image-folder/decode-image.ts';
import {pillowSquare} from '../datasets/pillow-square.ts';
import {proceduralFaces} from '../datasets/procedural-faces/index.ts';
import type {OnStep} from '../engine/stage.ts';
import {adam} from '../tensors/adam.ts';
import {convolve} from '../tensors/convolution.ts';
import {randomStream} from '../tensors/random.ts';
import {augmentedBatch, randomCrops} from '../training/augmentation.ts';
import type {WorkKind} from './work.ts';

/** What a measurement may use. */
export type Instruments = {
	/** Milliseconds from an arbitrary start. */
	readonly now: () => number;
	readonly onStep: OnStep;
};

/** Something that takes time, and how much work of which kinds it is. */
type Trial = {
	readonly kind: WorkKind;
	readonly amount: number;
	/** Milliseconds that compilers need before it is as fast as it gets; `usualWarmUpMs` when absent. */
	readonly warmUpMs?: number;
	run(): unknown;
	end?(): void;
};

/** How long a trial is repeated, in milliseconds: first to warm up, for compilers and caches, then to be measured. */
const usualWarmUpMs = 60;
const measuredMs = 100;
const fewestRuns = 5;

/**
 * Seconds that a unit of each kind of work takes in this process with the backend in use, from small pieces of such work, some seconds in all: as fast as it goes while
 * nothing else needs the processor.
 */
export async function measureSpeed({now, onStep}: Instruments): Promise<Readonly<Record<WorkKind, number>>> {
	// What the trials compute with goes when they end.
	tf.engine().startScope();
	try {
		const trials = [...networkTrials(), ...otherTrials(await photograph())];
		const seconds: Record<string, number> = {};
		for (const [index, trial] of trials.entries()) {
			const {kind} = trial;
			// Trials of one kind count alike.
			seconds[kind] = (seconds[kind] ?? 0) + (await timed(trial, now) / trials.filter(other => other.kind === kind).length);
			await onStep(index + 1, trials.length, 'trial');
		}

		return seconds as Record<WorkKind, number>;
	} finally {
		tf.engine().endScope();
	}
}

/** Seconds per unit of work. The quickest run tells: one that another process interrupts says nothing of this machine's speed. */
async function timed({amount, warmUpMs = usualWarmUpMs, run, end}: Trial, now: () => number): Promise<number> {
	await runsOf(run, now, {leastMs: warmUpMs, fewest: 1});
	const runs = await runsOf(run, now, {leastMs: measuredMs, fewest: fewestRuns});
	end?.();
	return Math.min(...runs) / 1000 / amount;
}

/** Milliseconds of each run. */
async function runsOf(run: () => unknown, now: () => number, {leastMs, fewest}: {readonly leastMs: number; readonly fewest: number}): Promise<readonly number[]> {
	const startedMs = now();
	const runs: number[] = [];
	do {
		const before = now();
		await run();
		runs.push(now() - before);
	} while (runs.length < fewest || now() - startedMs < leastMs);

	return runs;
}

/** Runs something that yields tensors, waits for them, and frees them. */
function computed(compute: () => tf.Tensor): () => void {
	return () => {
		tf.tidy(() => tf.slice(tf.reshape(compute(), [-1]), 0, 1).dataSync());
	};
}

function random(name: string, shape: number[]): tf.Tensor {
	return tf.tensor(randomStream(name).normals(tf.util.sizeFromShape(shape)), shape);
}

type ConvolutionSpec = {readonly product: 'convolution' | 'narrowConvolution' | 'pointwise' | 'grouped'; readonly images: number; readonly side: number; readonly channels: readonly [from: number, to: number]; readonly kernel: number; readonly stride?: number; readonly groups?: number};

/** Shapes as the small networks and those of the paper have them. */
const convolutions: readonly ConvolutionSpec[] = [
	{product: 'convolution', images: 12, side: 8, channels: [32, 48], kernel: 3},
	{product: 'convolution', images: 2, side: 28, channels: [128, 128], kernel: 3},
	{product: 'narrowConvolution', images: 12, side: 32, channels: [3, 16], kernel: 5, stride: 2},
	{product: 'narrowConvolution', images: 1, side: 112, channels: [3, 64], kernel: 7, stride: 2},
	{product: 'pointwise', images: 4, side: 14, channels: [256, 256], kernel: 1},
	{product: 'grouped', images: 2, side: 28, channels: [128, 128], kernel: 3, groups: 32},
];

function * networkTrials(): Iterable<Trial> {
	for (const spec of convolutions) {
		yield * convolutionTrials(spec);
	}

	const [a, b] = [random('a', [256, 512]) as tf.Tensor2D, random('b', [512, 512]) as tf.Tensor2D];
	yield {kind: 'product', amount: 256 * 512 * 512, run: computed(() => tf.matMul(a, b))};

	const [height, channels] = [128, 32];
	const [images, filter] = [random('images', [1, height, height, channels]) as tf.Tensor4D, random('filter', [4, 1, channels, 1]) as tf.Tensor4D];
	yield {kind: 'depthwise', amount: 4 * (height - 3) * height * channels, run: computed(() => tf.depthwiseConv2d(images, filter, 1, 'valid'))};

	const numbers = 2 ** 21;
	const [x, dy] = [random('x', [numbers]), random('dy', [numbers])];
	yield {kind: 'elements', amount: 10 * numbers, run: computed(() => tf.mul(dy, tf.step(tf.relu(tf.add(x, dy)))))};

	const depth = 50;
	const few = random('few', [4]);
	const slope = tf.grad(value => {
		let y = value;
		for (let index = 0; index < depth; index++) {
			y = tf.relu(y);
		}

		return tf.sum(y);
	});
	yield {kind: 'kernels', amount: 3 * depth, run: computed(() => slope(few))};
}

function * convolutionTrials({product, images, side, channels: [from, to], kernel, stride = 1, groups = 1}: ConvolutionSpec): Iterable<Trial> {
	const padding = Math.floor(kernel / 2);
	const pad: tf.backend_util.ExplicitPadding = [[0, 0], [padding, padding], [padding, padding], [0, 0]];
	const x = random('x', [images, side, side, from]) as tf.Tensor4D;
	const filter = random('filter', [kernel, kernel, from / groups, to]) as tf.Tensor4D;
	const forward = (input: tf.Tensor, weights: tf.Tensor) => convolve(input as tf.Tensor4D, weights as tf.Tensor4D, {strides: stride, pad, groups});
	const dy = forward(x, filter);
	const amount = dy.size * kernel * kernel * from / groups;
	yield {kind: product, amount, run: computed(() => forward(x, filter))};

	// The kernels of the gradients alone, where one takes groups as they are; elsewhere as many small ones as there are groups.
	const parts = groups === 1 || tf.getBackend() === 'wasm' ? 1 : groups;
	const first = (tensor: tf.Tensor, axis: number) => (parts === 1 ? tensor : tf.split(tensor, parts, axis)[0]!);
	const attributes = {strides: [stride, stride], pad, dataFormat: 'NHWC'} as unknown as tf.NamedAttrMap;
	const inputs = {x: first(x, 3), filter: first(filter, 3), dy: first(dy, 3)};
	const gradient = (name: string, given: Readonly<Record<string, tf.Tensor>>, shape: Readonly<Record<string, number[]>>) =>
		computed(() => tf.engine().runKernel(name, given, {...attributes, ...shape}));
	yield {kind: `${product}InputGradient`, amount: amount / parts, run: gradient(tf.Conv2DBackpropInput, {dy: inputs.dy, filter: inputs.filter}, {inputShape: inputs.x.shape})};
	yield {kind: `${product}FilterGradient`, amount: amount / parts, run: gradient(tf.Conv2DBackpropFilter, {x: inputs.x, dy: inputs.dy}, {filterShape: inputs.filter.shape})};
}

const side = 64;

/** How many photographs are read at a time: as many threads as the engine has for a stage. */
const decodingThreads = Math.min(availableParallelism(), 8);

function * otherTrials(bytes: Uint8Array): Iterable<Trial> {
	const count = 8;
	const numbers = side * side * 3;
	const set: ImageSet = {
		images: Uint8Array.from(randomStream('set').uniforms(count * numbers, 0, 255)), shape: [count, side, side, 3], labels: new Int32Array(count), identities: ['nobody'],
	};
	const augmentation = {cropScale: [0.85, 1], flip: 0.5, brightness: 0.2, contrast: 0.2, saturation: 0.1} as const;
	yield {kind: 'augmentation', amount: count * numbers, run: computed(() => augmentedBatch(set, [...set.labels.keys()], randomStream('augmentation'), augmentation))};

	const images = random('crops', [count, side, side, 3]) as tf.Tensor4D;
	const crop = (x: tf.Tensor) => randomCrops(x as tf.Tensor4D, randomStream('crops'), {scale: [0.9, 1], flip: 0.5, perImage: true});
	yield {kind: 'crops', amount: count * numbers, run: computed(() => crop(images))};
	// Forward and back again; both move as many numbers.
	const cropGradient = tf.grad(crop);
	yield {kind: 'cropGradients', amount: 2 * count * numbers, run: computed(() => cropGradient(images, images))};

	const size = 2 ** 20;
	const variable = tf.tidy(() => tf.variable(tf.zeros([size])));
	const gradient = random('gradient', [size]);
	const optimizer = adam({beta1: 0.9, beta2: 0.999, epsilon: 1e-8});
	yield {
		kind: 'updates',
		amount: size,
		run() {
			optimizer.update({variable}, {variable: gradient}, 1e-6);
			tf.tidy(() => tf.slice(variable, 0, 1).dataSync());
		},
		end() {
			optimizer.dispose();
			variable.dispose();
		},
	};

	const drawn = {identities: 8, imagesPerIdentity: 1, size: 32};
	yield {kind: 'drawing', amount: drawn.identities * drawn.size * drawn.size * 3, warmUpMs: 500, run: async () => proceduralFaces(drawn, 'speed', async () => undefined)};
	yield {kind: 'decoding', amount: decodingThreads * numbers * ((224 / side) ** 2), run: async () => pillowSquare(await decodeImage(bytes), {size: 224, channels: 3})};

	const [left, right] = [Float64Array.from(randomStream('left').normals(2 ** 16)), Float64Array.from(randomStream('right').normals(2 ** 16))];
	let sum = 0;
	yield {
		kind: 'loops',
		amount: 8 * left.length,
		run() {
			for (let repeat = 0; repeat < 8; repeat++) {
				for (let index = 0; index < left.length; index++) { // eslint-disable-line unicorn/no-for-loop -- as the loops that count do it
					sum += left[index]! * right[index]!;
				}
			}

			return sum;
		},
	};
}

/** A photograph as cameras and data sets store them, of no content. */
async function photograph(): Promise<Uint8Array> {
	const {default: sharp} = await import('sharp');
	const [width, height] = [320, 320];
	const pixels = Uint8Array.from({length: width * height * 3}, (_, index) => (index * 7) % 256);
	return sharp(pixels, {raw: {width, height, channels: 3}}).jpeg({quality: 90}).toBuffer();
}
