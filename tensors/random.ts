import {normalPair, shuffleInPlace} from './draws.ts';

/**
 * A stream of pseudorandom numbers. What it yields depends only on the seed and the names that led to it: neither the draws made
 * from other streams nor those made from the stream it was split off can shift its numbers.
 */
export type RandomStream = {
	/** An independent stream of this name. The same name always gives the same stream, whatever was drawn before. */
	split(name: string): RandomStream;
	/** A float64 in [low, high), by default [0, 1), from 53 random bits. */
	uniform(low?: number, high?: number): number;
	/** A float64 from the standard normal distribution. */
	normal(): number;
	/** A whole number from 0 to `bound` − 1. */
	integer(bound: number): number;
	/** The items in random order, in a new array. */
	shuffle<T>(items: readonly T[]): T[];
	/** The numbers from 0 to `count` − 1 in random order. */
	permutation(count: number): Int32Array;
	/** An index, drawn with probability proportional to its weight. */
	categorical(weights: readonly number[]): number;
	/** `count` float32 values in [low, high) from 24 random bits each; rounding to float32 may give `high` itself unless the range is [0, 1). */
	uniforms(count: number, low: number, high: number): Float32Array;
	/** `count` values of `normal()`, rounded to float32. */
	normals(count: number): Float32Array;
	/** Where the stream is: all that its next draws depend on. */
	position(): StreamPosition;
	/** The same stream where it was then; this one stays where it is. */
	at(position: StreamPosition): RandomStream;
};

/** What was drawn from a stream, as plain values. */
export type StreamPosition = {
	/** State of the generator. */
	readonly words: Words;
	/** The second of a pair of normals, when only the first was drawn. */
	readonly spare: number | undefined;
};

type Words = readonly [number, number, number, number];

/** The stream of a seed. Any text is a seed; all its characters count. */
export function randomStream(seed: string): RandomStream {
	return streamOf(absorb([0x24_3F_6A_88, 0x85_A3_08_D3, 0x13_19_8A_2E, 0x03_70_73_44], seed));
}

function streamOf(key: Words, start?: StreamPosition): RandomStream {
	const {next, words} = xoshiro128(start?.words ?? key);
	let spare = start?.spare;

	const uniform = (low = 0, high = 1) => {
		const upper = next() >>> 5;
		const lower = next() >>> 6;
		return low + ((high - low) * (((upper * 0x4_00_00_00) + lower) / 0x20_00_00_00_00_00_00));
	};

	// The second of a pair is kept for the next call.
	const normal = () => {
		if (spare !== undefined) {
			const value = spare;
			spare = undefined;
			return value;
		}

		const [first, second] = normalPair(() => uniform(-1, 1));
		spare = second;
		return first;
	};

	// The bias towards small numbers is below bound / 2^53.
	const integer = (bound: number) => {
		if (!(Number.isSafeInteger(bound) && bound > 0)) {
			throw new RangeError(`integer(bound) needs a whole number above 0, got ${bound}`);
		}

		return Math.floor(uniform() * bound);
	};

	const shuffled = <Items extends unknown[] | Int32Array>(items: Items) => shuffleInPlace(items, last => integer(last + 1));

	return {
		split: name => streamOf(absorb(key, name)),
		uniform,
		normal,
		integer,
		shuffle: items => shuffled([...items]),
		permutation: count => shuffled(Int32Array.from({length: count}, (_, index) => index)),
		categorical: weights => pick(weights, uniform()),
		uniforms: (count, low, high) => Float32Array.from({length: count}, () => low + ((high - low) * ((next() >>> 8) / 0x1_00_00_00))),
		normals: count => Float32Array.from({length: count}, normal),
		position: () => ({words: words(), spare}),
		at: position => streamOf(key, position),
	};
}

function pick(weights: readonly number[], fraction: number): number {
	let total = 0;
	for (const [index, weight] of weights.entries()) {
		if (!(weight >= 0 && Number.isFinite(weight))) {
			throw new RangeError(`categorical(weights) needs finite weights of at least 0, got ${weight} at index ${index}`);
		}

		total += weight;
	}

	if (total === 0) {
		throw new RangeError('categorical(weights) needs a weight above 0');
	}

	let rest = fraction * total;
	let last = -1;
	for (const [index, weight] of weights.entries()) {
		if (weight > 0) {
			if (rest < weight) {
				return index;
			}

			rest -= weight;
			last = index;
		}
	}

	// Only rounding leads here; the last index that can be drawn is the right one.
	return last;
}

/** The generator xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021): 32 bits per call as a signed integer. */
function xoshiro128([first, second, third, fourth]: Words): {readonly next: () => number; readonly words: () => Words} {
	let [a, b, c, d] = [first, second, third, fourth];
	const next = () => {
		const product = Math.imul(b, 5);
		const result = Math.imul((product << 7) | (product >>> 25), 9);
		const shifted = b << 9;
		c ^= a;
		d ^= b;
		b ^= c;
		a ^= d;
		c ^= shifted;
		d = (d << 11) | (d >>> 21);
		return result;
	};

	return {next, words: () => [a, b, c, d]};
}

/**
 * The key of a name below a key: 128 bits in four lanes. Each lane takes in every UTF-16 code unit and the length by xor, a multiplication with
 * its own odd constant and a rotation; afterwards the lanes are added into each other between rounds of MurmurHash3's finalizer.
 * It spreads names well and is not meant to resist an adversary.
 */
function absorb(key: Words, name: string): Words {
	let [a, b, c, d] = key;
	for (let index = 0; index <= name.length; index++) {
		const unit = index < name.length ? name.charCodeAt(index) : 0x1_00_00 + name.length; // eslint-disable-line unicorn/prefer-code-point -- units, so that every string, even an ill-formed one, has its own key
		a = rotate(Math.imul(a ^ unit, 0x9E_37_79_B1), 15);
		b = rotate(Math.imul(b ^ unit, 0x85_EB_CA_77), 13);
		c = rotate(Math.imul(c ^ unit, 0xC2_B2_AE_3D), 11);
		d = rotate(Math.imul(d ^ unit, 0x27_D4_EB_2F), 17);
	}

	for (let round = 0; round < 2; round++) {
		a = finish(a + b);
		b = finish(b + c);
		c = finish(c + d);
		d = finish(d + a);
	}

	// The generator's only forbidden state.
	return (a | b | c | d) === 0 ? [1, 2, 3, 4] : [a, b, c, d];
}

function rotate(word: number, bits: number): number {
	return (word << bits) | (word >>> (32 - bits));
}

function finish(word: number): number {
	let mixed = Math.imul(word ^ (word >>> 16), 0x85_EB_CA_6B);
	mixed = Math.imul(mixed ^ (mixed >>> 13), 0xC2_B2_AE_35);
	return mixed ^ (mixed >>> 16);
}
