import type {CacheDatabase} from './database.ts';
import type {Fingerprint} from './digest.ts';

/** A result that stays until somebody says otherwise. */
export type Pin = {
	readonly fingerprint: Fingerprint;
	/** Node that had the result when it was pinned. */
	readonly nodeName: string;
	/** ISO 8601, UTC. */
	readonly pinnedAt: string;
};

/** Results that `gc` never removes. */
export class Pins {
	readonly #database: CacheDatabase;

	constructor(database: CacheDatabase) {
		this.#database = database;
	}

	add(pins: readonly Pin[]): void {
		this.#database.write(() => {
			for (const {fingerprint, nodeName, pinnedAt} of pins) {
				this.#database.prepare('INSERT INTO pins (fingerprint, nodeName, pinnedAt) VALUES (?, ?, ?) ON CONFLICT (fingerprint) DO NOTHING').run(fingerprint, nodeName, pinnedAt);
			}
		}, {durable: true});
	}

	remove(fingerprints: readonly Fingerprint[]): void {
		this.#database.write(() => {
			for (const fingerprint of fingerprints) {
				this.#database.prepare('DELETE FROM pins WHERE fingerprint = ?').run(fingerprint);
			}
		}, {durable: true});
	}

	/** The oldest first. */
	all(): readonly Pin[] {
		return this.#database.prepare('SELECT fingerprint, nodeName, pinnedAt FROM pins ORDER BY pinnedAt, nodeName').all() as Pin[];
	}
}
