import {normalPair, shuffleInPlace} from './draws.ts';
import {mersenneTwister} from './mersenne-twister.ts';

/**
 * The random numbers of NumPy's legacy generator, `numpy.random.RandomState(seed)` and `numpy.random.seed(seed)`, to the last bit but
 * for the logarithm of `normal`. The published code of the study draws splits and latents from it. Unlike a `RandomStream` it cannot be split:
 * every draw shifts the ones after it.
 */
export type NumpyStream = {
	/** A float64 in [0, 1) from 53 random bits: `random_sample()`. */
	uniform(): number;
	/** A float64 from the standard normal distribution: `standard_normal()`. */
	normal(): number;
	/** A whole number from 0 to `max`, at most 2³² − 1, as `shuffle` draws them. */
	integer(max: number): number;
	/** The items in the order that `shuffle(items)` gives them, in a new array. */
	shuffle<T>(items: readonly T[]): T[];
	/** The numbers from 0 to `count` − 1 in that order: `permutation(count)`. */
	permutation(count: number): Int32Array;
	/** `count` values of `normal()`, rounded to float32: `standard_normal(count).astype('float32')`. */
	normals(count: number): Float32Array;
};

/** @param seed - a whole number from 0 to 2³² − 1. @throws {RangeError} for any other seed. */
export function numpyStream(seed: number): NumpyStream {
	const next = mersenneTwister(seed);
	let spare: number | undefined;

	const uniform = () => {
		const upper = next() >>> 5;
		const lower = next() >>> 6;
		return ((upper * (2 ** 26)) + lower) / (2 ** 53);
	};

	// NumPy hands out the second number of a pair first.
	const normal = () => {
		if (spare !== undefined) {
			const value = spare;
			spare = undefined;
			return value;
		}

		const [first, second] = normalPair(() => (2 * uniform()) - 1);
		spare = first;
		return second;
	};

	// As many low bits as `max` has, until they are not above it.
	const integer = (max: number) => {
		if (!(Number.isInteger(max) && max >= 0 && max < 2 ** 32)) {
			throw new RangeError(`integer(max) needs a whole number from 0 to 4294967295, got ${max}`);
		}

		// Shifting by 32 would shift by 0.
		const mask = max === 0 ? 0 : 0xFF_FF_FF_FF >>> Math.clz32(max);
		for (;;) {
			const value = mask === 0 ? 0 : (next() & mask) >>> 0;
			if (value <= max) {
				return value;
			}
		}
	};

	return {
		uniform,
		normal,
		integer,
		shuffle: items => shuffleInPlace([...items], integer),
		permutation: count => shuffleInPlace(Int32Array.from({length: count}, (_, index) => index), integer),
		normals: count => Float32Array.from({length: count}, normal),
	};
}
