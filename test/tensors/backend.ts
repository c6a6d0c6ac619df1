import process from 'node:process';
import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {UserError} from '../../engine/error.ts';
import {useBackend} from '../../tensors/backend.ts';

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
	t.is(error.hint, 'Install it with "npm install --no-save @tensorflow/tfjs-node-gpu@4.22", or choose the backend "wasm".');
});
