import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import test from 'ava';
import {execa} from 'execa';
import {openSqlite} from '../../engine/sqlite.ts';

// Where addons are built in the way that was usual, Node 24.19 and newer abort at it.
test('statements can be collected between two steps of an async function', async t => {
	const {stdout} = await execa(process.execPath, ['--import=tsx', path.join(import.meta.dirname, '../fixtures/collected-statements.ts')]);
	t.regex(stdout, /version: '3\./);
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
