import {Buffer} from 'node:buffer';
import sharp from 'sharp';
import test from 'ava';
import type {ImageSet} from '../../artifacts/image-set.ts';
import {drawSprite, type Sprite} from '../../reporting/sprite.ts';
import {colouredImages} from '../helpers/report.ts';

const colour: ImageSet = {
	images: Uint8Array.from([255, 0, 0, 0, 128, 0]), shape: [2, 1, 1, 3], labels: Int32Array.from([0, 0]), identities: ['a'],
};

const grey: ImageSet = {
	images: Uint8Array.from([7, 200]), shape: [2, 1, 1, 1], labels: Int32Array.from([0, 0]), identities: ['a'],
};

async function pixels({source}: Sprite): Promise<number[]> {
	const {data} = await sharp(Buffer.from(source.replace('data:image/png;base64,', ''), 'base64')).ensureAlpha().raw().toBuffer({resolveWithObject: true});
	return [...data];
}

test('images stand side by side with a transparent gap', async t => {
	t.deepEqual(await pixels(await drawSprite([[{set: colour, index: 0}, {set: colour, index: 1}]])), [
		255, 0, 0, 255, 0, 0, 0, 0, 0, 128, 0, 255,
	]);
});

test('rows stand below each other, empty places stay transparent', async t => {
	t.deepEqual(await pixels(await drawSprite([[{set: colour, index: 1}], [undefined]])), [
		0, 128, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0,
	]);
});

test('images of one channel are grey', async t => {
	t.deepEqual(await pixels(await drawSprite([[{set: grey, index: 1}]])), [200, 200, 200, 255]);
});

test('small images are enlarged by a whole number', async t => {
	const set = colouredImages('x', {classes: 1, perClass: 2});
	const {width, height, isEnlarged} = await drawSprite([[{set, index: 0}, {set, index: 1}]]);
	t.deepEqual({width, height, isEnlarged}, {width: ((32 + 2 + 32) * 2), height: 64, isEnlarged: true});
});

test('large images are shrunk', async t => {
	const set = colouredImages('x', {classes: 1, perClass: 1, size: 256});
	const {width, height, isEnlarged} = await drawSprite([[{set, index: 0}]]);
	t.deepEqual({width, height, isEnlarged}, {width: 128, height: 128, isEnlarged: false});
});

test('the same images give the same bytes', async t => {
	const set = colouredImages('x', {classes: 1, perClass: 3});
	const layout = [[0, 1, 2].map(index => ({set, index}))];
	t.is((await drawSprite(layout)).source, (await drawSprite(layout)).source);
});

test('images of another size are refused', async t => {
	await t.throwsAsync(drawSprite([[{set: colour, index: 0}, {set: grey, index: 0}]]), {
		instanceOf: RangeError, message: 'Expected images of 1×1×3, as the first one, got 1×1×1',
	});
});

test('an index outside the set is refused', async t => {
	await t.throwsAsync(drawSprite([[{set: colour, index: 2}]]), {
		instanceOf: RangeError, message: 'Expected the index of one of 2 images, got 2',
	});
});

test('a sprite without images is refused', async t => {
	await t.throwsAsync(drawSprite([[]]), {instanceOf: RangeError, message: 'Expected at least one image for a sprite, got none'});
});
