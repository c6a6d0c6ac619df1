import test from 'ava';
import {imageSet, type ImageSet} from '../../artifacts/image-set.ts';
import {latentPool} from '../../artifacts/latents.ts';
import {bytesOf} from '../helpers/bytes.ts';

const example: ImageSet = {
	images: Uint8Array.from({length: 2 * 2 * 3 * 1}, (_, index) => index * 20),
	shape: [2, 2, 3, 1],
	labels: Int32Array.of(1, 0),
	identities: ['Zoë 李', 'a/b"c'],
};

test('an image set survives encoding', t => {
	t.deepEqual(imageSet.decode(bytesOf(imageSet, example)), example);
});

test('a set without images survives encoding', t => {
	const empty: ImageSet = {images: new Uint8Array(), shape: [0, 2, 3, 1], labels: new Int32Array(), identities: ['a']};
	t.deepEqual(imageSet.decode(bytesOf(imageSet, empty)), empty);
});

test('equal image sets have equal bytes', t => {
	const {images, shape, labels, identities} = structuredClone(example);
	t.deepEqual(bytesOf(imageSet, {identities, labels, shape, images}), bytesOf(imageSet, example));
});

test('image sets that differ in a name have other bytes', t => {
	t.notDeepEqual(bytesOf(imageSet, {...example, identities: ['Zoë 李', 'a/b\'c']}), bytesOf(imageSet, example));
});

test('images that do not fit their shape are refused', t => {
	t.throws(() => bytesOf(imageSet, {...example, shape: [2, 2, 3, 3]}), {message: 'Array "images" has 12 elements, but its shape [2, 2, 3, 3] says 36'});
});

test('bytes of another kind are refused', t => {
	t.throws(() => imageSet.decode(bytesOf(latentPool, {latents: new Float32Array(2), latentSize: 2})), {message: 'Expected a U8 array named "images", got nothing'});
});

test('an image set previews as its size', t => {
	t.is(imageSet.preview?.(example), '2 images of 2×3×1, 2 identities');
});
