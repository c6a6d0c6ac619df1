import {existsSync, readdirSync} from 'node:fs';
import {hostname} from 'node:os';
import path from 'node:path';
import type Database from 'better-sqlite3';
import {explainDiskError} from '../../engine/disk-error.ts';
import {schemaVersion} from '../../engine/schema.ts';
import {isAlive} from '../../engine/leases.ts';
import {openSqlite} from '../../engine/sqlite.ts';
import {formatBytes} from '../format.ts';
import {contents, counted} from './project.ts';
import type {Finding, Site} from './finding.ts';

type Place = Pick<Site, 'cacheFolder'>;

/** Opens the database to look and changes nothing: no migration, no recovery of objects. */
export function database({cacheFolder}: Place): readonly Finding[] {
	const check = 'database';
	const file = path.join(cacheFolder, 'index.sqlite');
	if (!existsSync(file)) {
		return [{check, status: 'note', found: 'none yet, the first run makes it'}];
	}

	let connection: Database.Database | undefined;
	try {
		connection = openSqlite(file, {readonly: true, fileMustExist: true});
		const version = connection.pragma('user_version', {simple: true}) as number;
		if (version > schemaVersion) {
			return [{check, status: 'problem', found: `version ${version} of a newer software; this one reads up to ${schemaVersion}`, hint: 'Update the software, or use another cache with --cache FOLDER.'}];
		}

		const damage = (connection.pragma('quick_check(3)') as Array<{quick_check: string}>).map(row => row.quick_check);
		if (damage.join('; ') !== 'ok') {
			return [{check, status: 'problem', found: `damaged: ${damage.join('; ')}`, hint: `Move the folder away (mv "${cacheFolder}" "${cacheFolder}.damaged") and run again.`}];
		}

		const age = version < schemaVersion ? `version ${version}, the next run makes it version ${schemaVersion}` : `version ${version}`;
		return [{check, status: 'ok', found: `opens, ${age}, quick check passed`}, ...(version === schemaVersion ? [stock(connection), ...leases(connection, Date.now())] : [])];
	} catch (error) {
		throw explainDiskError(error, cacheFolder);
	} finally {
		connection?.close();
	}
}

function stock(connection: Database.Database): Finding {
	const {results} = connection.prepare('SELECT count(*) AS results FROM results').get() as {results: number};
	const {objects, bytes} = connection.prepare('SELECT count(*) AS objects, coalesce(sum(sizeBytes), 0) AS bytes FROM objects').get() as {objects: number; bytes: number};
	return {check: 'contents', status: 'ok', found: `${counted(results, 'result')}, ${counted(objects, 'object')}, ${formatBytes(bytes)}`};
}

/** Who computes something right now, or died while doing so. */
function leases(connection: Database.Database, nowMs: number): readonly Finding[] {
	const rows = connection.prepare('SELECT host, pid, count(*) AS nodes, max(aliveAtMs) AS aliveAtMs FROM leases GROUP BY host, pid ORDER BY host, pid').all() as Array<{host: string; pid: number; nodes: number; aliveAtMs: number}>;
	if (rows.length === 0) {
		return [{check: 'leases', status: 'ok', found: 'none: nobody computes'}];
	}

	return rows.map(({host, pid, nodes, aliveAtMs}): Finding => {
		const who = `process ${pid} on ${host}, heard of ${Math.round(Math.abs(nowMs - aliveAtMs) / 1000)} s ago`;
		return host === hostname() && !isAlive(pid)
			? {check: 'leases', status: 'note', found: `${counted(nodes, 'node')} of ${who}, is gone: the next run takes over`}
			: {check: 'leases', status: 'ok', found: `${counted(nodes, 'node')} computed by ${who}`};
	});
}

/** Objects that were not what they should be. */
export function damagedObjects({cacheFolder}: Place): readonly Finding[] {
	const check = 'damaged objects';
	const folder = path.join(cacheFolder, 'damaged');
	const {files, bytes} = existsSync(folder) ? contents(folder) : {files: 0, bytes: 0};
	const hint = 'What made them runs again by itself; when objects are damaged more than once, check the disk. The folder may be deleted.';
	return [files === 0
		? {check, status: 'ok', found: 'none'}
		: {check, status: 'warning', found: `${counted(files, 'object')}, ${formatBytes(bytes)}, set aside in ${folder}`, hint}];
}

/** Folders that workers write to; those of processes that are gone are only in the way. */
export function leftovers({cacheFolder}: Place): readonly Finding[] {
	const check = 'temporary folders';
	const parent = path.join(cacheFolder, 'temporary');
	const entries = existsSync(parent) ? readdirSync(parent) : [];
	const gone = entries.filter(entry => {
		const [pid, host] = entry.split('@');
		return host === hostname() && !isAlive(Number(pid));
	});
	const inUse = entries.length - gone.length;
	const found = [...(inUse > 0 ? [`${inUse} in use`] : []), ...(gone.length > 0 ? [`${gone.length} left by processes that are gone; the next run removes them`] : [])];
	return [{check, status: gone.length > 0 ? 'note' : 'ok', found: found.length > 0 ? found.join(', ') : 'none'}];
}
