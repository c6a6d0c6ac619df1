import type {ExecutionContext} from 'ava';
import {compileCommandLine} from '../../bin/compile.js';
import {Watcher, type WatchEvent, type WatchOptions} from '../../engine/watch.ts';
import {until} from './cli.ts';
import type {makeRig} from './rig.ts';

type Rig = Awaited<ReturnType<typeof makeRig>>;

type Kind = WatchEvent['event'];

/** Watches a rig until the test ends. */
export async function watchRig(t: ExecutionContext, {files}: Rig, options: Partial<WatchOptions> & {readonly checksTypes?: boolean} = {}) {
	const {worker, checker} = await compileCommandLine();
	const controller = new AbortController();
	const events: WatchEvent[] = [];
	const watcher = new Watcher({
		...files,
		workerFile: worker,
		checkerFile: options.checksTypes ? checker : undefined,
		goals: [],
		jobs: 2,
		...options,
		signal: controller.signal,
		listener(event) {
			events.push(event);
		},
	});
	const ended = watcher.run();
	const stop = async () => {
		controller.abort();
		await ended;
	};

	t.teardown(stop);
	/** Up to here events were waited for. */
	let seen = 0;
	return {
		events,
		stop,
		kill() {
			watcher.kill();
		},
		/** Waits for the next event of a kind. */
		async next<Wanted extends Kind>(kind: Wanted): Promise<Extract<WatchEvent, {event: Wanted}>> {
			const find = () => events.findIndex(({event}, index) => index >= seen && event === kind);
			await until(() => find() !== -1, `"${kind}" comes`, 60_000);
			const found = events[find()] as Extract<WatchEvent, {event: Wanted}>;
			seen = find() + 1;
			return found;
		},
		/** Waits until a round is complete, and says how its nodes ended. */
		async round() {
			const {outcomes} = await this.next('completed');
			return endings(outcomes);
		},
	};
}

/** Node names by outcome, where there are some, sorted. */
export function endings(outcomes: Extract<WatchEvent, {event: 'completed'}>['outcomes']): Readonly<Record<string, readonly string[]>> {
	const found: Record<string, string[]> = {};
	for (const [{name}, {outcome}] of outcomes) {
		found[outcome] = [...found[outcome] ?? [], name].toSorted();
	}

	return found;
}
