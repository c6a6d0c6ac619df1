import {existsSync, readFileSync} from 'node:fs';
import {codeChanges, mapCode, type CodeMap, type FileChange} from './code-map.ts';
import type {StageCode} from './compile-stages.ts';
import type {Digest} from './digest.ts';
import {UserError} from './error.ts';
import type {Store} from './store.ts';

/** The topic under which the cache keeps one map per code digest. */
const topic = 'code';

/**
 * Remembers what the code of results consisted of, so that it can be said later which function changed. Nothing is read or
 * computed before somebody asks.
 */
export class CodeHistory {
	readonly #store: Pick<Store, 'note' | 'setNotes'>;
	readonly #maps = new Map<Digest, CodeMap | undefined>();
	readonly #remembered = new Set<Digest>();

	constructor(store: Pick<Store, 'note' | 'setNotes'>) {
		this.#store = store;
	}

	/** Records the code of a result that was just published; once per digest. */
	remember(code: StageCode): void {
		if (this.#remembered.has(code.digest)) {
			return;
		}

		this.#remembered.add(code.digest);
		if (this.#store.note(topic, code.digest) === undefined) {
			const map = this.#current(code);
			if (map) {
				this.#write(code.digest, map);
			}
		}
	}

	/**
	 * What changed between the code of an earlier result and that of today.
	 * @returns nothing when the earlier code was not recorded; no file when only the order of its parts changed
	 */
	changes(before: Digest, now: StageCode): readonly FileChange[] | undefined {
		const old = this.#earlier(before);
		const current = old && this.#current(now);
		return old && current && codeChanges(old, current);
	}

	#earlier(digest: Digest): CodeMap | undefined {
		if (!this.#maps.has(digest)) {
			const note = this.#store.note(topic, digest);
			this.#maps.set(digest, note === undefined ? undefined : JSON.parse(note) as CodeMap);
		}

		return this.#maps.get(digest);
	}

	/** Nothing when the folder of compiled code was emptied meanwhile. */
	#current({digest, file}: StageCode): CodeMap | undefined {
		if (!this.#maps.has(digest)) {
			const isThere = existsSync(file) && existsSync(`${file}.map`);
			this.#maps.set(digest, isThere ? mapCode(readFileSync(file, 'utf8'), readFileSync(`${file}.map`, 'utf8')) : undefined);
		}

		return this.#maps.get(digest);
	}

	#write(digest: Digest, map: CodeMap): void {
		try {
			this.#store.setNotes(topic, [[digest, JSON.stringify(map)]]);
		} catch (error) {
			// The result itself is published; on a full disk the next run records its code.
			if (!(error instanceof UserError && error.code === 'disk-full')) {
				throw error;
			}
		}
	}
}
