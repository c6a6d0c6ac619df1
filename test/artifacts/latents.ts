import test from 'ava';
import {latentPool, latentSet, type LatentSet} from '../../artifacts/latents.ts';
import {bytesOf} from '../helpers/bytes.ts';

const pool = {latents: Float32Array.of(1, -2, 3e-40, 4, 5, 6), latentSize: 2};
const example: LatentSet = {...pool, targetClasses: Int32Array.of(0, 0, 1), scores: Float32Array.of(0.75, 0.5, 1)};

test('a latent pool survives encoding', t => {
	t.deepEqual(latentPool.decode(bytesOf(latentPool, pool)), pool);
});

test('a latent set survives encoding', t => {
	t.deepEqual(latentSet.decode(bytesOf(latentSet, example)), example);
});

test('equal latent sets have equal bytes', t => {
	const {scores, targetClasses, latents, latentSize} = structuredClone(example);
	t.deepEqual(bytesOf(latentSet, {scores, targetClasses, latents, latentSize}), bytesOf(latentSet, example));
});

test('a latent set is a pool and more, but not the other way round', t => {
	t.deepEqual(latentPool.decode(bytesOf(latentSet, example)), pool);
	t.throws(() => latentSet.decode(bytesOf(latentPool, pool)), {instanceOf: TypeError, message: 'Expected a I32 array named "targetClasses", got nothing'});
});

test('latents that do not fit their classes are refused', t => {
	t.throws(() => bytesOf(latentSet, {...example, targetClasses: Int32Array.of(0)}), {message: 'Array "latents" has 6 elements, but its shape [1, 2] says 2'});
});

test('latents that are NaN are refused', t => {
	t.throws(() => bytesOf(latentPool, {latents: Float32Array.of(0, Number.NaN), latentSize: 2}), {message: 'Array "latents" holds NaN'});
});

test('latents preview as their number', t => {
	t.is(latentPool.preview?.(pool), '3 latents of 2');
	t.is(latentSet.preview?.(example), '3 latents of 2, 2 target classes');
});

test('a pool remembers what its last layers read', t => {
	const layered = {...pool, upper: {firstLayer: 8, latents: Float32Array.from(pool.latents, value => value + 1)}};
	t.deepEqual(latentPool.decode(bytesOf(latentPool, layered)), layered);
});
