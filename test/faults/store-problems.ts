import {existsSync, readFileSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {digestBytes} from '../../engine/digest.ts';
import {openSqlite} from '../../engine/sqlite.ts';

type ObjectRow = {readonly digest: string; readonly sizeBytes: number; readonly content: Uint8Array | null};

/**
 * What is wrong with a cache that no process uses; nothing when all is well.
 * @param damaged digests of objects that were damaged on purpose and need not have been noticed
 */
export function storeProblems(cache: string, damaged: ReadonlySet<string> = new Set()): readonly string[] {
	using database = openDatabase(cache);
	const {get} = database;
	const integrity = get('PRAGMA integrity_check').map(row => Object.values(row as object)[0] as string).filter(text => text !== 'ok');
	if (integrity.length > 0) {
		return integrity;
	}

	const objects = get('SELECT digest, sizeBytes, content FROM objects') as readonly ObjectRow[];
	const known = new Set(objects.map(({digest}) => digest));
	const outputs = get('SELECT fingerprint, digest FROM outputs') as ReadonlyArray<{fingerprint: string; digest: string}>;
	return [
		...get('PRAGMA foreign_key_check').map(row => `a row refers to nothing: ${JSON.stringify(row)}`),
		...objects.filter(({digest}) => !damaged.has(digest)).flatMap(row => problemsOf(row, cache)),
		...outputs.filter(({digest}) => !known.has(digest)).map(({fingerprint, digest}) => `result ${fingerprint} has the object ${digest}, which has no row`),
		...objectFiles(cache).filter(digest => !damaged.has(digest) && digestBytes(readFileSync(objectFile(cache, digest))) !== digest).map(digest => `file of object ${digest} holds other bytes`),
	];
}

function openDatabase(cache: string) {
	const database = openSqlite(path.join(cache, 'index.sqlite'), {fileMustExist: true});
	return {
		get: (sql: string) => database.prepare(sql).all(),
		[Symbol.dispose]() {
			database.close();
		},
	};
}

function problemsOf({digest, sizeBytes, content}: ObjectRow, cache: string): readonly string[] {
	if (content === null) {
		return existsSync(objectFile(cache, digest)) ? [] : [`object ${digest} has a row and no file`];
	}

	return content.length === sizeBytes && digestBytes(content) === digest ? [] : [`object ${digest} in the database has other bytes`];
}

export function objectFile(cache: string, digest: string): string {
	return path.join(cache, 'objects', digest.slice(0, 2), digest.slice(2));
}

/** Digests that files are named by. */
export function objectFiles(cache: string): readonly string[] {
	const folder = path.join(cache, 'objects');
	return existsSync(folder) ? readdirSync(folder).flatMap(start => readdirSync(path.join(folder, start)).map(rest => `${start}${rest}`)).toSorted() : [];
}

/** Folders of unfinished nodes. */
export function leftovers(cache: string): readonly string[] {
	const folder = path.join(cache, 'temporary');
	return existsSync(folder) ? readdirSync(folder) : [];
}
