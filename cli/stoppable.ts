import process from 'node:process';

/** Performs something that the first Ctrl-C ends where it is. @returns the exit code: 0, or 130 when it was stopped */
export async function stoppable(perform: (signal: AbortSignal) => Promise<unknown>): Promise<number> {
	const controller = new AbortController();
	const stop = () => {
		controller.abort();
	};

	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
	for (const signal of signals) {
		process.once(signal, stop);
	}

	try {
		await perform(controller.signal);
		return 0;
	} catch (error) {
		if (controller.signal.aborted) {
			return 130;
		}

		throw error;
	} finally {
		for (const signal of signals) {
			process.off(signal, stop);
		}
	}
}
