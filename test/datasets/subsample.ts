import test from 'ava';
import {subsamplePerClass} from '../../datasets/subsample.ts';
import {describeError} from '../../engine/error.ts';
import {identitySet, pixelsOf} from '../helpers/identity-set.ts';

const seeds = ['0', '1', '2', '3'];

test('every class keeps as many images as asked', t => {
	const {subset, shortClasses} = subsamplePerClass(identitySet([5, 7, 4]), {perClass: 3}, '0');
	t.deepEqual([...subset.labels], [0, 0, 0, 1, 1, 1, 2, 2, 2]);
	t.deepEqual(shortClasses, []);
});

test('smaller subsets are contained in larger ones', t => {
	for (const seed of seeds) {
		const sizes = [1, 2, 3, 5, 8].map(perClass => new Set(pixelsOf(subsamplePerClass(identitySet([8, 8, 3]), {perClass}, seed).subset)));
		for (const [index, larger] of sizes.slice(1).entries()) {
			t.true([...sizes[index]!].every(image => larger.has(image)));
		}
	}
});

test('a subset keeps the order of the set and its identities', t => {
	for (const seed of seeds) {
		const {subset} = subsamplePerClass(identitySet([6, 6]), {perClass: 4}, seed);
		t.deepEqual(pixelsOf(subset), pixelsOf(subset).toSorted());
		t.deepEqual(subset.identities, ['a', 'b']);
	}
});

test('images keep their labels', t => {
	const {subset} = subsamplePerClass(identitySet([6, 6, 6]), {perClass: 2}, '0');
	t.deepEqual(pixelsOf(subset).map(name => name.split('#')[0]), [...subset.labels].map(label => subset.identities[label]));
});

test('asking for all images gives the whole set', t => {
	const set = identitySet([4, 4]);
	t.deepEqual(subsamplePerClass(set, {perClass: 4}, '0').subset, set);
});

test('classes with fewer images give all they have and are named', t => {
	const {subset, shortClasses} = subsamplePerClass(identitySet([2, 5, 1]), {perClass: 3}, '0');
	t.deepEqual([...subset.labels], [0, 0, 1, 1, 1, 2]);
	t.deepEqual(shortClasses, ['a', 'c']);
});

test('the seed decides which images are kept', t => {
	const choices = seeds.map(seed => pixelsOf(subsamplePerClass(identitySet([20]), {perClass: 10}, seed).subset).join(' '));
	t.is(new Set(choices).size, seeds.length);
});

test('classes are sampled independently of each other', t => {
	const {subset} = subsamplePerClass(identitySet([20, 20]), {perClass: 10}, '0');
	const [first, second] = ['a', 'b'].map(name => pixelsOf(subset).filter(image => image.startsWith(name)).map(image => image.slice(1)));
	t.notDeepEqual(first, second);
});

test('classes with fewer images can be refused', t => {
	const error = t.throws(() => subsamplePerClass(identitySet([2, 5, 1]), {perClass: 3, onShort: 'error'}, '0'));
	t.is(describeError(error), [
		'2 classes have fewer than 3 training images',
		'  a  has 2 images',
		'  c  has 1 image',
		'Set "perClass" to at most 1, or "onShort" to "accept" to train with what there is.',
	].join('\n'));
});
