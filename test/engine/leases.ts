import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {hostname, tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import test, {type ExecutionContext} from 'ava';
import {CacheDatabase} from '../../engine/database.ts';
import type {Fingerprint} from '../../engine/digest.ts';
import {Leases, isAlive} from '../../engine/leases.ts';
import {openSqlite} from '../../engine/sqlite.ts';

const one = '1'.repeat(32) as Fingerprint;
const two = '2'.repeat(32) as Fingerprint;

/** The id of a process that is gone. */
const deadPid = Number(execFileSync(process.execPath, ['-p', 'process.pid'], {encoding: 'utf8'}));

/** Leases of this process, with a clock that is moved by hand, and a way to write a lease as another process would. */
function makeLeases(t: ExecutionContext) {
	const folder = mkdtempSync(path.join(tmpdir(), 'leases-'));
	const database = new CacheDatabase(folder);
	const raw = openSqlite(path.join(folder, 'index.sqlite'));
	t.teardown(() => {
		raw.close();
		database.close();
		rmSync(folder, {recursive: true, force: true});
	});
	const clock = {nowMs: 5000};
	return {
		clock,
		leases: new Leases(database, () => clock.nowMs),
		leaseAs({pid, host = hostname(), aliveAtMs = Date.now()}: {pid: number; host?: string; aliveAtMs?: number}): void {
			raw.prepare('INSERT OR REPLACE INTO leases (fingerprint, host, pid, aliveAtMs) VALUES (?, ?, ?, ?)').run(one, host, pid, aliveAtMs);
		},
		rows: () => raw.prepare('SELECT fingerprint, pid, aliveAtMs FROM leases ORDER BY fingerprint').all() as Array<{fingerprint: string; pid: number; aliveAtMs: number}>,
	};
}

test('a lease is ours until it is released', t => {
	const {leases, leaseAs, rows} = makeLeases(t);
	t.is(leases.take(one), undefined);
	t.is(leases.take(one), undefined, 'the same process may take it again');
	leases.release(one);
	t.deepEqual(rows(), []);
	leaseAs({pid: process.ppid});
	leases.release(one);
	t.is(leases.take(one)?.pid, process.ppid, 'another process\'s lease is not released');
});

for (const [where, host, pid] of [['this machine', hostname(), process.ppid], ['another machine', 'elsewhere', deadPid]] as const) {
	test(`on ${where}, a lease is taken over when it was not renewed for half a minute of our own clock`, t => {
		const {leases, leaseAs, clock} = makeLeases(t);
		leaseAs({pid, host, aliveAtMs: 1});
		t.is(leases.take(one)?.pid, pid, 'however old it looks');
		clock.nowMs += 29_000;
		t.is(leases.take(one)?.pid, pid);
		clock.nowMs += 2000;
		t.is(leases.take(one), undefined);
	});

	test(`on ${where}, a lease that is renewed is respected, whatever the clock of its process says`, t => {
		const {leases, leaseAs, clock} = makeLeases(t);
		for (const aliveAtMs of [9_000_000, 10, 5_000_000_000_000, 9]) {
			leaseAs({pid, host, aliveAtMs});
			t.is(leases.take(one)?.pid, pid);
			clock.nowMs += 20_000;
		}
	});
}

test('a lease of a dead process of this machine is taken over at once', t => {
	const {leases, leaseAs} = makeLeases(t);
	leaseAs({pid: deadPid});
	t.is(leases.take(one), undefined);
});

test('renewing touches all leases of this process and no other', t => {
	const {leases, leaseAs, rows} = makeLeases(t);
	leases.take(two);
	leaseAs({pid: process.ppid, aliveAtMs: 1});
	const before = rows()[1]!.aliveAtMs;
	while (Date.now() <= before) {
		// Until the clock has moved.
	}

	leases.renew();
	const [other, own] = rows();
	t.is(other!.aliveAtMs, 1);
	t.true(own!.aliveAtMs > before);
});

test('this process is alive, a dead one is not', t => {
	t.true(isAlive(process.pid));
	t.false(isAlive(deadPid));
});
