import {setMaxListeners} from 'node:events';
import PQueue from 'p-queue';
import {UserError, describeError} from '../error.ts';
import type {Digest, Fingerprint} from '../digest.ts';
import type {Result, Store} from '../store.ts';
import type {SharedLocation} from './location.ts';
import {openCache} from './open-cache.ts';
import type {Outbox} from './outbox.ts';
import type {Wanted} from './record.ts';
import type {SharedCache} from './shared-cache.ts';
import {fetchResult, lackingOf, sendResult} from './transfer.ts';
import {RefusedError} from './verified.ts';

/** How many results are sent at a time. */
const sentAtATime = 4;

export type SharingOptions = {
	readonly store: Store;
	readonly outbox: Outbox;
	/** Aborted by the first Ctrl-C. */
	readonly signal: AbortSignal;
	/** Told what goes wrong; the run goes on. */
	readonly warn: (message: string) => void;
};

/**
 * The shared cache during a run: a help, never a condition. When it cannot be reached or refuses, the run hears of it once and goes on
 * without; what should have been sent waits in the outbox.
 */
export class Sharing {
	readonly #cache: SharedCache;
	readonly #options: SharingOptions;
	readonly #queue = new PQueue({concurrency: sentAtATime});
	readonly #queued = new Set<Fingerprint>();
	/** What is there but damaged, so that it is replaced by the next result. */
	readonly #damaged = new Set<Digest | Fingerprint>();
	/** Ends transfers that are under way. */
	readonly #end = new AbortController();
	readonly #signal: AbortSignal;
	#mayFetch = true;
	#maySend = true;
	/** A bug met while sending; it must not go unseen. */
	#failure: Error | undefined;

	static async open(location: SharedLocation, options: SharingOptions): Promise<Sharing> {
		return new Sharing(await openCache(location), options);
	}

	constructor(cache: SharedCache, options: SharingOptions) {
		this.#cache = cache;
		this.#options = options;
		this.#signal = AbortSignal.any([options.signal, this.#end.signal]);
		// Every transfer listens several times.
		setMaxListeners(0, this.#signal);
	}

	/** Brings a result into the local cache. @returns nothing when it has to be computed here. */
	async fetch(wanted: Wanted): Promise<Result | undefined> {
		if (!this.#mayFetch || this.#signal.aborted) {
			return undefined;
		}

		try {
			const fetched = await fetchResult(wanted, {cache: this.#cache, store: this.#options.store, signal: this.#signal});
			return fetched?.result;
		} catch (error) {
			if (error instanceof RefusedError) {
				this.#damaged.add(error.subject);
				this.#options.warn(`${error.message} in the shared cache; ${wanted.nodeName} is computed here`);
			} else if (!this.#signal.aborted) {
				this.#giveUp(error, 'fetch');
			}

			return undefined;
		}
	}

	/** Sends a result in the background. */
	send(fingerprint: Fingerprint): void {
		this.#queued.add(fingerprint);
		void this.#queue.add(async () => {
			try {
				await this.#sendNow(fingerprint);
			} catch (error) {
				this.#failure ??= error as Error;
			}
		});
	}

	/** Waits until the outbox is empty, or until the run is cancelled or nothing can be sent. */
	async finish(onWaiting: (results: number) => void): Promise<void> {
		for (const fingerprint of this.#options.outbox.waiting()) {
			if (!this.#queued.has(fingerprint)) {
				this.send(fingerprint);
			}
		}

		const tell = () => {
			onWaiting(this.#queue.size + this.#queue.pending);
		};

		if (this.#queue.size + this.#queue.pending > 0) {
			tell();
			this.#queue.on('next', tell);
		}

		await this.#queue.onIdle();
		this.#queue.off('next', tell);
		if (this.#failure !== undefined) {
			throw this.#failure;
		}
	}

	/** Ends what is under way; the rest stays in the outbox. */
	async close(): Promise<void> {
		this.#end.abort();
		await this.#queue.onIdle();
		this.#cache.close();
	}

	async #sendNow(fingerprint: Fingerprint): Promise<void> {
		const {store, outbox, warn} = this.#options;
		// Of a process that was killed before it published, only the entry in the outbox is there.
		const result = store.recorded(fingerprint);
		if (!result || !this.#maySend || this.#signal.aborted) {
			return;
		}

		try {
			await sendResult(result, await lackingOf(result, this.#cache, this.#damaged), {cache: this.#cache, store, signal: this.#signal});
			outbox.remove([fingerprint]);
		} catch (error) {
			if (error instanceof RefusedError) {
				// It will be computed again, and then be sent.
				outbox.remove([fingerprint]);
				warn(`${error.message}; the result of ${result.nodeName} is not sent to the shared cache`);
			} else if (!this.#signal.aborted) {
				this.#giveUp(error, 'send');
			}
		}
	}

	/** One warning per run, however many nodes: with the first failure the rest goes on without. A cache that may only be read goes on being read. */
	#giveUp(error: unknown, during: 'fetch' | 'send'): void {
		// What went wrong with the local cache while fetching is the node's failure; what was sent is safe in it anyway.
		if (!(error instanceof UserError && (during === 'send' || error.code.startsWith('shared-')))) {
			throw error;
		}

		const isReadable = during === 'send' && (error.code === 'shared-denied' || error.code === 'shared-full');
		const isNews = this.#maySend;
		this.#maySend = false;
		this.#mayFetch &&= isReadable;
		if (isNews) {
			this.#options.warn(`${describeError(error)}\n${isReadable ? 'Nothing more is sent' : 'The run goes on without it'}; results wait in the local cache and are sent by the next run or by: pipeline push`);
		}
	}
}
