import {UserError} from '../engine/error.ts';

/** What the libraries say when memory is short: TensorFlow, WebAssembly, JavaScript's own arrays. */
const complaints = [
	/\bOOM when allocating\b/,
	/\bresource_exhausted\b/i,
	/\bout of memory\b/i,
	/\bcannot enlarge memory\b/i,
	/\bmemory access out of bounds\b/i,
	/\bArray buffer allocation failed\b/,
];

/** Whether an error says that there is not enough memory. Numbers that are not finite never do. */
export function isOutOfMemory(error: unknown): boolean {
	return error instanceof Error && error.name !== 'UserError' && complaints.some(complaint => complaint.test(error.message));
}

/**
 * Makes an attempt with `size` things at a time, and with half as many as often as memory is short. An attempt must leave nothing behind when it fails.
 *
 * @param onHalved - Hears of the new size, to record it.
 * @returns The value, and the size it was computed with, which the next attempt should begin with.
 * @throws {UserError} when even one at a time does not fit; what else an attempt throws is thrown on.
 */
export async function withinMemory<Value>(size: number, attempt: (size: number) => Promise<Value>, onHalved: (size: number) => void): Promise<{readonly value: Value; readonly size: number}> {
	for (let current = size; ; current = Math.ceil(current / 2)) {
		try {
			return {value: await attempt(current), size: current};
		} catch (error) {
			if (!isOutOfMemory(error)) {
				throw error;
			}

			if (current <= 1) {
				throw new UserError('out-of-memory', 'There is not enough memory for a single image', {
					facts: {reason: (error as Error).message.split('\n')[0]!},
					hint: 'Close other programs that use this memory, or choose another backend with --backend.',
					cause: error,
				});
			}

			onHalved(Math.ceil(current / 2));
		}
	}
}

/** Notes that memory was short, for the log of a stage. */
export function logHalved(log: ((message: string) => void) | undefined, what: string): (size: number) => void {
	return size => {
		log?.(`warning: out of memory, going on with ${size} ${what} at a time`);
	};
}
