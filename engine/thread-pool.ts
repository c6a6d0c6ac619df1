import {availableParallelism} from 'node:os';
import {Worker as Thread} from 'node:worker_threads';
import {CancelledError, UserError} from './error.ts';
import {blame} from './isolation.ts';
import {fromPlainError, type Job} from './protocol.ts';
import type {ThreadReply, ThreadRequest} from './thread.ts';
import type {ThreadFunctions, Threads} from './stage.ts';

export type ThreadPoolOptions = {
	/** Module that a thread runs; it calls `serveThread`. */
	readonly threadFile: string;
	/** What the stage computes; threads may read and write what it may. */
	readonly job: Job;
	/** When aborted, every thread is ended, whatever it does. */
	readonly signal: AbortSignal;
	readonly log: (line: string) => void;
	/** How many threads there are at most. */
	readonly size?: number;
};

/** A job and who waits for its result. */
type Call = ThreadRequest & {
	readonly resolve: (result: unknown) => void;
	readonly reject: (error: Error) => void;
};

/** A core each; with more than some, the thread that hands the jobs out has enough to do. */
const usualSize = Math.min(availableParallelism(), 8);

/** Jobs per thread that are given out or done ahead of the result that is waited for, so that a job that takes longer holds no thread up. */
const jobsAhead = 2;

/** Threads that call the functions of one stage while it runs. They are started when there are jobs for them. */
export class ThreadPool implements AsyncDisposable {
	readonly #options: Required<ThreadPoolOptions>;
	/** Every thread that has not ended, and what it does. */
	readonly #alive = new Map<Thread, Call | undefined>();
	readonly #waiting: Call[] = [];
	/** Warnings, each of which is told once, whichever thread they come from. */
	readonly #told = new Set<string>();
	/** Why nothing is called any more. */
	#end: Error | undefined;

	constructor({size = usualSize, ...options}: ThreadPoolOptions) {
		this.#options = {...options, size};
		if (options.signal.aborted) {
			this.#endWith(new CancelledError());
		}

		options.signal.addEventListener('abort', () => {
			this.#endWith(new CancelledError());
		}, {once: true});
	}

	/** What a stage gets to have its functions called. */
	calling<Functions extends ThreadFunctions>(functions: Functions): Threads<Functions> {
		return Object.fromEntries(Object.keys(functions).map(name => [name, (jobs: Iterable<unknown>) => this.#map(name, jobs)])) as Threads<any> as Threads<Functions>;
	}

	/** Ends every thread. */
	async [Symbol.asyncDispose](): Promise<void> {
		const ending = [...this.#alive.keys()];
		this.#endWith(new CancelledError());
		await Promise.all(ending.map(async thread => thread.terminate()));
	}

	async * #map(name: string, jobs: Iterable<unknown>): AsyncGenerator {
		const ahead: Array<Promise<unknown>> = [];
		for (const job of jobs) {
			if (ahead.length === jobsAhead * this.#options.size) {
				yield ahead.shift();
			}

			const result = this.#call(name, job);
			// Its turn to be looked at may come after it failed.
			void Promise.allSettled([result]);
			ahead.push(result);
		}

		yield * ahead;
	}

	async #call(name: string, job: unknown): Promise<unknown> {
		return new Promise((resolve, reject) => {
			this.#waiting.push({name, job, resolve, reject});
			this.#giveOut();
		});
	}

	#giveOut(): void {
		while (this.#waiting.length > 0) {
			const call = this.#waiting[0]!;
			if (this.#end) {
				call.reject(this.#end);
			} else if (!this.#give(call)) {
				return;
			}

			this.#waiting.shift();
		}
	}

	/** @returns whether there was a thread for it */
	#give(call: Call): boolean {
		const thread = this.#idleThread();
		if (!thread) {
			return false;
		}

		const {name, job} = call;
		try {
			thread.postMessage({name, job} satisfies ThreadRequest);
			this.#alive.set(thread, call);
		} catch (error) {
			// It cannot be copied.
			call.reject(error as Error);
		}

		return true;
	}

	#idleThread(): Thread | undefined {
		for (const [thread, call] of this.#alive) {
			if (!call) {
				return thread;
			}
		}

		return this.#alive.size < this.#options.size ? this.#start() : undefined;
	}

	#start(): Thread {
		const {threadFile, job} = this.#options;
		// As the worker is started, whatever started the process that is tested here.
		const thread = new Thread(threadFile, {workerData: job, execArgv: ['--enable-source-maps']});
		this.#alive.set(thread, undefined);
		thread.on('message', (reply: ThreadReply) => {
			this.#receive(thread, reply);
		});
		for (const event of ['error', 'messageerror'] as const) {
			thread.on(event, error => {
				this.#endWith(this.#deathOf(thread, String(error)));
			});
		}

		thread.on('exit', exitCode => {
			this.#endWith(this.#deathOf(thread, `it ended with exit code ${exitCode}`));
			this.#alive.delete(thread);
		});
		return thread;
	}

	#receive(thread: Thread, reply: ThreadReply): void {
		const call = this.#alive.get(thread);
		switch (reply.type) {
			case 'log': {
				if (!this.#told.has(reply.line)) {
					this.#told.add(reply.line);
					this.#options.log(reply.line);
				}

				return;
			}

			case 'done': {
				call?.resolve(reply.result);
				break;
			}

			case 'failed': {
				const error = fromPlainError(reply.error);
				blame(error);
				call?.reject(error);
				break;
			}
		}

		if (this.#alive.has(thread)) {
			this.#alive.set(thread, undefined);
			this.#giveOut();
		}
	}

	#deathOf(thread: Thread, reason: string): UserError {
		const call = this.#alive.get(thread);
		return new UserError('thread-died', `A thread of stage "${this.#options.job.ingredients.stage}" died${call ? ` while it computed "${call.name}"` : ''}`, {
			facts: {reason},
			hint: 'If the machine was short of memory, try --jobs 1. Running again carries on from what is done.',
		});
	}

	/** Only the first reason counts. */
	#endWith(error: Error): void {
		if (this.#end) {
			return;
		}

		this.#end = error;
		this.#giveOut();
		for (const [thread, call] of this.#alive) {
			call?.reject(error);
			void thread.terminate();
		}
	}
}
