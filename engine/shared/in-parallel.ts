import {setMaxListeners} from 'node:events';
import PQueue from 'p-queue';

export type ParallelOptions = {
	readonly concurrency: number;
	/** Starts nothing more when aborted, and ends what runs. */
	readonly signal: AbortSignal;
};

/**
 * Does something with every item, several at a time. The first failure ends the rest and is thrown when nothing runs any more.
 * @throws what `perform` throws first, or the reason of the signal
 */
export async function inParallel<Item>(items: Iterable<Item>, {concurrency, signal}: ParallelOptions, perform: (item: Item, signal: AbortSignal) => Promise<void>): Promise<void> {
	const end = new AbortController();
	const either = AbortSignal.any([signal, end.signal]);
	// Every transfer listens several times.
	setMaxListeners(0, either);
	const queue = new PQueue({concurrency});
	const failures: unknown[] = [];
	for (const item of items) {
		void queue.add(async () => {
			if (either.aborted) {
				return;
			}

			try {
				await perform(item, either);
			} catch (error) {
				failures.push(error);
				end.abort();
			}
		});
	}

	await queue.onIdle();
	signal.throwIfAborted();
	if (failures.length > 0) {
		throw failures[0];
	}
}
