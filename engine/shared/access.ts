import type {Fingerprint} from '../digest.ts';
import type {Listener} from '../event.ts';
import type {Ingredients} from '../fingerprint.ts';
import type {Node} from '../graph.ts';
import type {Result, Store} from '../store.ts';
import type {SharedLocation} from './location.ts';
import {Outbox} from './outbox.ts';
import type {Sharing} from './sharing.ts';
import {wantedOf} from './wanted.ts';

export type AccessOptions = {
	readonly store: Store;
	/** Aborted by the first Ctrl-C. */
	readonly signal: AbortSignal;
	readonly listener: Listener;
};

/** A run's way to the shared cache. Its code is loaded when something is stale or waits to be sent: a run with nothing to do pays one look-up. */
export class SharedAccess implements AsyncDisposable {
	readonly #location: SharedLocation;
	readonly #options: AccessOptions;
	readonly #outbox: Outbox;
	#sharing: Promise<Sharing> | undefined;

	constructor(location: SharedLocation, options: AccessOptions) {
		this.#location = location;
		this.#options = options;
		this.#outbox = new Outbox(options.store, location);
	}

	/** Brings the result of a stale node into the local cache. @returns nothing when the node has to run. */
	async fetch(node: Node, fingerprint: Fingerprint, ingredients: Ingredients): Promise<Result | undefined> {
		const sharing = await this.#open();
		return sharing.fetch(wantedOf(node, fingerprint, ingredients));
	}

	/** To be called before a result is published, so that it will be sent even when this process is killed. */
	announce(fingerprint: Fingerprint): void {
		this.#outbox.add(fingerprint);
	}

	/** Sends a published result in the background. @returns as soon as it is in the queue. */
	async send(fingerprint: Fingerprint): Promise<void> {
		(await this.#open()).send(fingerprint);
	}

	/** Waits until all is sent, what earlier runs left behind too. */
	async finish(): Promise<void> {
		if (this.#sharing !== undefined || this.#outbox.waiting().length > 0) {
			const sharing = await this.#open();
			await sharing.finish(results => {
				this.#options.listener({event: 'sending', results});
			});
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await (await this.#sharing)?.close();
	}

	async #open(): Promise<Sharing> {
		this.#sharing ??= (async () => {
			const {Sharing} = await import('./sharing.ts');
			const {store, signal, listener} = this.#options;
			return Sharing.open(this.#location, {store, signal, outbox: this.#outbox, warn(message) {
				listener({event: 'shared', message});
			}});
		})();
		return this.#sharing;
	}
}
