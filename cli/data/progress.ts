import process from 'node:process';

/** A line on a terminal that says how far something is; nothing elsewhere. */
export type Progress = Disposable & {readonly show: (done: number, total: number) => void};

const redrawEveryMs = 120;

/** @param unit what is counted, in the plural */
export async function startProgress(unit: string): Promise<Progress> {
	if (!process.stderr.isTTY) {
		return {show: () => undefined, [Symbol.dispose]: () => undefined};
	}

	const {createLogUpdate} = await import('log-update');
	const line = createLogUpdate(process.stderr, {showCursor: true});
	let drawnMs = Number.NEGATIVE_INFINITY;
	return {
		show(done, total) {
			const nowMs = performance.now();
			if (nowMs - drawnMs >= redrawEveryMs) {
				drawnMs = nowMs;
				line(`${done} of ${total} ${unit}`);
			}
		},
		[Symbol.dispose]() {
			line.clear();
		},
	};
}
