import {deserialize, serialize} from 'node:v8';
import type {Resumable} from '../../engine/stage.ts';

class Stopped extends Error {}

/**
 * Performs a computation that is stopped after some of its steps, and each time goes on from the state it was in, after a way through bytes.
 * The state of every other step is taken too, which must change nothing.
 *
 * @param stops numbers of finished steps, ascending
 * @returns the result, and the numbers of all steps that were made and could have been gone on from
 */
export async function performStopped<State, Value>(compute: (context: Resumable<State>) => Promise<Value>, stops: readonly number[]): Promise<{readonly value: Value; readonly steps: readonly number[]}> {
	const steps: number[] = [];
	let resume: State | undefined;
	for (const stop of [...stops, Number.POSITIVE_INFINITY]) {
		let saved: State | undefined;
		try {
			const value = await compute({
				resume,
				async onStep(done, _total, _unit, takeState) {
					if (takeState) {
						steps.push(done);
						saved = deserialize(serialize(await takeState())) as State;
						if (done === stop) {
							throw new Stopped();
						}
					}
				},
			});
			return {value, steps};
		} catch (error) {
			if (!(error instanceof Stopped)) {
				throw error;
			}

			resume = saved;
		}
	}

	throw new Error(`Expected ${stops.length} stops and then an end, but it never ended`);
}

/** The whole numbers from 1 to `last`. */
export function upTo(last: number): readonly number[] {
	return Array.from({length: last}, (_, index) => index + 1);
}
