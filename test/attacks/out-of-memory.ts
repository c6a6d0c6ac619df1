import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import type {BackendWasm} from '@tensorflow/tfjs-backend-wasm';
import type {LatentSet} from '../../artifacts/latents.ts';
import {optimizeLatents} from '../../attacks/optimization.ts';
import {randomStream} from '../../tensors/random.ts';
import {useBackend} from '../../tensors/backend.ts';
import {largestDifference} from '../helpers/tensors.ts';

test.before(async () => {
	await useBackend('wasm');
});

type Library = {_malloc(bytes: number): number; _free(address: number): void};

const mebibyte = 2 ** 20;
const blockMegabytes = 8;

/** Takes the heap but for some blocks of 8 MB. Nobody touches what is taken, so that it needs addresses and no memory. */
function fillHeap(leftBlocks: number): () => void {
	const library = (tf.backend() as BackendWasm).wasm as unknown as Library;
	const take = (megabytes: number) => {
		const taken: number[] = [];
		try {
			for (;;) {
				taken.push(library._malloc(megabytes * mebibyte));
			}
		} catch (error) {
			if (!(error instanceof Error && error.message.startsWith('OOM when allocating'))) {
				throw error;
			}
		}

		return taken;
	};

	const free = (addresses: readonly number[]) => {
		for (const address of addresses) {
			library._free(address);
		}
	};

	const large = [512, 64].flatMap(megabytes => take(megabytes));
	const blocks = take(blockMegabytes);
	const small = [1, 1 / 16].flatMap(megabytes => take(megabytes));
	free(blocks.splice(0, leftBlocks));
	return () => {
		free([...large, ...blocks, ...small]);
	};
}

/** A generator and a target model whose images are large for their few numbers. */
const side = 64;
const channels = 16;
const generator = {
	generate: (latents: tf.Tensor2D): tf.Tensor4D => tf.tidy(() => tf.sigmoid(tf.reshape(tf.matMul(latents, tf.tensor2d(randomStream('kernel').normals(4 * side * side * 3), [4, side * side * 3])), [-1, side, side, 3]))),
};
const targetModel = {
	logits: (images: tf.Tensor4D): tf.Tensor2D => tf.tidy(() => {
		const convolved = tf.relu(tf.conv2d(images, tf.tensor4d(randomStream('first').normals(27 * channels), [3, 3, 3, channels]), 1, 'same'));
		return tf.matMul(tf.mean<tf.Tensor2D>(convolved, [1, 2]), tf.tensor2d(randomStream('last').normals(channels * 3), [channels, 3]));
	}),
};
const count = 24;
const initial: LatentSet = {
	latents: randomStream('latents').normals(4 * count), latentSize: 4, targetClasses: Int32Array.from({length: count}, (_, index) => Math.floor(index / 8)), scores: new Float32Array(count),
};
const options = {steps: 2, learningRate: 0.05, beta1: 0.1, beta2: 0.1, batchSize: count, cropScale: [0.9, 1] as const};

async function attack(log: (line: string) => void) {
	return optimizeLatents(initial, generator, targetModel, options, {stream: randomStream('attack'), onStep: async () => undefined, log});
}

test.serial('an attack that fills the heap of WebAssembly goes on with fewer latents at a time, to the same result', async t => {
	const {optimized: expected} = await attack(() => undefined);
	const before = tf.memory().numTensors;
	const free = fillHeap(3);
	const lines: string[] = [];
	try {
		const {optimized} = await attack(line => {
			lines.push(line);
		});
		t.is(lines[0], 'warning: out of memory, going on with 12 latents at a time');
		// Smaller pieces round differently.
		t.true(largestDifference(optimized.latents, expected.latents) < 1e-4);
		t.is(tf.memory().numTensors, before);
	} finally {
		free();
	}
});

test.serial('an attack that cannot compute even one latent says so', async t => {
	const free = fillHeap(0);
	try {
		const error = await t.throwsAsync(attack(() => undefined));
		t.is(error.message, 'There is not enough memory for a single image');
	} finally {
		free();
	}

	await t.notThrowsAsync(attack(() => undefined));
});

test.serial('a tensor that does not fit leaves the others as they are', t => {
	const free = fillHeap(1);
	try {
		const kept = tf.fill([1000], 3);
		const error = t.throws(() => tf.fill([2 ** 24], 1));
		t.regex(error.message, /^OOM when allocating 67108864 bytes/);
		t.deepEqual([...new Set(kept.dataSync())], [3]);
		kept.dispose();
	} finally {
		free();
	}
});
