import {chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type {ByteSource} from './artifact.ts';
import {CacheDatabase} from './database.ts';
import {digestBytes, digestFile, type Digest, type Fingerprint} from './digest.ts';
import {explainDiskError} from './disk-error.ts';
import {UserError} from './error.ts';
import type {RecordedDuration} from './durations.ts';
import type {Ingredients} from './fingerprint.ts';
import {inlineLimitBytes} from './inline-limit.ts';
import {Inventory, objectFileIn} from './inventory.ts';
import {isAlive, Leases} from './leases.ts';
import type {OpenedFiles} from './opened-files.ts';
import {Pins} from './pins.ts';
import {RunRecords} from './run-records.ts';
import {parseIngredients, parseProvenance} from './stored-json.ts';

/** One output of one result. */
export type StoredArtifact = {readonly digest: Digest; readonly sizeBytes: number; readonly kind: string};

/** How a result came to be; kept for people and for estimates, never part of a fingerprint. */
export type Provenance = {
	/** ISO 8601, UTC. */
	readonly startedAt: string;
	/** Of computing, with that of earlier processes whose checkpoint it went on from. */
	readonly durationMs: number;
	/** Largest resident memory of the worker while the node ran. */
	readonly peakMemoryBytes: number;
	readonly host: string;
	readonly node: string;
	/** Commit of the repository; `null` outside one. A trailing `+` marks uncommitted changes. */
	readonly commit: string | null;
	/** What the stage and its worker wrote. */
	readonly log: string;
};

/** What one node computed. Ingredients and provenance are read when they are first asked for. */
export type Result = {
	readonly fingerprint: Fingerprint;
	readonly nodeName: string;
	readonly outputs: Readonly<Record<string, StoredArtifact>>;
	readonly ingredients: Ingredients;
	readonly provenance: Provenance;
};

/** An artifact that is not published yet: a small one as its bytes, a large one as a file on the disk of the cache. */
export type PendingArtifact = StoredArtifact & ({readonly bytes: Uint8Array} | {readonly file: string});

/**
 * The cache: an index (fingerprint → output digests) and blobs (digest → bytes) in one SQLite database, large blobs as read-only
 * files beside it. Several processes may use one cache.
 */
export class Store implements Disposable {
	readonly folder: string;
	/** Who computes what. */
	readonly leases: Leases;
	/** What was run when. */
	readonly runs: RunRecords;
	/** What must stay. */
	readonly pins: Pins;
	/** All that is there. */
	readonly inventory: Inventory;
	readonly #database: CacheDatabase;

	/**
	 * Opens the cache, making it when it is missing; one that cannot be written is opened for reading.
	 * @throws {UserError} when it is missing and cannot be made, the database is damaged, or a newer version wrote it.
	 */
	constructor(folder: string) {
		this.folder = folder;
		this.#database = new CacheDatabase(folder);
		this.leases = new Leases(this.#database);
		this.runs = new RunRecords(this.#database);
		this.pins = new Pins(this.#database);
		this.inventory = new Inventory(this.#database, folder);
	}

	/** Whether every write ends in the error `cache-read-only`; what is only noted down is left out then. */
	get isReadOnly(): boolean {
		return this.#database.isReadOnly;
	}

	[Symbol.dispose](): void {
		this.close();
	}

	close(): void {
		this.#database.close();
	}

	/** The stored result, or nothing when it was never computed or one of its objects is gone or has another size. */
	find(fingerprint: Fingerprint): Result | undefined {
		return this.findWhole(fingerprint, {});
	}

	/** Gives the space of what was removed back to the disk. */
	shrink(): void {
		this.#database.shrink();
	}

	/**
	 * As `find`, and nothing when the result lacks an output: a damaged database may have lost its row.
	 * @param declared the outputs of the stage, by name
	 */
	findWhole(fingerprint: Fingerprint, declared: object): Result | undefined {
		const result = this.recorded(fingerprint);
		return result && this.missingOutputs(result, declared).length === 0 ? result : undefined;
	}

	/** The recorded result, whether its objects are still there or not. */
	recorded(fingerprint: Fingerprint): Result | undefined {
		const rows = outputRows(fingerprint, this.#database);
		return rows.length === 0 ? undefined : new StoredResult(fingerprint, this.#database, () => rows);
	}

	/** A result that is there: its rows are read when they are first asked for, which throws `result-lost` when a damaged database has none. */
	known(fingerprint: Fingerprint): Result {
		return new StoredResult(fingerprint, this.#database, () => {
			const rows = outputRows(fingerprint, this.#database);
			if (rows.length > 0) {
				return rows;
			}

			this.#database.writeIfPossible(() => {
				this.inventory.countRemoval();
			});
			throw new UserError('result-lost', `The result ${fingerprint} is no longer in the cache`, {hint: 'Run again: it is computed again. "pipeline verify" looks for more damage.'});
		});
	}

	/** Names of a result's outputs whose object is gone or has another size, and of declared ones that it lacks. */
	missingOutputs({outputs}: Result, declared: object = {}): readonly string[] {
		const lost = Object.keys(declared).filter(name => outputs[name] === undefined);
		return [...lost, ...Object.entries(outputs).filter(([, artifact]) => !this.#isPresent(artifact)).map(([name]) => name)];
	}

	/** Fingerprints and node names of a stage's results, the latest first: what `why` looks at. */
	resultsOf(stage: string): ReadonlyArray<{readonly fingerprint: Fingerprint; readonly nodeName: string}> {
		return this.#database.prepare('SELECT fingerprint, nodeName FROM results WHERE stage = ? ORDER BY startedAt DESC').all(stage) as Array<{fingerprint: Fingerprint; nodeName: string}>;
	}

	/** The latest result of a node by its name, whatever graph it was in. */
	latestNamed(nodeName: string): Result | undefined {
		const row = this.#database.prepare('SELECT fingerprint FROM results WHERE nodeName = ? ORDER BY startedAt DESC LIMIT 1').get(nodeName) as {fingerprint: Fingerprint} | undefined;
		return row && this.recorded(row.fingerprint);
	}

	/** Results that have an object among their outputs, the latest first. */
	resultsWith(digest: Digest): ReadonlyArray<{readonly result: Result; readonly output: string}> {
		const rows = this.#database.prepare('SELECT fingerprint, outputs.name AS output FROM outputs JOIN results USING (fingerprint) WHERE digest = ? ORDER BY startedAt DESC').all(digest) as Array<{fingerprint: Fingerprint; output: string}>;
		return rows.map(({fingerprint, output}) => ({result: this.recorded(fingerprint)!, output}));
	}

	/** Mean milliseconds of a stage's recorded runs; nothing when it never ran. */
	meanDurationMs(stage: string): number | undefined {
		const row = this.#database.prepare('SELECT avg(durationMs) AS mean FROM (SELECT durationMs FROM results WHERE stage = ? ORDER BY startedAt DESC LIMIT 10)').get(stage) as {mean: number | null};
		return row.mean ?? undefined;
	}

	/** What a stage's latest results took, the latest first. */
	durationsOf(stage: string): readonly RecordedDuration[] {
		const rows = this.#database.prepare('SELECT nodeName, durationMs, json_extract(ingredients, \'$.params\') AS params FROM results WHERE stage = ? ORDER BY startedAt DESC LIMIT 200').all(stage) as Array<{nodeName: string; durationMs: number; params: string}>;
		return rows.map(({params, ...row}) => ({...row, params: JSON.parse(params) as RecordedDuration['params']}));
	}

	/** Digests whose beginning is given; several when it is ambiguous. */
	digestsStarting(prefix: string): readonly Digest[] {
		if (!/^[\da-f]*$/.test(prefix)) {
			return [];
		}

		const rows = this.#database.prepare('SELECT digest FROM objects WHERE digest GLOB ? LIMIT 3').all(`${prefix}*`) as Array<{digest: Digest}>;
		return rows.map(({digest}) => digest);
	}

	/**
	 * Makes a result visible and ends its lease: the files of its outputs become objects, then all rows appear in one transaction. After a crash
	 * anywhere in between, the result is absent and its objects are unreferenced or absent.
	 */
	publish({fingerprint, nodeName, ingredients, provenance}: Omit<Result, 'outputs'>, outputs: Readonly<Record<string, PendingArtifact>>): void {
		const contents = this.#settleAll(Object.values(outputs));
		const insertObject = this.#database.prepare('INSERT INTO objects (digest, kind, sizeBytes, content) VALUES (?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET kind = excluded.kind, sizeBytes = excluded.sizeBytes, content = excluded.content');
		const insertResult = this.#database.prepare('INSERT OR REPLACE INTO results (fingerprint, stage, nodeName, ingredients, startedAt, durationMs, provenance) VALUES (?, ?, ?, ?, ?, ?, ?)');
		const insertOutput = this.#database.prepare('INSERT OR REPLACE INTO outputs (fingerprint, name, digest) VALUES (?, ?, ?)');
		this.#database.write(() => {
			for (const {digest, kind, sizeBytes, content} of contents) {
				insertObject.run(digest, kind, sizeBytes, content);
			}

			insertResult.run(fingerprint, ingredients.stage, nodeName, JSON.stringify(ingredients), provenance.startedAt, provenance.durationMs, JSON.stringify(provenance));
			for (const [name, {digest}] of Object.entries(outputs)) {
				insertOutput.run(fingerprint, name, digest);
			}

			this.leases.drop(fingerprint);
		}, {durable: true});
	}

	/**
	 * The bytes of an object, checked against their digest.
	 * @throws {UserError} `object-damaged` after setting the object aside; its nodes are stale from then on.
	 */
	read(digest: Digest): Uint8Array {
		const row = this.#contentOf(digest);
		const file = this.objectFile(digest);
		if (!row || (row.content === null && !existsSync(file))) {
			throw new UserError('object-missing', `Object ${digest} is not in the cache`, {hint: 'Run the pipeline again: what made it is stale now.'});
		}

		const bytes = row.content ?? readFileSync(file);
		if (digestBytes(bytes) !== digest) {
			this.setAside(digest);
			throw damaged(digest, this.#asideFile(digest));
		}

		return bytes;
	}

	/**
	 * An object to be read piece by piece, checked against its digest.
	 * @param files what keeps it open
	 * @throws {UserError} as `read`
	 */
	open(digest: Digest, files: OpenedFiles): ByteSource {
		const file = this.objectFile(digest);
		if (this.#contentOf(digest)?.content !== null || !existsSync(file)) {
			const bytes = this.read(digest);
			return {sizeBytes: bytes.length, read: (start, end) => bytes.subarray(start, end)};
		}

		const source = files.open(file);
		if (digestFile(file) !== digest) {
			this.setAside(digest);
			throw damaged(digest, this.#asideFile(digest));
		}

		return source;
	}

	/** Whether the bytes of an object are there and have its digest. */
	isIntact(digest: Digest): boolean {
		const row = this.#contentOf(digest);
		const file = this.objectFile(digest);
		return row !== undefined && (row.content === null ? existsSync(file) && digestFile(file) === digest : digestBytes(row.content) === digest);
	}

	/** How a worker gets at an object: a file to read, or the bytes themselves. The worker checks the digest. */
	locate(digest: Digest): {readonly file: string} | {readonly bytes: Uint8Array} {
		const row = this.#contentOf(digest);
		return row?.content ? {bytes: row.content} : {file: this.objectFile(digest)};
	}

	/** Moves a damaged object out of the way and forgets it, so that whatever made it is stale. */
	setAside(digest: Digest): void {
		const row = this.#contentOf(digest);
		const file = this.objectFile(digest);
		try {
			mkdirSync(path.join(this.folder, 'damaged'), {recursive: true});
			if (row?.content) {
				writeFileSync(this.#asideFile(digest), row.content);
			} else if (existsSync(file)) {
				renameSync(file, this.#asideFile(digest));
			}
		} catch (error) {
			throw explainDiskError(error, this.folder);
		}

		this.#database.write(() => {
			this.#database.prepare('DELETE FROM objects WHERE digest = ?').run(digest);
			this.inventory.countRemoval();
		}, {durable: true});
	}

	/** A folder for one node's large outputs, on the same file system as the objects; made by who writes there. */
	temporaryFolder(name: string): string {
		return path.join(this.folder, 'temporary', `${process.pid}@${hostname()}@${name}`);
	}

	/** Removes what processes of this machine that are gone left behind; of other machines' processes we know nothing. */
	sweep(): void {
		const parent = path.join(this.folder, 'temporary');
		for (const entry of existsSync(parent) ? readdirSync(parent) : []) {
			const [pid, host] = entry.split('@');
			if (host === hostname() && (Number(pid) === process.pid || !isAlive(Number(pid)))) {
				// A worker that has not noticed yet that it is an orphan may write there at the same time.
				rmSync(path.join(parent, entry), {recursive: true, force: true, maxRetries: 5});
			}
		}
	}

	/** Whether a large object is there in its size. */
	hasFile(digest: Digest, sizeBytes: number): boolean {
		return statSync(this.objectFile(digest), {throwIfNoEntry: false})?.size === sizeBytes;
	}

	objectFile(digest: Digest): string {
		return objectFileIn(this.folder, digest);
	}

	/** A small value that is not a result: file digests, probed backends. */
	note(topic: string, key: string): string | undefined {
		return (this.#database.prepare('SELECT value FROM notes WHERE topic = ? AND key = ?').get(topic, key) as {value: string} | undefined)?.value;
	}

	setNotes(topic: string, entries: ReadonlyArray<readonly [key: string, value: string]>): void {
		const insert = this.#database.prepare('INSERT OR REPLACE INTO notes (topic, key, value) VALUES (?, ?, ?)');
		this.#database.writeIfPossible(() => {
			for (const [key, value] of entries) {
				insert.run(topic, key, value);
			}
		});
	}

	/** The keys of all notes of a topic. */
	notes(topic: string): readonly string[] {
		return (this.#database.prepare('SELECT key FROM notes WHERE topic = ?').all(topic) as Array<{key: string}>).map(({key}) => key);
	}

	deleteNotes(topic: string, keys: readonly string[]): void {
		const remove = this.#database.prepare('DELETE FROM notes WHERE topic = ? AND key = ?');
		this.#database.write(() => {
			for (const key of keys) {
				remove.run(topic, key);
			}
		}, {durable: false});
	}

	/** Every recorded result, whether its objects are still there or not. */
	fingerprints(): readonly Fingerprint[] {
		return (this.#database.prepare('SELECT fingerprint FROM results ORDER BY startedAt').all() as Array<{fingerprint: Fingerprint}>).map(({fingerprint}) => fingerprint);
	}

	/** How often anything was removed from the cache; while it is the same, what was there is there. */
	removals(): number {
		return (this.#database.prepare('SELECT count FROM removals').get() as {count: number}).count;
	}

	#contentOf(digest: Digest): {readonly content: Uint8Array | null} | undefined {
		return this.#database.prepare('SELECT content FROM objects WHERE digest = ?').get(digest) as {content: Uint8Array | null} | undefined;
	}

	#settleAll(artifacts: readonly PendingArtifact[]) {
		try {
			return artifacts.map(artifact => ({...artifact, content: this.#settle(artifact)}));
		} catch (error) {
			throw explainDiskError(error, this.folder);
		}
	}

	/** Bytes for the row of a small artifact; for a large one, the object file is put in place and the row stays empty. */
	#settle(artifact: PendingArtifact): Uint8Array | null {
		if ('bytes' in artifact) {
			return artifact.bytes;
		}

		const target = this.objectFile(artifact.digest);
		mkdirSync(path.dirname(target), {recursive: true});
		chmodSync(artifact.file, 0o444);
		renameSync(artifact.file, target);
		syncFolder(path.dirname(target));
		return null;
	}

	/** Rows of small artifacts were joined; a large one must have its file. */
	#isPresent({digest, sizeBytes}: StoredArtifact): boolean {
		return sizeBytes <= inlineLimitBytes || this.hasFile(digest, sizeBytes);
	}

	#asideFile(digest: Digest): string {
		return path.join(this.folder, 'damaged', digest);
	}
}

type OutputRow = readonly [nodeName: string, name: string | null, digest: Digest, kind: string | null, sizeBytes: number | null];

function outputRows(fingerprint: Fingerprint, database: CacheDatabase): readonly OutputRow[] {
	return database.prepareRaw(`
		SELECT nodeName, outputs.name, outputs.digest, kind, sizeBytes
		FROM results LEFT JOIN outputs USING (fingerprint) LEFT JOIN objects USING (digest) WHERE fingerprint = ?`).all(fingerprint) as OutputRow[];
}

class StoredResult implements Result {
	readonly fingerprint: Fingerprint;
	readonly #database: CacheDatabase;
	readonly #rows: () => readonly OutputRow[];
	#outputs: Record<string, StoredArtifact> | undefined;
	#ingredients: Ingredients | undefined;
	#provenance: Provenance | undefined;

	/** @param rows at least one */
	constructor(fingerprint: Fingerprint, database: CacheDatabase, rows: () => readonly OutputRow[]) {
		this.fingerprint = fingerprint;
		this.#database = database;
		this.#rows = rows;
	}

	get nodeName(): string {
		return this.#rows()[0]![0];
	}

	get outputs(): Readonly<Record<string, StoredArtifact>> {
		// A forgotten object has no row: no file has an infinite size, so the result counts as absent.
		this.#outputs ??= Object.fromEntries(this.#rows().flatMap(([, name, digest, kind, sizeBytes]) => (name === null ? [] : [[name, {digest, kind: kind ?? 'missing', sizeBytes: sizeBytes ?? Number.POSITIVE_INFINITY}]])));
		return this.#outputs;
	}

	get ingredients(): Ingredients {
		this.#ingredients ??= parseIngredients((this.#database.prepare('SELECT ingredients FROM results WHERE fingerprint = ?').get(this.fingerprint) as {ingredients: string} | undefined)?.ingredients, this.#database.folder);
		return this.#ingredients;
	}

	get provenance(): Provenance {
		this.#provenance ??= parseProvenance((this.#database.prepare('SELECT provenance FROM results WHERE fingerprint = ?').get(this.fingerprint) as {provenance: string} | undefined)?.provenance, this.#database.folder);
		return this.#provenance;
	}
}

/** The error for an object whose bytes are not what they were. */
export function damaged(digest: Digest, aside: string): UserError {
	return new UserError('object-damaged', `Object ${digest} in the cache is damaged: its bytes have another digest`, {
		facts: {'set aside as': aside},
		hint: 'Run the pipeline again: what made it is computed again.',
	});
}

function syncFolder(folder: string): void {
	if (process.platform === 'win32') {
		return; // Folders cannot be opened there; renames are durable without it.
	}

	const descriptor = openSync(folder, 'r');
	try {
		fsyncSync(descriptor);
	} finally {
		closeSync(descriptor);
	}
}
