import {Buffer} from 'node:buffer';
import test from 'ava';
import type {ImageSet} from '../../../artifacts/image-set.ts';
import {proceduralFaces, type ProceduralFacesParams} from '../../../datasets/procedural-faces/index.ts';

const small: ProceduralFacesParams = {identities: 3, imagesPerIdentity: 4, size: 16};

test('images are RGB, identity-major and labelled', async t => {
	const {images, shape, labels} = await draw(small);
	t.deepEqual(shape, [12, 16, 16, 3]);
	t.is(images.length, 12 * 16 * 16 * 3);
	t.deepEqual([...labels], [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
});

test('identities are numbered from one', async t => {
	const {identities} = await draw(small);
	t.deepEqual(identities, ['face-0001', 'face-0002', 'face-0003']);
});

test('the same seed gives identical bytes', async t => {
	t.deepEqual(await draw(small), await draw(small));
});

test('another seed gives other images', async t => {
	const [one, other] = [await draw(small), await draw(small, 'other')];
	t.notDeepEqual(other.images, one.images);
});

test('no two images are alike', async t => {
	const set = await draw(small);
	t.is(new Set(Array.from({length: 12}, (_, index) => imageOf(set, index))).size, 12);
});

test('more images per identity keep the earlier ones', async t => {
	const [few, many] = [await draw(small), await draw({...small, imagesPerIdentity: 6})];
	for (let person = 0; person < small.identities; person++) {
		for (let shot = 0; shot < small.imagesPerIdentity; shot++) {
			t.is(imageOf(few, (person * 4) + shot), imageOf(many, (person * 6) + shot));
		}
	}
});

test('more identities keep the earlier ones', async t => {
	const [few, many] = [await draw(small), await draw({...small, identities: 5})];
	t.deepEqual(many.images.subarray(0, few.images.length), few.images);
});

test('progress is reported once per image', async t => {
	const steps: number[][] = [];
	await proceduralFaces(small, 'seed', async (done, total) => {
		steps.push([done, total]);
	});
	t.is(steps.length, 12);
	t.deepEqual(steps.at(-1), [12, 12]);
});

test('cancelling stops the drawing', async t => {
	const cancel = async (done: number) => {
		if (done === 2) {
			throw new Error('cancelled');
		}
	};

	await t.throwsAsync(proceduralFaces(small, 'seed', cancel), {message: 'cancelled'});
});

async function draw(params: ProceduralFacesParams, seed = 'seed'): Promise<ImageSet> {
	return proceduralFaces(params, seed, async () => {}); // eslint-disable-line @typescript-eslint/no-empty-function -- nothing to report to
}

function imageOf({images, shape: [, height, width, channels]}: ImageSet, index: number): string {
	const length = height * width * channels;
	return Buffer.from(images.subarray(index * length, (index + 1) * length)).toString('base64');
}
