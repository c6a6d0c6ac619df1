import {Buffer} from 'node:buffer';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {generator} from '../../../../artifacts/generator.ts';
import {readStylegan2} from '../../../../models/networks/stylegan2/read-file.ts';
import {buildMapping} from '../../../../models/generator.ts';
import {importedGenerator} from '../../../../stages/32-imported-generator.ts';
import {useBackend} from '../../../../tensors/backend.ts';
import {bytesOf} from '../../../helpers/bytes.ts';
import {float32Tolerance, relativeDifference} from '../../../helpers/golden.ts';
import {perform} from '../../../helpers/stage.ts';
import {fixture} from '../../../helpers/tensors.ts';
import {untrainedGenerator} from '../../../helpers/untrained.ts';

const fixtures = path.join(import.meta.dirname, '../../../fixtures');
const name = 'stylegan2-file.safetensors';
const file = path.join(fixtures, name);
const request = {crop: 12, resize: 8};

test('a pickle of the original, converted, gives the original\'s images', async t => {
	await useBackend('wasm');
	const {psi, z, images} = fixture<{readonly psi: number; readonly z: number[][]; readonly images: number[]}>('stylegan2-file.json');
	const {outputs: {generator: model}} = await perform(importedGenerator, {weights: {path: file, sizeBytes: 1, digest: 'digest'}}, request);
	t.deepEqual(model.view, {crop: 12, size: 8});
	using network = buildMapping(model);
	const actual = tf.tidy(() => {
		const w = network.truncate(network.map(tf.tensor2d(z)), psi);
		return network.synthesize(Array.from({length: network.numLayers}, () => w)).dataSync();
	});
	t.true(relativeDifference(actual, images) < float32Tolerance);
});

test('a square larger than the image is refused', async t => {
	await t.throwsAsync(async () => readStylegan2(file, {...request, crop: 17}), {name: 'UserError', message: `"importedGenerator.crop" is 17, but the images of "${file}" have 16 pixels`});
});

const refused = test.macro(async (t, bytes: Uint8Array, message: string) => {
	const folder = mkdtempSync(path.join(tmpdir(), 'stylegan2-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true});
	});
	const other = path.join(folder, 'file.safetensors');
	writeFileSync(other, bytes);
	await t.throwsAsync(async () => readStylegan2(other, request), {name: 'UserError', message: message.replace('FILE', other)});
});

test('a file that was cut is refused', refused, readFileSync(path.join(fixtures, name)).subarray(0, -8), '"FILE" does not hold the weights of a generator: Not a valid safetensors file: array "mapping.fc2.bias" lies at bytes [15528,15560] of 15552');
test('a pickle is refused, not read', refused, Buffer.from('\u0080\u0004}q\u0000.', 'latin1'), '"FILE" does not hold the weights of a generator: Not a valid safetensors file: 6 bytes, expected at least 8');
test('another generator is refused', refused, bytesOf(generator, untrainedGenerator('other')), '"FILE" is a generator, but no StyleGAN2');
