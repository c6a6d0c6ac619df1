import {chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import Database from 'better-sqlite3';
import {digestBytes, type Digest, type Fingerprint} from './digest.ts';
import {explainDiskError} from './disk-error.ts';
import {UserError} from './error.ts';
import type {Ingredients} from './fingerprint.ts';
import {migrate} from './schema.ts';

/** One output of one result. */
export type StoredArtifact = {readonly digest: Digest; readonly sizeBytes: number; readonly kind: string};

/** How a result came to be; kept for people and for estimates, never part of a fingerprint. */
export type Provenance = {
	/** ISO 8601, UTC. */
	readonly startedAt: string;
	readonly durationMs: number;
	/** Largest resident memory of the worker while the node ran. */
	readonly peakMemoryBytes: number;
	readonly host: string;
	readonly node: string;
	/** Commit of the repository; `null` outside one. A trailing `+` marks uncommitted changes. */
	readonly commit: string | null;
	/** Repository file → bytes of code it contributed. */
	readonly modules: Readonly<Record<string, number>>;
	/** What the stage and its worker wrote. */
	readonly log: string;
};

/** What one node computed. */
export type Result = {
	readonly fingerprint: Fingerprint;
	readonly nodeName: string;
	readonly ingredients: Ingredients;
	readonly outputs: Readonly<Record<string, StoredArtifact>>;
	readonly provenance: Provenance;
};

/** An artifact that a worker wrote and that is not published yet. */
export type PendingArtifact = StoredArtifact & {readonly file: string};

/** Artifacts up to this size live in the database itself. */
const inlineLimitBytes = 32 * 1024;

/** How long a statement waits for another process's write lock. */
const busyTimeoutMs = 20_000;

/**
 * The cache: an index (fingerprint → output digests) and blobs (digest → bytes) in one SQLite database, large blobs as read-only
 * files beside it. Several processes may use one cache.
 */
export class Store implements Disposable {
	readonly folder: string;
	readonly #database: Database.Database;
	readonly #statements = new Map<string, Statement>();

	/**
	 * Opens the cache, making it when it is missing.
	 * @throws {UserError} when the folder cannot be written, the database is damaged, or a newer version wrote it.
	 */
	constructor(folder: string, {readonly = false}: {readonly readonly?: boolean} = {}) {
		this.folder = folder;
		this.#database = openDatabase(folder, readonly);
	}

	[Symbol.dispose](): void {
		this.close();
	}

	close(): void {
		this.#database.close();
	}

	/** The stored result, or nothing when it was never computed or one of its objects is gone or has another size. */
	find(fingerprint: Fingerprint): Result | undefined {
		const result = this.recorded(fingerprint);
		return result && this.missingOutputs(result).length === 0 ? result : undefined;
	}

	/** The recorded result, whether its objects are still there or not. */
	recorded(fingerprint: Fingerprint): Result | undefined {
		const row = this.#prepare('SELECT * FROM results WHERE fingerprint = ?').get(fingerprint) as ResultRow | undefined;
		return row && this.#toResult(row);
	}

	/** Names of a result's outputs whose object is gone or has another size. */
	missingOutputs({outputs}: Result): readonly string[] {
		return Object.entries(outputs).filter(([, artifact]) => !this.#isPresent(artifact)).map(([name]) => name);
	}

	/** Results of a stage, the latest first: what `why` and estimates look at. */
	resultsOf(stage: string, limit = 20): readonly Result[] {
		const rows = this.#prepare('SELECT * FROM results WHERE stage = ? ORDER BY startedAt DESC LIMIT ?').all(stage, limit) as ResultRow[];
		return rows.map(row => this.#toResult(row));
	}

	/** Results that have an object among their outputs. */
	resultsWith(digest: Digest): ReadonlyArray<{readonly result: Result; readonly output: string}> {
		const rows = this.#prepare('SELECT results.*, outputs.name AS output FROM outputs JOIN results USING (fingerprint) WHERE digest = ? ORDER BY startedAt DESC').all(digest) as Array<ResultRow & {output: string}>;
		return rows.map(row => ({result: this.#toResult(row), output: row.output}));
	}

	/** Mean milliseconds of a stage's recorded runs; nothing when it never ran. */
	meanDurationMs(stage: string): number | undefined {
		const row = this.#prepare('SELECT avg(durationMs) AS mean FROM (SELECT durationMs FROM results WHERE stage = ? ORDER BY startedAt DESC LIMIT 10)').get(stage) as {mean: number | null};
		return row.mean ?? undefined;
	}

	/** Digests whose beginning is given; several when it is ambiguous. */
	digestsStarting(prefix: string): readonly Digest[] {
		if (!/^[\da-f]*$/.test(prefix)) {
			return [];
		}

		const rows = this.#prepare('SELECT digest FROM objects WHERE digest GLOB ? LIMIT 3').all(`${prefix}*`) as Array<{digest: Digest}>;
		return rows.map(({digest}) => digest);
	}

	/**
	 * Makes a result visible: the files of its outputs become objects, then all rows appear in one transaction. After a crash
	 * anywhere in between, the result is absent and its objects are unreferenced or absent.
	 */
	publish(result: Omit<Result, 'outputs'>, outputs: Readonly<Record<string, PendingArtifact>>): void {
		const contents = this.#settleAll(Object.values(outputs));
		const insertObject = this.#prepare('INSERT INTO objects (digest, kind, sizeBytes, content) VALUES (?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET content = excluded.content');
		const insertResult = this.#prepare('INSERT OR REPLACE INTO results (fingerprint, stage, nodeName, ingredients, startedAt, durationMs, provenance) VALUES (?, ?, ?, ?, ?, ?, ?)');
		const insertOutput = this.#prepare('INSERT OR REPLACE INTO outputs (fingerprint, name, digest) VALUES (?, ?, ?)');
		const {fingerprint, nodeName, ingredients, provenance} = result;
		this.#write(() => {
			for (const {digest, kind, sizeBytes, content} of contents) {
				insertObject.run(digest, kind, sizeBytes, content);
			}

			insertResult.run(fingerprint, ingredients.stage, nodeName, JSON.stringify(ingredients), provenance.startedAt, provenance.durationMs, JSON.stringify(provenance));
			for (const [name, {digest}] of Object.entries(outputs)) {
				insertOutput.run(fingerprint, name, digest);
			}
		});
	}

	/**
	 * The bytes of an object, checked against their digest.
	 * @throws {UserError} `object-damaged` after setting the object aside; its nodes are stale from then on.
	 */
	read(digest: Digest): Uint8Array {
		const row = this.#prepare('SELECT content FROM objects WHERE digest = ?').get(digest) as {content: Uint8Array | null} | undefined;
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

	/** Whether the bytes of an object are there and have its digest. */
	isIntact(digest: Digest): boolean {
		const row = this.#prepare('SELECT content FROM objects WHERE digest = ?').get(digest) as {content: Uint8Array | null} | undefined;
		const file = this.objectFile(digest);
		return row !== undefined && (row.content !== null || existsSync(file)) && digestBytes(row.content ?? readFileSync(file)) === digest;
	}

	/** How a worker gets at an object: a file to read, or the bytes themselves. The worker checks the digest. */
	locate(digest: Digest): {readonly file: string} | {readonly bytes: Uint8Array} {
		const row = this.#prepare('SELECT content FROM objects WHERE digest = ?').get(digest) as {content: Uint8Array | null} | undefined;
		return row?.content ? {bytes: row.content} : {file: this.objectFile(digest)};
	}

	/** Moves a damaged object out of the way and forgets it, so that whatever made it is stale. */
	setAside(digest: Digest): void {
		const row = this.#prepare('SELECT content FROM objects WHERE digest = ?').get(digest) as {content: Uint8Array | null} | undefined;
		const file = this.objectFile(digest);
		mkdirSync(path.join(this.folder, 'damaged'), {recursive: true});
		if (row?.content) {
			writeFileSync(this.#asideFile(digest), row.content);
		} else if (existsSync(file)) {
			renameSync(file, this.#asideFile(digest));
		}

		this.#write(() => {
			this.#prepare('DELETE FROM objects WHERE digest = ?').run(digest);
		});
	}

	/** A folder for one worker's outputs, on the same file system as the objects. */
	makeTemporaryFolder(name: string): string {
		const folder = path.join(this.folder, 'temporary', `${process.pid}@${hostname()}@${name}`);
		try {
			mkdirSync(folder, {recursive: true});
		} catch (error) {
			throw explainDiskError(error, this.folder);
		}

		return folder;
	}

	/** Removes what processes of this machine that are gone left behind; of other machines' processes we know nothing. */
	sweep(): void {
		const parent = path.join(this.folder, 'temporary');
		for (const entry of existsSync(parent) ? readdirSync(parent) : []) {
			const [pid, host] = entry.split('@');
			if (host === hostname() && (Number(pid) === process.pid || !isAlive(Number(pid)))) {
				rmSync(path.join(parent, entry), {recursive: true, force: true});
			}
		}
	}

	objectFile(digest: Digest): string {
		return path.join(this.folder, 'objects', digest.slice(0, 2), digest.slice(2));
	}

	/** A small value that is not a result: file digests, probed backends. */
	note(topic: string, key: string): string | undefined {
		return (this.#prepare('SELECT value FROM notes WHERE topic = ? AND key = ?').get(topic, key) as {value: string} | undefined)?.value;
	}

	setNotes(topic: string, entries: ReadonlyArray<readonly [key: string, value: string]>): void {
		const insert = this.#prepare('INSERT OR REPLACE INTO notes (topic, key, value) VALUES (?, ?, ?)');
		this.#write(() => {
			for (const [key, value] of entries) {
				insert.run(topic, key, value);
			}
		});
	}

	/**
	 * Reserves a node for this process, so that of several processes on one cache one computes it. A lease whose process is gone, or
	 * was silent for too long, is taken over.
	 * @returns nothing when the lease is ours, else the process that holds it.
	 */
	lease(fingerprint: Fingerprint, nowMs: number): {readonly pid: number} | undefined {
		let holder: LeaseRow | undefined;
		this.#write(() => {
			holder = this.#prepare('SELECT host, pid, aliveAtMs FROM leases WHERE fingerprint = ?').get(fingerprint) as LeaseRow | undefined;
			if (!holder || !isHeld(holder, nowMs)) {
				holder = undefined;
				this.#prepare('INSERT OR REPLACE INTO leases (fingerprint, host, pid, aliveAtMs) VALUES (?, ?, ?, ?)').run(fingerprint, hostname(), process.pid, nowMs);
			}
		});
		return holder;
	}

	/** Says that this process still computes what it leased. */
	renewLeases(nowMs: number): void {
		this.#writeIfPossible(() => {
			this.#prepare('UPDATE leases SET aliveAtMs = ? WHERE host = ? AND pid = ?').run(nowMs, hostname(), process.pid);
		});
	}

	release(fingerprint: Fingerprint): void {
		this.#writeIfPossible(() => {
			this.#prepare('DELETE FROM leases WHERE fingerprint = ? AND host = ? AND pid = ?').run(fingerprint, hostname(), process.pid);
		});
	}

	/** Records the beginning of an invocation. @returns its number. */
	startRun(command: string, startedAt: string): number {
		let run = 0;
		this.#write(() => {
			run = Number(this.#prepare('INSERT INTO runs (command, startedAt, pid) VALUES (?, ?, ?)').run(command, startedAt, process.pid).lastInsertRowid);
		});
		return run;
	}

	/** Records the outcome of every node of an invocation; on a full disk the record is lost, and the failed nodes say why. */
	finishRun(run: number, finishedAt: string, nodes: ReadonlyArray<{readonly name: string; readonly outcome: string; readonly fingerprint: Fingerprint | undefined; readonly log: string | undefined}>): void {
		const insert = this.#prepare('INSERT OR REPLACE INTO runNodes (run, name, outcome, fingerprint, log) VALUES (?, ?, ?, ?, ?)');
		this.#writeIfPossible(() => {
			this.#prepare('UPDATE runs SET finishedAt = ? WHERE id = ?').run(finishedAt, run);
			for (const {name, outcome, fingerprint, log} of nodes) {
				insert.run(run, name, outcome, fingerprint ?? null, log ?? null);
			}
		});
	}

	/** The latest log of a node that did not end in a result. */
	failureLog(nodeName: string): string | undefined {
		const row = this.#prepare('SELECT log FROM runNodes WHERE name = ? AND outcome = ? ORDER BY run DESC LIMIT 1').get(nodeName, 'failed') as {log: string | null} | undefined;
		return row?.log ?? undefined;
	}

	#settleAll(artifacts: readonly PendingArtifact[]) {
		try {
			return artifacts.map(artifact => ({...artifact, content: this.#settle(artifact)}));
		} catch (error) {
			throw explainDiskError(error, this.folder);
		}
	}

	/** Bytes for the row of a small artifact; for a large one, the object file is put in place and the row stays empty. */
	#settle({digest, sizeBytes, file}: PendingArtifact): Uint8Array | null {
		if (sizeBytes <= inlineLimitBytes) {
			return readFileSync(file);
		}

		const target = this.objectFile(digest);
		mkdirSync(path.dirname(target), {recursive: true});
		chmodSync(file, 0o444);
		renameSync(file, target);
		syncFolder(path.dirname(target));
		return null;
	}

	#isPresent({digest, sizeBytes}: StoredArtifact): boolean {
		if (sizeBytes <= inlineLimitBytes) {
			return this.#prepare('SELECT 1 FROM objects WHERE digest = ?').get(digest) !== undefined;
		}

		return statSync(this.objectFile(digest), {throwIfNoEntry: false})?.size === sizeBytes;
	}

	#toResult(row: ResultRow): Result {
		const outputs = this.#prepare('SELECT name, digest, kind, sizeBytes FROM outputs LEFT JOIN objects USING (digest) WHERE fingerprint = ?').all(row.fingerprint) as Array<{name: string; digest: Digest; kind: string | null; sizeBytes: number | null}>;
		return {
			fingerprint: row.fingerprint,
			nodeName: row.nodeName,
			ingredients: JSON.parse(row.ingredients) as Ingredients,
			// A forgotten object has no row: size −1 equals no file's size, so the result counts as absent.
			outputs: Object.fromEntries(outputs.map(({name, digest, kind, sizeBytes}) => [name, {digest, kind: kind ?? 'missing', sizeBytes: sizeBytes ?? Number.POSITIVE_INFINITY}])),
			provenance: JSON.parse(row.provenance) as Provenance,
		};
	}

	#asideFile(digest: Digest): string {
		return path.join(this.folder, 'damaged', digest);
	}

	#prepare(sql: string): Statement {
		const known = this.#statements.get(sql) ?? this.#guarded(sql);
		this.#statements.set(sql, known);
		return known;
	}

	/** A statement whose errors are put into words. */
	#guarded(sql: string): Statement {
		const explained = <Value>(perform: () => Value): Value => {
			try {
				return perform();
			} catch (error) {
				throw explainDiskError(error, this.folder);
			}
		};

		const statement = explained(() => this.#database.prepare(sql));
		return {
			get: (...values) => explained(() => statement.get(...values)),
			all: (...values) => explained(() => statement.all(...values)),
			run: (...values) => explained(() => statement.run(...values)),
		};
	}

	/** For what may be lost on a full disk: leases end with their process anyway. */
	#writeIfPossible(change: () => void): void {
		try {
			this.#write(change);
		} catch (error) {
			if (!(error instanceof UserError && error.code === 'disk-full')) {
				throw error;
			}
		}
	}

	#write(change: () => void): void {
		try {
			this.#database.transaction(change).immediate();
		} catch (error) {
			throw explainDiskError(error, this.folder);
		}
	}
}

type Statement = Pick<Database.Statement, 'get' | 'all' | 'run'>;

type ResultRow = {readonly fingerprint: Fingerprint; readonly nodeName: string; readonly ingredients: string; readonly provenance: string};

type LeaseRow = {readonly host: string; readonly pid: number; readonly aliveAtMs: number};

/** How long a silent process keeps its leases; many times the interval of renewal. */
const leaseMs = 30_000;

function isHeld({host, pid, aliveAtMs}: LeaseRow, nowMs: number): boolean {
	// A process can check its neighbours on the same machine; elsewhere only the clock tells. A clock that jumped counts as alive.
	const isSilent = Math.abs(nowMs - aliveAtMs) > leaseMs;
	if (host !== hostname()) {
		return !isSilent;
	}

	return pid !== process.pid && isAlive(pid) && !isSilent;
}

/** Whether a process with this id exists on this machine. */
export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}

/** The error for an object whose bytes are not what they were. */
export function damaged(digest: Digest, aside: string): UserError {
	return new UserError('object-damaged', `Object ${digest} in the cache is damaged: its bytes have another digest`, {
		facts: {'set aside as': aside},
		hint: 'Run the pipeline again: what made it is computed again.',
	});
}

function openDatabase(folder: string, readonly: boolean): Database.Database {
	const file = path.join(folder, 'index.sqlite');
	try {
		mkdirSync(folder, {recursive: true});
		const database = new Database(file, {timeout: busyTimeoutMs, readonly});
		database.pragma('journal_mode = WAL');
		// Publication must survive a power cut: a result is worth days of computing.
		database.pragma('synchronous = FULL');
		database.pragma('foreign_keys = ON');
		migrate(database, file);
		return database;
	} catch (error) {
		throw explainDiskError(error, folder);
	}
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
