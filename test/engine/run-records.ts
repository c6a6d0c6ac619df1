import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {hostname, tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import test, {type ExecutionContext} from 'ava';
import {CacheDatabase} from '../../engine/database.ts';
import type {Fingerprint} from '../../engine/digest.ts';
import {RunRecords} from '../../engine/run-records.ts';
import {openSqlite} from '../../engine/sqlite.ts';

const one = '1'.repeat(32) as Fingerprint;

function makeRecords(t: ExecutionContext) {
	const folder = mkdtempSync(path.join(tmpdir(), 'runs-'));
	const database = new CacheDatabase(folder);
	const raw = openSqlite(path.join(folder, 'index.sqlite'));
	t.teardown(() => {
		raw.close();
		database.close();
		rmSync(folder, {recursive: true, force: true});
	});
	return {raw, records: new RunRecords(database)};
}

test('a run is recorded from its start to its end', t => {
	const {records} = makeRecords(t);
	const run = records.start('run metrics', {negative: {seed: 1}});
	const started = records.find(run)!;
	t.deepEqual({...started, startedAt: ''}, {id: run, command: 'run metrics', pid: process.pid, host: hostname(), startedAt: '', finishedAt: undefined, params: {negative: {seed: 1}}, nodes: []});
	const nodes = [{name: 'a', outcome: 'ran', fingerprint: one}, {name: 'b', outcome: 'pending', fingerprint: undefined}];
	records.update(run, nodes);
	t.deepEqual(records.find(run)!.nodes, nodes);
	t.deepEqual(records.live(Date.now()).map(({id}) => id), [run]);
	records.finish(run, nodes.slice(0, 1), []);
	t.deepEqual(records.find(run)!.nodes, nodes.slice(0, 1));
	t.regex(records.find(run)!.finishedAt!, /^\d{4}-\d\d-\d\dT.*Z$/);
	t.deepEqual(records.live(Date.now()), []);
	t.is(records.find(run + 1), undefined);
});

test('the latest runs come first, and older ones are forgotten on demand', t => {
	const {records} = makeRecords(t);
	const ids = ['a', 'b', 'c'].map(command => records.start(command, {}));
	t.deepEqual(records.latest(2).map(({command}) => command), ['c', 'b']);
	records.forgetBefore(ids[2]!);
	t.deepEqual(records.latest(5).map(({command}) => command), ['c']);
});

test('a run of a dead process is over, one of another machine lives while it says so', t => {
	const {records, raw} = makeRecords(t);
	const deadPid = Number(execFileSync(process.execPath, ['-p', 'process.pid'], {encoding: 'utf8'}));
	const insert = raw.prepare('INSERT INTO runs (command, startedAt, pid, host, aliveAtMs) VALUES (?, ?, ?, ?, ?)');
	insert.run('dead', '', deadPid, hostname(), 100_000);
	insert.run('elsewhere', '', deadPid, 'elsewhere', 100_000);
	t.deepEqual(records.live(110_000).map(({command}) => command), ['elsewhere']);
	t.deepEqual(records.live(200_000), []);
	records.renew(2);
	t.deepEqual(records.live(Date.now()).map(({command}) => command), ['elsewhere']);
});

test('the latest failure of a node has its log', t => {
	const {records} = makeRecords(t);
	for (const log of ['first', 'second']) {
		records.finish(records.start('run', {}), [], [{name: 'node', log}]);
	}

	t.is(records.failureLog('node'), 'second');
	t.is(records.failureLog('other'), undefined);
});
