import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {openSqlite} from '../../engine/sqlite.ts';

// Some versions of Node abort when addons that were built in the usual way lose objects to the collector.
test('statements and databases can be collected', t => {
	for (let round = 0; round < 20; round++) {
		const database = openSqlite(':memory:');
		for (let number = 0; number < 5000; number++) {
			t.deepEqual(database.prepare(`SELECT ${number} AS number`).get(), {number});
		}

		database.close();
	}
});

test('the bytes of a database are opened in memory', t => {
	const folder = mkdtempSync(path.join(tmpdir(), 'sqlite-'));
	const file = path.join(folder, 'index.sqlite');
	const written = openSqlite(file);
	written.exec('CREATE TABLE entries (name TEXT); INSERT INTO entries VALUES (\'one\')');
	written.close();
	const read = openSqlite(readFileSync(file), {readonly: true});
	t.deepEqual(read.prepare('SELECT name FROM entries').all(), [{name: 'one'}]);
	t.throws(() => {
		read.exec('DELETE FROM entries');
	}, {any: true, code: 'SQLITE_READONLY'});
	read.close();
	rmSync(folder, {recursive: true});
});
