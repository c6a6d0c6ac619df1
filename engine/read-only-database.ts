import type {Buffer} from 'node:buffer';
import {accessSync, chmodSync, constants, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type Database from 'better-sqlite3';
import {openSqlite} from './sqlite.ts';

/** Whether there is a database that can be read and not written: on a read-only disk, or in somebody else's folder. */
export function isReadOnly(file: string): boolean {
	return existsSync(file) && [file, path.dirname(file)].some(name => !isWritable(name));
}

function isWritable(name: string): boolean {
	try {
		accessSync(name, constants.W_OK);
		return true;
	} catch {
		return false;
	}
}

/**
 * Opens a database that cannot be written, for reading: in place where SQLite can do that, else as a copy in memory. Beside a database
 * with a write-ahead log SQLite keeps an index of the log, and does not read the one without the other; where nothing can be written, it cannot make
 * one, and of most caches on a read-only disk there is none.
 * @throws what SQLite or the file system says when the file cannot even be read
 */
export function openReadOnly(file: string, options: Database.Options): Database.Database {
	try {
		const database = openSqlite(file, {...options, readonly: true});
		// Opening reads nothing yet.
		database.pragma('user_version');
		return database;
	} catch (error) {
		const {code = ''} = error as {code?: string};
		if (code !== 'SQLITE_CANTOPEN' && !code.startsWith('SQLITE_READONLY')) {
			throw error;
		}

		return openSqlite(wholeDatabase(file, options), {...options, readonly: true});
	}
}

/** The bytes of a database with what its write-ahead log holds. */
function wholeDatabase(file: string, options: Database.Options): Buffer {
	const folder = mkdtempSync(path.join(tmpdir(), 'pipeline-cache-'));
	try {
		const copy = path.join(folder, path.basename(file));
		for (const suffix of ['', '-wal'].filter(suffix => existsSync(file + suffix))) {
			copyFileSync(file + suffix, copy + suffix);
			chmodSync(copy + suffix, 0o600);
		}

		const database = openSqlite(copy, options);
		// Writes the log into the database, and no database in memory may have one.
		database.pragma('journal_mode = DELETE');
		database.close();
		return readFileSync(copy);
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}
