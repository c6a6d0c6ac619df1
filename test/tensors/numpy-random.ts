import {createHash} from 'node:crypto';
import test from 'ava';
import {numpyStream} from '../../tensors/numpy-random.ts';
import {fixture, largestDifference} from '../helpers/tensors.ts';

type Golden = {
	readonly seed: number;
	/** The last of 1000. */
	readonly uniforms: readonly number[];
	/** The last of 1000. */
	readonly normals: readonly number[];
	/** For 1, 2, 3, 5 and 8: as many normals, uniforms and numbers of a permutation. */
	readonly mixed: readonly number[];
	readonly permutation: readonly number[];
};

type Shuffle = {readonly count: number; readonly first: readonly number[]; readonly digest: string};

const {numpy, shuffles, latentPool} = fixture<{
	numpy: readonly Golden[];
	shuffles: readonly Shuffle[];
	latentPool: {readonly latents: readonly number[]};
}>('framework-random.json');

/** Everything but the logarithm is the same to the last bit; those of C and JavaScript differ by rounding, relative 1e-15 in numbers up to 4. */
const logTolerance = 4e-15;

const draw = (count: number, next: () => number) => Array.from({length: count}, next);

for (const {seed, uniforms, normals, mixed, permutation} of numpy) {
	test(`uniform numbers and permutations of seed ${seed} are those of NumPy`, t => {
		const {uniform} = numpyStream(seed);
		t.deepEqual(draw(1000, uniform).slice(-uniforms.length), uniforms);
		t.deepEqual([...numpyStream(seed).permutation(100)], permutation);
	});

	test(`normal numbers of seed ${seed} are those of NumPy`, t => {
		const {normal} = numpyStream(seed);
		t.true(largestDifference(draw(1000, normal).slice(-normals.length), normals) <= logTolerance);
	});

	test(`the second normal of seed ${seed} is kept while other numbers are drawn`, t => {
		const {normal, uniform, permutation: permute} = numpyStream(seed);
		const drawn = [1, 2, 3, 5, 8].flatMap(count => [...draw(count, normal), ...draw(count, uniform), ...permute(count)]);
		t.true(largestDifference(drawn, mixed) <= logTolerance);
	});
}

for (const {count, first, digest} of shuffles) {
	test(`the official order of ${count} images is that of NumPy`, t => {
		const order = numpyStream(42).permutation(count);
		t.deepEqual([...order.subarray(0, 5)], first);
		t.is(createHash('sha256').update(order).digest('hex'), digest);
	});
}

test('the official splits of FaceScrub and CelebA start as the specification of the study says', t => {
	t.deepEqual([...numpyStream(42).permutation(37_878).subarray(0, 5)], [6892, 19_764, 8101, 35_969, 22_704]);
	t.deepEqual([...numpyStream(42).permutation(30_038).subarray(0, 5)], [15_705, 22_284, 10_146, 23_883, 8374]);
});

test('the first normal numbers of seed 42 are those of the specification of the study', t => {
	t.deepEqual(draw(3, numpyStream(42).normal).map(value => value.toFixed(8)), ['0.49671415', '-0.13826430', '0.64768854']);
});

test('normals are rounded to float32', t => {
	t.deepEqual([...numpyStream(42).normals(latentPool.latents.length)], latentPool.latents);
});

test('items are shuffled as numbers are', t => {
	const letters = [...'abcdefghij'];
	t.deepEqual(numpyStream(3).shuffle(letters), [...numpyStream(3).permutation(10)].map(index => letters[index]));
	t.is(letters.join(''), 'abcdefghij');
});

test('integers reach their largest value, and the only one of 0 costs no draw', t => {
	const stream = numpyStream(1);
	const drawn = draw(1000, () => stream.integer(2));
	t.deepEqual([...new Set(drawn)].toSorted((a, b) => a - b), [0, 1, 2]);
	const [used, fresh] = [numpyStream(5), numpyStream(5)];
	t.is(used.integer(0), 0);
	t.is(used.integer(0xFF_FF_FF_FF), fresh.integer(0xFF_FF_FF_FF));
	t.throws(() => stream.integer(-1), {message: 'integer(max) needs a whole number from 0 to 4294967295, got -1'});
});
