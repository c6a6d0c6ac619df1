import process from 'node:process';
import util from 'node:util';
import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {UserError} from '../../engine/error.ts';
import {useBackend} from '../../tensors/backend.ts';
import {isOutOfMemory} from '../../tensors/out-of-memory.ts';
import {syncBackends, webGpuIsMissing} from '../helpers/backends.ts';

test.serial('backends can be changed within a process', async t => {
	for (const backend of ['wasm', 'cpu', 'wasm'] as const) {
		await useBackend(backend);
		t.is(tf.getBackend(), backend);
		t.is(tf.tidy(() => tf.sum(tf.tensor1d([1, 2, 3])).dataSync()[0]), 6);
	}
});

test.serial('the wasm backend uses SIMD and adds no listeners for uncaught errors', async t => {
	const listeners = () => [process.listenerCount('uncaughtException'), process.listenerCount('unhandledRejection')];
	const before = listeners();
	await useBackend('wasm');
	t.true(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'));
	t.deepEqual(listeners(), before);
});

test.serial('a backend whose package is missing says how to get it', async t => {
	const error = await t.throwsAsync(useBackend('tensorflow-gpu'), {instanceOf: UserError});
	t.is(error.code, 'backend-missing');
	t.is(error.message, 'The backend "tensorflow-gpu" needs the package @tensorflow/tfjs-node-gpu, which is not installed');
	t.is(error.hint, 'Install it with "npm run native -- --gpu", or choose the backend "wasm".');
});

if (syncBackends.includes('tensorflow')) {
	test.serial('the TensorFlow backend computes in the library, whatever Node has removed since it was published', async t => {
		const removed = Object.fromEntries(['isArray', 'isNullOrUndefined'].map(name => [name, Reflect.get(util, name) as unknown]));
		for (const name of Object.keys(removed)) {
			Reflect.deleteProperty(util, name);
		}

		t.teardown(() => {
			Object.assign(util, removed);
		});
		await useBackend('tensorflow');
		t.is(tf.getBackend(), 'tensorflow');
		// Both reach for what was removed: an attribute that is a list, and one that is absent.
		t.deepEqual([...tf.tidy(() => tf.concat([tf.tensor1d([1]), tf.tensor1d([2, 3])]).dataSync())], [1, 2, 3]);
		t.deepEqual([...tf.tidy(() => tf.topk(tf.tensor1d([1, 3, 2]), 2).values.dataSync())], [3, 2]);
	});
}

if (webGpuIsMissing === undefined) {
	test.serial('the WebGPU backend names its device, adds no globals that are listed, and refuses to be read without waiting', async t => {
		const before = Object.keys(globalThis);
		const device = await useBackend('webgpu');
		t.regex(device!.name, /, Dawn \d+\.\d+\.\d+$/);
		t.deepEqual(Object.keys(globalThis), before);
		const sum = tf.tidy(() => tf.sum(tf.fill([5000], 2)));
		t.throws(() => sum.dataSync(), {message: 'Internal error: expected numbers that are in memory but they are on the GPU, which cannot be read without waiting'});
		t.deepEqual([...await sum.data()], [10_000]);
		sum.dispose();
	});

	test.serial('a tensor that a GPU cannot hold is a lack of memory, after which smaller ones work', async t => {
		await useBackend('webgpu');
		const large = tf.fill([2 ** 14, 2 ** 16], 1);
		const error = await t.throwsAsync(large.data(), {instanceOf: Error});
		large.dispose();
		t.true(isOutOfMemory(error), `${error}`);
		const small = tf.tidy(() => tf.add(tf.fill([5000], 1), 1));
		t.is((await small.data())[4999], 2);
		small.dispose();
	});
} else {
	test(`not run: the tests of the WebGPU backend, since ${webGpuIsMissing}`, async t => {
		await t.throwsAsync(useBackend('webgpu'), {instanceOf: UserError, message: /The backend "webgpu" (?:needs the package|finds no GPU)/});
	});
}
