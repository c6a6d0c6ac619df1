import {createHash} from 'node:crypto';
import test from 'ava';
import {mersenneTwister} from '../../tensors/mersenne-twister.ts';
import {fixture} from '../helpers/tensors.ts';

/** The first words of NumPy, and the SHA-256 of 2000 of them, which go three times through the state. */
type Golden = {readonly seed: number; readonly first: readonly number[]; readonly digestOf2000: string};

const {words} = fixture<{words: readonly Golden[]}>('framework-random.json');

for (const {seed, first, digestOf2000} of words) {
	test(`the words of seed ${seed} are those of NumPy`, t => {
		const next = mersenneTwister(seed);
		const drawn = Uint32Array.from({length: 2000}, next);
		t.deepEqual([...drawn.subarray(0, first.length)], first);
		t.is(createHash('sha256').update(drawn).digest('hex'), digestOf2000);
	});
}

test('seeds that are no 32-bit numbers are refused', t => {
	for (const seed of [-1, 0.5, 2 ** 32, Number.NaN]) {
		t.throws(() => mersenneTwister(seed), {instanceOf: RangeError, message: `mersenneTwister(seed) needs a whole number from 0 to 4294967295, got ${seed}`});
	}
});
