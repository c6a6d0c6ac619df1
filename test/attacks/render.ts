import {randomUUID} from 'node:crypto';
import {existsSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {renderLatents} from '../../attacks/render.ts';
import {ScratchFiles} from '../../engine/scratch-files.ts';
import {useBackend} from '../../tensors/backend.ts';
import {context, tinyGenerator, tinyInitial} from '../helpers/tiny-attack.ts';
import {allPixels} from '../helpers/identity-set.ts';

const scratch = new ScratchFiles(path.join(tmpdir(), `render-${randomUUID()}`));
const options = {identities: ['a', 'b', 'c'], batchSize: 4, scratchFile: () => scratch.make(), ...context()};

/** Images of 1×3 pixels that are the latents themselves. */
const mirrorGenerator = {generate: (latents: tf.Tensor2D): tf.Tensor4D => tf.reshape(latents, [-1, 1, 3, 1])};

test.before(async () => {
	await useBackend('wasm');
});

test.after.always(() => {
	scratch[Symbol.dispose]();
});

test('images have the target classes as labels', async t => {
	const {shape, labels, identities, images} = await renderLatents(tinyInitial, tinyGenerator, options);
	t.deepEqual(shape, [6, 4, 4, 1]);
	t.is(images.length, 6 * 16);
	t.deepEqual(labels, tinyInitial.targetClasses);
	t.deepEqual(identities, ['a', 'b', 'c']);
});

test('values are rounded to 8 bits and clamped', async t => {
	const set = {
		latents: new Float32Array([0, 0.5, 1, -0.1, 1.1, 0.0021]), latentSize: 3, targetClasses: new Int32Array([0, 1]), scores: new Float32Array(2),
	};
	t.deepEqual([...allPixels(await renderLatents(set, mirrorGenerator, options))], [0, 128, 255, 0, 255, 1]);
});

test('the batch size does not change images', async t => {
	t.deepEqual(await renderLatents(tinyInitial, tinyGenerator, {...options, batchSize: 1}), await renderLatents(tinyInitial, tinyGenerator, options));
});

test('images that are larger than the memory are assembled on the disk', async t => {
	const folder = path.join(tmpdir(), `render-${randomUUID()}`);
	using files = new ScratchFiles(folder);
	const large = await renderLatents(tinyInitial, tinyGenerator, {...options, scratchFile: () => files.make(), memoryLimitBytes: 95});
	t.true(existsSync(folder));
	const small = await renderLatents(tinyInitial, tinyGenerator, {...options, memoryLimitBytes: 96});
	t.true(small.images instanceof Uint8Array && !(large.images instanceof Uint8Array));
	t.deepEqual(allPixels(large), allPixels(small));
});

test('a generator that yields NaN is reported', async t => {
	const set = {...tinyInitial, latents: tinyInitial.latents.map((value, index) => (index === 13 ? Number.NaN : value))};
	await t.throwsAsync(async () => renderLatents(set, mirrorGenerator, options), {name: 'UserError', message: 'Expected numbers from the generator, got NaN in the batch that starts with latent 4'});
});

test('no latents are refused', async t => {
	const set = {
		latents: new Float32Array(), latentSize: 3, targetClasses: new Int32Array(), scores: new Float32Array(),
	};
	await t.throwsAsync(async () => renderLatents(set, tinyGenerator, options), {name: 'UserError', message: 'Expected latents to render, got none'});
});

test.serial('no tensors are left behind', async t => {
	const before = tf.memory().numTensors;
	await renderLatents(tinyInitial, tinyGenerator, options);
	t.is(tf.memory().numTensors, before);
});
