import {existsSync, mkdirSync, statSync} from 'node:fs';
import path from 'node:path';
import type Database from 'better-sqlite3';
import {databaseDamaged, explainDiskError} from './disk-error.ts';
import {UserError} from './error.ts';
import {isReadOnly, openReadOnly} from './read-only-database.ts';
import {migrate} from './schema.ts';
import {openSqlite} from './sqlite.ts';

/** A prepared statement whose errors are put into words. */
export type Statement = Pick<Database.Statement, 'get' | 'all' | 'run'>;

/** How sure a change must be. */
export type WriteOptions = {
	/** Whether the change must survive a power cut; others survive the death of the process, which costs a tenth of the time. */
	readonly durable: boolean;
};

/** How long a statement waits for another process's write lock. */
const busyTimeoutMs = 20_000;

/** Free space in the database that is worth a copy of the rest: so many bytes, and such a share of the file. */
const shrinkFromBytes = 2 ** 20;
const shrinkFromShare = 0.25;

/** The database of a cache folder: prepared statements, immediate transactions, and errors in words. */
export class CacheDatabase {
	readonly folder: string;
	readonly #database: Database.Database;
	readonly #statements = new Map<string, Statement>();
	#isDurable = true;

	/**
	 * Opens the database, making it when it is missing; one that cannot be written is opened for reading.
	 * @throws {UserError} when it is missing and cannot be made, is damaged, or a newer version wrote it.
	 */
	constructor(folder: string) {
		this.folder = folder;
		this.#database = openDatabase(folder);
	}

	/** Whether every write ends in the error `cache-read-only`. */
	get isReadOnly(): boolean {
		return this.#database.readonly;
	}

	close(): void {
		this.#database.close();
	}

	prepare(sql: string): Statement {
		const known = this.#statements.get(sql) ?? this.#guarded(sql, false);
		this.#statements.set(sql, known);
		return known;
	}

	/** A statement that gives rows as arrays of values, which is twice as fast. */
	prepareRaw(sql: string): Statement {
		const key = `raw ${sql}`;
		const known = this.#statements.get(key) ?? this.#guarded(sql, true);
		this.#statements.set(key, known);
		return known;
	}

	/** Makes a change in one transaction. */
	write(change: () => void, {durable}: WriteOptions): void {
		try {
			if (durable !== this.#isDurable) {
				this.#database.pragma(`synchronous = ${durable ? 'FULL' : 'NORMAL'}`);
				this.#isDurable = durable;
			}

			this.#database.transaction(change).immediate();
		} catch (error) {
			throw explainDiskError(error, this.folder);
		}
	}

	/** For what may be lost on a full or read-only disk. */
	writeIfPossible(change: () => void): void {
		try {
			this.write(change, {durable: false});
		} catch (error) {
			if (!(error instanceof UserError && (error.code === 'disk-full' || error.code === 'cache-read-only'))) {
				throw error;
			}
		}
	}

	/** Gives the space of removed rows back to the disk where it is worth a copy of the rest; leaves it for new rows where there is no room for that copy. */
	shrink(): void {
		const pages = (name: string) => Number(this.#database.pragma(name, {simple: true}));
		const freeBytes = pages('freelist_count') * pages('page_size');
		if (freeBytes < shrinkFromBytes || pages('freelist_count') < shrinkFromShare * pages('page_count')) {
			return;
		}

		try {
			this.#database.exec('VACUUM');
			// The copy is in the log until every process that reads has let go of what was before.
			this.#database.pragma('wal_checkpoint(TRUNCATE)');
		} catch (error) {
			if (!['SQLITE_FULL', 'SQLITE_BUSY'].some(code => (error as {code?: string}).code?.startsWith(code))) {
				throw explainDiskError(error, this.folder);
			}
		}
	}

	#guarded(sql: string, isRaw: boolean): Statement {
		const explained = <Value>(perform: () => Value): Value => {
			try {
				return perform();
			} catch (error) {
				throw explainDiskError(error, this.folder);
			}
		};

		const statement = explained(() => (isRaw ? this.#database.prepare(sql).raw() : this.#database.prepare(sql)));
		return {
			get: (...values) => explained(() => statement.get(...values)),
			all: (...values) => explained(() => statement.all(...values)),
			run: (...values) => explained(() => statement.run(...values)),
		};
	}
}

function openDatabase(folder: string): Database.Database {
	const file = path.join(folder, 'index.sqlite');
	const options = {timeout: busyTimeoutMs};
	try {
		if (isEmptied(file, folder)) {
			throw databaseDamaged(folder);
		}

		if (isReadOnly(file)) {
			const database = openReadOnly(file, options);
			migrate(database, file);
			return database;
		}

		mkdirSync(folder, {recursive: true});
		const database = openSqlite(file, options);
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

/** To SQLite an empty file is a new database; beside objects it is one that has lost everything. */
function isEmptied(file: string, folder: string): boolean {
	return statSync(file, {throwIfNoEntry: false})?.size === 0 && existsSync(path.join(folder, 'objects'));
}
