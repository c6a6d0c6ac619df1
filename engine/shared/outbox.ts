import type {Fingerprint} from '../digest.ts';
import type {Store} from '../store.ts';
import {nameOf, type SharedLocation} from './location.ts';

/** The results that are not in a shared cache yet and should be. It is kept in the local cache, so it outlives the process. */
export class Outbox {
	readonly #store: Store;
	readonly #topic: string;

	constructor(store: Store, location: SharedLocation) {
		this.#store = store;
		this.#topic = `outbox ${nameOf(location)}`;
	}

	/** To be called before the result is published: an entry without a result is harmless, a result without an entry is never sent. */
	add(fingerprint: Fingerprint): void {
		this.#store.setNotes(this.#topic, [[fingerprint, '']]);
	}

	remove(fingerprints: readonly Fingerprint[]): void {
		this.#store.deleteNotes(this.#topic, fingerprints);
	}

	/** Entries whose node was killed before it was published have no result. */
	waiting(): readonly Fingerprint[] {
		return this.#store.notes(this.#topic) as readonly Fingerprint[];
	}
}
