import {UserError} from '../engine/error.ts';

/** What the libraries say when memory is short and they can go on with less: TensorFlow, our WebAssembly allocator, JavaScript's own arrays. */
const complaints = [
	/\bOOM when allocating\b/,
	/\bresource_exhausted\b/i,
	/\bout of memory\b/i,
	/\bcannot enlarge memory\b/i,
	/\bArray buffer allocation failed\b/,
];

/** What WebAssembly says when memory ran short inside of its library, which is of no use from then on. */
const lastWords = [/^Aborted\(/, /\bmemory access out of bounds\b/];

function says(error: unknown, sentences: readonly RegExp[]): error is Error {
	return error instanceof Error && error.name !== 'UserError' && sentences.some(sentence => sentence.test(error.message));
}

/** Whether an error says that there is not enough memory, and that less would do. Numbers that are not finite never do. */
export function isOutOfMemory(error: unknown): boolean {
	return says(error, complaints);
}

/** Whether an error says that the backend ended for lack of memory: nothing computes in this process any more. */
export function isEndOfBackend(error: unknown): boolean {
	return says(error, lastWords);
}

/** There was not enough memory, in words. */
export function outOfMemory(sentence: string, hint: string, cause: unknown): UserError {
	const [reason = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
	return new UserError('out-of-memory', sentence, {facts: {reason}, hint, cause});
}

/**
 * Computes with a batch whose size changes the result, so that it cannot be halved.
 * @throws {UserError} when there is not enough memory for it; what else is thrown is thrown on
 */
export async function batchInMemory<Value>(images: number, compute: () => Promise<Value>): Promise<Value> {
	try {
		return await compute();
	} catch (error) {
		throw isOutOfMemory(error) || isEndOfBackend(error)
			? outOfMemory(`There is not enough memory for a training step with ${images} images`, 'Set "batchSize" of this training lower, or choose another backend with --backend; "pipeline estimate" tells what each needs.', error)
			: error;
	}
}
