import process from 'node:process';
import {setTimeout} from 'node:timers/promises';
import type {Options} from 'execa';
import {childrenOf, isRunning, start} from '../helpers/cli.ts';

/** A line of `pipeline run --json`, as far as the campaign looks at it. */
export type RunEvent = {
	readonly event?: string;
	readonly node?: string;
	readonly durationMs?: number;
	readonly outcome?: {
		readonly outcome: string;
		readonly outputs?: Readonly<Record<string, {readonly digest: string}>>;
		readonly error?: {readonly code?: string; readonly message: string};
	};
	/** In the only line of an invocation that could not run. */
	readonly error?: {readonly code?: string; readonly message: string; readonly hint?: string};
};

/** Node → digests of its outputs, in the order of their names. */
export type Digests = Readonly<Record<string, readonly string[]>>;

/** What an invocation ended with. */
export type Ended = {
	readonly exitCode: number | undefined;
	readonly signal: string | undefined;
	readonly events: readonly RunEvent[];
	/** What it said, for the report of a violation. */
	readonly text: string;
	readonly stderr: string;
};

/** How long anything may take before it counts as a deadlock: on a busy machine a run may be a hundred times slower than on an idle one. */
export const limitMs = 100_000;

/** A promise that must not be broken was broken. */
export class Violation extends Error {
	override readonly name = 'Violation';
}

/** A call of the command line that goes on. */
export class Invocation {
	readonly pid: number;
	readonly #child: ReturnType<typeof start>;
	readonly #args: readonly string[];
	readonly #ended: Promise<Ended>;
	#printed = '';
	#hasEnded = false;
	#onLine: () => void = () => undefined;

	constructor(folder: string, args: readonly string[], options: Options) {
		this.#args = args;
		this.#child = start(folder, args, options);
		this.pid = this.#child.pid;
		this.#child.onOutput(text => {
			this.#printed += text;
			this.#onLine();
		});
		this.#ended = this.#wait();
		// Whoever waits for it hears of a rejection; until then nobody has to.
		void Promise.allSettled([this.#ended]);
	}

	get hasEnded(): boolean {
		return this.#hasEnded;
	}

	kill(signal: NodeJS.Signals): void {
		this.#child.kill(signal);
	}

	/** Ends a process of this invocation's tree; whether it was there to be ended. */
	static killProcess(pid: number, signal: NodeJS.Signals): boolean {
		try {
			process.kill(pid, signal);
			return true;
		} catch {
			// Gone in the meantime: the fault came too late.
			return false;
		}
	}

	/** Its worker processes that run now. */
	workers(): readonly number[] {
		return childrenOf(this.pid).filter(pid => isRunning(pid));
	}

	/** Resolves when so many lines were printed, or it ended. */
	async untilLines(count: number): Promise<void> {
		const seen = new Promise<void>(resolve => {
			this.#onLine = () => {
				if (this.#printed.split('\n').length > count) {
					resolve();
				}
			};

			this.#onLine();
		});
		await Promise.race([seen, this.ended()]);
	}

	/** Resolves after some time, or when it ended. */
	async untilMs(ms: number): Promise<void> {
		await Promise.race([setTimeout(ms), this.ended()]);
	}

	/** @throws {Violation} when it does not end. */
	async ended(): Promise<Ended> {
		return this.#ended;
	}

	/** What it printed so far, with the call. */
	describe(): string {
		return `$ pipeline ${this.#args.join(' ')}  (process ${this.pid})\n${this.#printed}`;
	}

	async #wait(): Promise<Ended> {
		const timer = new AbortController();
		const late = async () => {
			await setTimeout(limitMs, undefined, {signal: timer.signal});
			this.kill('SIGKILL');
			throw new Violation(`"pipeline ${this.#args.join(' ')}" (process ${this.pid}) did not end in ${limitMs / 1000} s`);
		};

		try {
			const {exitCode, signal, stdout, stderr} = await Promise.race([this.#child.ended(), late()]);
			return {exitCode, signal, events: eventsIn(stdout), text: this.describe(), stderr};
		} finally {
			this.#hasEnded = true;
			timer.abort();
		}
	}
}

/** The whole lines that hold JSON; a killed process may leave half a line. */
function eventsIn(stdout: string): readonly RunEvent[] {
	return stdout.split('\n').filter(line => line.startsWith('{') && line.endsWith('}')).map(line => JSON.parse(line) as RunEvent);
}

/** Names of the nodes that began to compute, once per beginning. */
export function startedNodes({events}: Ended): readonly string[] {
	return events.filter(({event}) => event === 'started').map(({node}) => node!);
}

/** Outputs of the nodes that ended in a result; only of those that were computed, when asked so. */
export function digestsOf({events}: Ended, outcomes: readonly string[] = ['ran', 'reused']): Digests {
	return Object.fromEntries(events.filter(({event, outcome}) => event === 'finished' && outcomes.includes(outcome!.outcome))
		.map(({node, outcome}) => [node!, Object.entries(outcome!.outputs!).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, {digest}]) => digest)] as const)
		.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The errors of nodes that failed, or of an invocation that could not run. */
export function errorsOf({events}: Ended): ReadonlyArray<{readonly code?: string; readonly message: string; readonly hint?: string}> {
	return events.flatMap(({event, outcome, error}) => (event === 'finished' ? [outcome?.error] : [error])).filter(error => error !== undefined);
}
