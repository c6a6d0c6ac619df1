import test from 'ava';
import {splitIdentities, splitImages, splitImagesOfficially} from '../../datasets/split.ts';
import {describeError} from '../../engine/error.ts';
import {identitySet, pixelsOf} from '../helpers/identity-set.ts';
import {fixture} from '../helpers/tensors.ts';

const seeds = ['0', '1', '2', '3'];

test('private and public splits share no identity and lose none', t => {
	const set = identitySet([2, 1, 3, 2, 1]);
	for (const seed of seeds) {
		const {private: own, public: open} = splitIdentities(set, {privateIdentities: 2}, seed);
		t.is(own.identities.length, 2);
		t.deepEqual([...own.identities, ...open.identities].toSorted(), set.identities);
		t.deepEqual([...pixelsOf(own), ...pixelsOf(open)].toSorted(), pixelsOf(set));
	}
});

test('classes are numbered anew and keep their images', t => {
	for (const seed of seeds) {
		const {private: own} = splitIdentities(identitySet([2, 1, 3, 2, 1]), {privateIdentities: 3}, seed);
		t.deepEqual(pixelsOf(own).map(name => name.split('#')[0]), [...own.labels].map(label => own.identities[label]));
		t.deepEqual([...new Set(own.labels)], [0, 1, 2]);
	}
});

test('splits keep the order of the set', t => {
	for (const seed of seeds) {
		const {public: open} = splitIdentities(identitySet([2, 1, 3, 2, 1]), {privateIdentities: 1}, seed);
		t.deepEqual(open.identities, open.identities.toSorted());
		t.deepEqual(pixelsOf(open), pixelsOf(open).toSorted());
	}
});

test('fewer private identities are among more', t => {
	for (const seed of seeds) {
		const [few, many] = [2, 4].map(privateIdentities => splitIdentities(identitySet([1, 1, 1, 1, 1, 1]), {privateIdentities}, seed).private.identities);
		t.true(few!.every(name => many!.includes(name)));
	}
});

test('the seed decides who is private', t => {
	const choices = seeds.map(seed => splitIdentities(identitySet(Array.from({length: 30}, () => 1)), {privateIdentities: 15}, seed).private.identities.join(' '));
	t.is(new Set(choices).size, seeds.length);
});

test('too few identities for a split are refused', t => {
	const error = t.throws(() => splitIdentities(identitySet([1, 1, 1]), {privateIdentities: 3}, '0'));
	t.is(describeError(error), [
		'The data set has 3 identities, too few for a private and a public split',
		'  expected  3 private and at least 1 public',
		'  got       3',
		'Set "privateIdentities" lower or add identities to the data set.',
	].join('\n'));
});

test('every identity gives as many test images as asked', t => {
	const {train, test: held} = splitImages(identitySet([3, 4, 5]), {testPerIdentity: 2}, '0');
	t.deepEqual([...held.labels], [0, 0, 1, 1, 2, 2]);
	t.deepEqual([...train.labels], [0, 1, 1, 2, 2, 2]);
});

test('every identity gives as many training images as asked', t => {
	const {train, test: held} = splitImages(identitySet([3, 4, 5]), {trainPerIdentity: 2}, '0');
	t.deepEqual([...train.labels], [0, 0, 1, 1, 2, 2]);
	t.deepEqual([...held.labels], [0, 1, 1, 2, 2, 2]);
});

test('training and test images share none and lose none', t => {
	const set = identitySet([3, 4, 5]);
	for (const seed of seeds) {
		const {train, test: held} = splitImages(set, {testPerIdentity: 2}, seed);
		t.deepEqual([...pixelsOf(train), ...pixelsOf(held)].toSorted(), pixelsOf(set));
	}
});

test('both sides keep all identities and the order of the set', t => {
	const set = identitySet([3, 4, 5]);
	const {train, test: held} = splitImages(set, {testPerIdentity: 1}, '0');
	for (const side of [train, held]) {
		t.deepEqual(side.identities, set.identities);
		t.deepEqual(pixelsOf(side), pixelsOf(side).toSorted());
	}
});

test('another identity moves no image of the others', t => {
	const [few, more] = [identitySet([5, 5]), identitySet([5, 5, 5])].map(set => pixelsOf(splitImages(set, {testPerIdentity: 2}, '0').test));
	t.deepEqual(more!.slice(0, 4), few);
});

test('the same seed splits the same way', t => {
	const split = () => splitImages(identitySet([6, 6]), {testPerIdentity: 3}, '7');
	t.deepEqual(split(), split());
});

test('identities with one image cannot be split', t => {
	const error = t.throws(() => splitImages(identitySet([1, 3, 1]), {testPerIdentity: 1}, '0'));
	t.is(describeError(error), [
		'2 identities have too few images to split',
		'  expected  at least 2 each: "testPerIdentity" takes 1, and 1 must be left as training image',
		'  a         has 1 image',
		'  c         has 1 image',
		'Set "testPerIdentity" lower, add images of these identities or remove their folders.',
	].join('\n'));
});

test('a split that leaves no test image is refused', t => {
	const error = t.throws(() => splitImages(identitySet([4, 3]), {trainPerIdentity: 3}, '0'));
	t.is(describeError(error), [
		'1 identity has too few images to split',
		'  expected  at least 4 each: "trainPerIdentity" takes 3, and 1 must be left as test image',
		'  b         has 3 images',
		'Set "trainPerIdentity" lower, add images of these identities or remove their folders.',
	].join('\n'));
});

const {imageSplit: official} = fixture<{imageSplit: {readonly count: number; readonly trainShare: number; readonly order: readonly number[]}}>('framework-random.json');

test('the official split is the order of NumPy, cut at nine tenths', t => {
	const set = identitySet([10, 20, 7]);
	const names = pixelsOf(set);
	const {train, test: held} = splitImagesOfficially(set, {numpySeed: 42, trainShare: official.trainShare});
	t.is(train.labels.length, 33);
	t.deepEqual([...pixelsOf(train), ...pixelsOf(held)], official.order.map(index => names[index]));
	t.deepEqual([train.identities, held.identities], [set.identities, set.identities]);
});

test('the official split looks at no person', t => {
	const {test: held} = splitImagesOfficially(identitySet([5, 5, 5]), {numpySeed: 42, trainShare: 0.9});
	t.is(held.labels.length, 2);
});

test('an official split that leaves one side empty is refused', t => {
	const error = t.throws(() => splitImagesOfficially(identitySet([1]), {numpySeed: 42, trainShare: 0.9}));
	t.is(describeError(error), [
		'The data set has 1 image, too few to split',
		'  expected  at least 1 training and 1 test image',
		'  got       0 and 1',
		'Set "officialSplit.trainShare" otherwise or add images.',
	].join('\n'));
});
