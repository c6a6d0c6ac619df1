const size = 624;
const middle = 397;

/**
 * The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), the generator below NumPy's legacy random numbers and PyTorch's on the CPU,
 * started from one number as both of them do (Knuth's recurrence with the factor 1812433253).
 *
 * @param seed - a whole number from 0 to 2³² − 1.
 * @returns The next 32 random bits per call, as a number from 0 to 2³² − 1.
 * @throws {RangeError} for any other seed.
 */
export function mersenneTwister(seed: number): () => number {
	if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) {
		throw new RangeError(`mersenneTwister(seed) needs a whole number from 0 to 4294967295, got ${seed}`);
	}

	const state = initialState(seed);
	let position = size;
	return () => {
		if (position === size) {
			renew(state);
			position = 0;
		}

		return temper(state[position++]!);
	};
}

function initialState(seed: number): Uint32Array {
	const state = new Uint32Array(size);
	state[0] = seed;
	for (let index = 1; index < size; index++) {
		const before = state[index - 1]!;
		state[index] = Math.imul(1_812_433_253, before ^ (before >>> 30)) + index;
	}

	return state;
}

/** The next 624 words, in place of the ones before. */
function renew(state: Uint32Array): void {
	for (let index = 0; index < size; index++) {
		const word = (state[index]! & 0x80_00_00_00) | (state[(index + 1) % size]! & 0x7F_FF_FF_FF);
		state[index] = state[(index + middle) % size]! ^ (word >>> 1) ^ (word & 1 ? 0x99_08_B0_DF : 0);
	}
}

function temper(word: number): number {
	let bits = word;
	bits ^= bits >>> 11;
	bits ^= (bits << 7) & 0x9D_2C_56_80;
	bits ^= (bits << 15) & 0xEF_C6_00_00;
	return (bits ^ (bits >>> 18)) >>> 0;
}
