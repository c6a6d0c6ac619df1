import {existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync} from 'node:fs';
import {hostname} from 'node:os';
import path from 'node:path';
import type {CacheDatabase} from './database.ts';
import {isDigest, type Digest, type Fingerprint} from './digest.ts';
import {isAlive} from './leases.ts';

/** One object as its row describes it. */
export type ObjectRow = {readonly digest: Digest; readonly sizeBytes: number; readonly isFile: boolean};

/** One result with the objects it holds. */
export type HeldResult = {
	readonly fingerprint: Fingerprint;
	readonly nodeName: string;
	/** When it was published, by the clock of the machine that computed it. */
	readonly publishedMs: number;
	readonly objects: ReadonlyArray<{readonly digest: Digest; readonly sizeBytes: number}>;
};

/** A file in `objects/`. */
export type ObjectFile = {readonly digest: Digest; readonly sizeBytes: number; readonly modifiedMs: number};

/** Results that must stay. */
export type Usage = {readonly has: (fingerprint: Fingerprint) => boolean};

export type Removed = {readonly results: number; readonly digests: readonly Digest[]; readonly sizeBytes: number};

type ResultRow = readonly [fingerprint: Fingerprint, nodeName: string, startedAt: string, durationMs: number, digest: Digest | null, sizeBytes: number | null];

/** All that is in the cache, and the only way to remove from it: for `verify` and `gc`. */
export class Inventory {
	readonly #database: CacheDatabase;
	readonly #folder: string;

	constructor(database: CacheDatabase, folder: string) {
		this.#database = database;
		this.#folder = folder;
	}

	/** A page of objects in the order of their digests, beginning after one of them. */
	objectsAfter(digest: string, limit: number): readonly ObjectRow[] {
		const rows = this.#database.prepareRaw('SELECT digest, sizeBytes, content IS NULL FROM objects WHERE digest > ? ORDER BY digest LIMIT ?').all(digest, limit) as Array<readonly [Digest, number, number]>;
		return rows.map(([digest, sizeBytes, isFile]) => ({digest, sizeBytes, isFile: isFile === 1}));
	}

	isKnown(digest: Digest): boolean {
		return this.#database.prepareRaw('SELECT 1 FROM objects WHERE digest = ?').get(digest) !== undefined;
	}

	/** Outputs whose object was set aside or removed, as `node.output`. */
	outputsWithoutObject(): readonly string[] {
		const rows = this.#database.prepareRaw(`
			SELECT nodeName || '.' || outputs.name FROM outputs JOIN results USING (fingerprint) LEFT JOIN objects USING (digest)
			WHERE objects.digest IS NULL ORDER BY 1`).all() as Array<readonly [string]>;
		return rows.map(([name]) => name);
	}

	/** What SQLite finds wrong with the database file; empty when it is sound. */
	databaseProblems(): readonly string[] {
		const rows = this.#database.prepareRaw('PRAGMA integrity_check').all() as Array<readonly [string]>;
		return rows.map(([line]) => line).filter(line => line !== 'ok');
	}

	results(): readonly HeldResult[] {
		const rows = this.#database.prepareRaw(`
			SELECT fingerprint, nodeName, startedAt, durationMs, objects.digest, sizeBytes
			FROM results LEFT JOIN outputs USING (fingerprint) LEFT JOIN objects USING (digest) ORDER BY fingerprint`).all() as ResultRow[];
		const results = new Map<Fingerprint, HeldResult & {readonly objects: Array<HeldResult['objects'][number]>}>();
		for (const [fingerprint, nodeName, startedAt, durationMs, digest, sizeBytes] of rows) {
			const result = results.get(fingerprint) ?? {fingerprint, nodeName, publishedMs: Date.parse(startedAt) + durationMs, objects: []};
			results.set(fingerprint, result);
			if (digest !== null) {
				result.objects.push({digest, sizeBytes: sizeBytes ?? 0});
			}
		}

		return [...results.values()];
	}

	/** What processes that live, or that we cannot ask, compute. */
	leased(): ReadonlySet<Fingerprint> {
		const rows = this.#database.prepareRaw('SELECT fingerprint, host, pid FROM leases').all() as Array<readonly [Fingerprint, string, number]>;
		return new Set(rows.filter(([, host, pid]) => host !== hostname() || isAlive(pid)).map(([fingerprint]) => fingerprint));
	}

	/**
	 * Forgets results, and the objects that no other result has, in one transaction. Their files are unreferenced from then on.
	 * @param usageNow asked inside the transaction; nothing is removed when it cannot say what is in use
	 */
	remove(fingerprints: readonly Fingerprint[], {usageNow, publishedBeforeMs}: {readonly usageNow: () => Usage | undefined; readonly publishedBeforeMs: number}): Removed | undefined {
		let removed: Removed | undefined;
		this.#database.write(() => {
			const usage = usageNow();
			if (usage) {
				const gone = fingerprints.filter(fingerprint => !usage.has(fingerprint) && this.#isPublishedBefore(fingerprint, publishedBeforeMs));
				const digests = new Set(gone.flatMap(fingerprint => this.#digestsOf(fingerprint)));
				const results = gone.filter(fingerprint => this.#database.prepare('DELETE FROM results WHERE fingerprint = ?').run(fingerprint).changes > 0).length;
				removed = {results, ...this.#forgetUnreferenced([...digests])};
			}
		}, {durable: true});
		return removed;
	}

	/** Objects that no result has: an output that was published again with other bytes leaves one. */
	unreferencedObjects(): readonly ObjectRow[] {
		const rows = this.#database.prepareRaw('SELECT digest, sizeBytes, content IS NULL FROM objects WHERE digest NOT IN (SELECT digest FROM outputs)').all() as Array<readonly [Digest, number, number]>;
		return rows.map(([digest, sizeBytes, isFile]) => ({digest, sizeBytes, isFile: isFile === 1}));
	}

	/** Forgets those of the objects that no result has. Publication inserts an object and its result at once, so nobody is about to need it. */
	forgetUnreferenced(digests: readonly Digest[]): Omit<Removed, 'results'> {
		let forgotten: Omit<Removed, 'results'> = {digests: [], sizeBytes: 0};
		this.#database.write(() => {
			forgotten = this.#forgetUnreferenced(digests);
		}, {durable: true});
		return forgotten;
	}

	/** Every file in `objects/`. */
	* objectFiles(): Iterable<ObjectFile> {
		for (const prefix of listed(path.join(this.#folder, 'objects'))) {
			for (const rest of listed(path.join(this.#folder, 'objects', prefix))) {
				const digest = prefix + rest;
				const stats = statSync(path.join(this.#folder, 'objects', prefix, rest), {throwIfNoEntry: false});
				if (isDigest(digest) && stats) {
					yield {digest, sizeBytes: stats.size, modifiedMs: stats.mtimeMs};
				}
			}
		}
	}

	/**
	 * Removes files of objects that have no row. A publication puts its file in place before it writes the row: a young file stays.
	 * @param temporary an own folder on the same file system
	 * @returns bytes that are free now
	 */
	removeFiles(digests: readonly Digest[], {modifiedBeforeMs, temporary}: {readonly modifiedBeforeMs: number; readonly temporary: string}): number {
		let sizeBytes = 0;
		mkdirSync(temporary, {recursive: true});
		try {
			// No row can appear while the transaction goes on.
			this.#database.write(() => {
				for (const digest of digests) {
					sizeBytes += this.isKnown(digest) ? 0 : this.#moveAway(digest, path.join(temporary, digest), modifiedBeforeMs);
				}
			}, {durable: false});
		} finally {
			rmSync(temporary, {recursive: true, force: true});
		}

		return sizeBytes;
	}

	/** Says that something was removed: what was remembered before counts no more. Part of a transaction. */
	countRemoval(): void {
		this.#database.prepare('UPDATE removals SET count = count + 1').run();
	}

	#moveAway(digest: Digest, target: string, modifiedBeforeMs: number): number {
		const file = objectFileIn(this.#folder, digest);
		if (!existsSync(file)) {
			return 0;
		}

		renameSync(file, target);
		const {size, mtimeMs} = statSync(target);
		if (mtimeMs >= modifiedBeforeMs) {
			renameSync(target, file);
			return 0;
		}

		return size;
	}

	#isPublishedBefore(fingerprint: Fingerprint, limitMs: number): boolean {
		const row = this.#database.prepareRaw('SELECT startedAt, durationMs FROM results WHERE fingerprint = ?').get(fingerprint) as readonly [string, number] | undefined;
		return row !== undefined && Date.parse(row[0]) + row[1] < limitMs;
	}

	#digestsOf(fingerprint: Fingerprint): readonly Digest[] {
		return (this.#database.prepareRaw('SELECT digest FROM outputs WHERE fingerprint = ?').all(fingerprint) as Array<readonly [Digest]>).map(([digest]) => digest);
	}

	#forgetUnreferenced(digests: readonly Digest[]): Omit<Removed, 'results'> {
		const statement = this.#database.prepareRaw('DELETE FROM objects WHERE digest = ? AND NOT EXISTS (SELECT 1 FROM outputs WHERE outputs.digest = objects.digest) RETURNING digest, sizeBytes');
		const gone = digests.flatMap(digest => statement.all(digest) as Array<readonly [Digest, number]>);
		this.countRemoval();
		return {digests: gone.map(([digest]) => digest), sizeBytes: gone.reduce((sum, [, bytes]) => sum + bytes, 0)};
	}
}

/** Where the bytes of a large object are. */
export function objectFileIn(folder: string, digest: Digest): string {
	return path.join(folder, 'objects', digest.slice(0, 2), digest.slice(2));
}

function listed(folder: string): readonly string[] {
	return existsSync(folder) ? readdirSync(folder) : [];
}
