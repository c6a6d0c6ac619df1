import {existsSync, readdirSync, statSync, utimesSync} from 'node:fs';
import path from 'node:path';
import {openSqlite} from '../../engine/sqlite.ts';

/** Makes all that is in a cache older: results, and the files of objects. */
export function age(cacheFolder: string, days: number): void {
	const database = openSqlite(path.join(cacheFolder, 'index.sqlite'));
	const rows = database.prepare('SELECT fingerprint, startedAt FROM results').all() as Array<{fingerprint: string; startedAt: string}>;
	const ms = days * 24 * 60 * 60 * 1000;
	for (const {fingerprint, startedAt} of rows) {
		database.prepare('UPDATE results SET startedAt = ? WHERE fingerprint = ?').run(new Date(Date.parse(startedAt) - ms).toISOString(), fingerprint);
	}

	database.close();
	const objects = path.join(cacheFolder, 'objects');
	for (const name of existsSync(objects) ? readdirSync(objects, {recursive: true, encoding: 'utf8'}) : []) {
		makeOlder(path.join(objects, name), ms);
	}
}

/** Moves the times of a file back. */
export function makeOlder(file: string, ms: number): void {
	const then = new Date(statSync(file).mtimeMs - ms);
	utimesSync(file, then, then);
}
