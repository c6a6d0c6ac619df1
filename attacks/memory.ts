import {isEndOfBackend, isOutOfMemory, outOfMemory} from '../tensors/out-of-memory.ts';

/** How an attempt may be made smaller. */
export type Halving = {
	/** Hears of the new size, to record it. */
	readonly onHalved: (size: number) => void;
	/** The param that says how many things there are at a time at first. */
	readonly param: string;
};

/**
 * Makes an attempt with `size` things at a time, and with half as many as often as memory is short. An attempt must leave nothing behind when it fails.
 *
 * @returns The value, and the size it was computed with, which the next attempt should begin with.
 * @throws {UserError} when even one at a time does not fit, or the backend ended for lack of memory; what else an attempt throws is thrown on.
 */
export async function withinMemory<Value>(size: number, attempt: (size: number) => Promise<Value>, {onHalved, param}: Halving): Promise<{readonly value: Value; readonly size: number}> {
	for (let current = size; ; current = Math.ceil(current / 2)) {
		try {
			return {value: await attempt(current), size: current};
		} catch (error) {
			const half = Math.ceil(current / 2);
			if (isEndOfBackend(error)) {
				throw outOfMemory(`There is not enough memory for ${current} images at a time`, `Set ${param} to ${half} or less: "pipeline estimate" tells how many fit. Running again carries on from what is done.`, error);
			}

			if (!isOutOfMemory(error)) {
				throw error;
			}

			if (current <= 1) {
				throw outOfMemory('There is not enough memory for a single image', 'Close other programs that use this memory, or choose another backend with --backend; "pipeline estimate" tells how much is needed.', error);
			}

			onHalved(half);
		}
	}
}

/** Notes that memory was short, for the log of a stage. */
export function logHalved(log: ((message: string) => void) | undefined, what: string): (size: number) => void {
	return size => {
		log?.(`warning: out of memory, going on with ${size} ${what} at a time`);
	};
}
