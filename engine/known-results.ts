import type {Digest, Fingerprint} from './digest.ts';
import {inlineLimitBytes} from './inline-limit.ts';
import {sealed, unsealed} from './sealed-json.ts';
import type {Result, Store} from './store.ts';

/** A large object, which is a file that somebody may have taken away. */
type LargeObject = readonly [digest: Digest, sizeBytes: number];

/** What was found for one lineage. */
type Entry = readonly [lineage: Digest, fingerprint: Fingerprint, large: readonly LargeObject[]];

type Noted = {readonly removals: number; readonly entries: readonly Entry[]};

const topic = 'known results';

/**
 * The results that the latest run ended with, by lineage: a digest of all that a node was made from, up to the folders and params it starts from. While nothing
 * was removed from the cache, a node of the same lineage has the same result, which need be looked up no more: of a thousand nodes, a run after an edit looks
 * up the few that the edit concerns.
 */
export class KnownResults {
	readonly #store: Store;
	readonly #name: string;
	readonly #removals: number;
	readonly #entries: Map<Digest, Entry>;

	/**
	 * @param name tells pipelines apart that share a cache
	 * @param removals how often anything had been removed from the cache when planning began
	 */
	constructor(store: Store, name: string, removals: number) {
		const noted = unsealed(store.note(topic, name)) as Noted | undefined;
		this.#store = store;
		this.#name = name;
		this.#removals = removals;
		this.#entries = new Map(noted?.removals === removals ? noted.entries.map(entry => [entry[0], entry]) : []);
	}

	/** The result of a lineage; its outputs are read when they are asked for. */
	find(lineage: Digest): Result | undefined {
		const entry = this.#entries.get(lineage);
		return entry?.[2].every(([digest, sizeBytes]) => this.#store.hasFile(digest, sizeBytes)) ? this.#store.known(entry[1]) : undefined;
	}

	/** Looks everything up again from now on. */
	distrust(): void {
		this.#entries.clear();
	}

	/** The large objects among the outputs of a result. */
	largeObjects(lineage: Digest, result: Result): readonly LargeObject[] {
		const entry = this.#entries.get(lineage);
		return entry?.[1] === result.fingerprint ? entry[2] : largeOutputs(result);
	}

	/** Writes down what a run ended with; nothing when nothing of it is new. */
	save(results: ReadonlyArray<readonly [lineage: Digest, result: Result]>): void {
		if (results.length === this.#entries.size && results.every(([lineage, {fingerprint}]) => this.#entries.get(lineage)?.[1] === fingerprint)) {
			return;
		}

		const entries = results.map(([lineage, result]): Entry => [lineage, result.fingerprint, this.largeObjects(lineage, result)]);
		this.#store.setNotes(topic, [[this.#name, sealed({removals: this.#removals, entries} satisfies Noted)]]);
	}
}

function largeOutputs({outputs}: Result): readonly LargeObject[] {
	return Object.values(outputs).filter(({sizeBytes}) => sizeBytes > inlineLimitBytes).map(({digest, sizeBytes}) => [digest, sizeBytes]);
}
