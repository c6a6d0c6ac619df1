import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {hostname, tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import Database from 'better-sqlite3';
import test, {type ExecutionContext} from 'ava';
import {digestBytes, type Digest, type Fingerprint} from '../../engine/digest.ts';
import type {UserError} from '../../engine/error.ts';
import type {Ingredients} from '../../engine/fingerprint.ts';
import {Store, isAlive, type PendingArtifact, type Provenance} from '../../engine/store.ts';

const ingredients: Ingredients = {format: 1, stage: 'stage', code: '0'.repeat(32) as Digest, params: {}, inputs: {}, seed: null, backend: null, packages: {}};
const provenance: Provenance = {startedAt: '2026-01-01T00:00:00.000Z', durationMs: 5, peakMemoryBytes: 1, host: 'h', node: 'v20', commit: null, modules: {}, log: 'said'};
const one = '1'.repeat(32) as Fingerprint;
const two = '2'.repeat(32) as Fingerprint;
const small = new TextEncoder().encode('small');
const large = new Uint8Array(100_000).fill(7);

function makeFolder(t: ExecutionContext): string {
	const folder = mkdtempSync(path.join(tmpdir(), 'store-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true, force: true});
	});
	return path.join(folder, 'cache');
}

/** Writes bytes as a worker does. */
function pending(store: Store, bytes: Uint8Array, name = 'values'): PendingArtifact {
	const file = path.join(store.makeTemporaryFolder('node'), name);
	writeFileSync(file, bytes);
	return {digest: digestBytes(bytes), sizeBytes: bytes.length, kind: 'bytes', file};
}

function publish(store: Store, fingerprint: Fingerprint, bytes: Uint8Array, startedAt = provenance.startedAt): void {
	store.publish({fingerprint, nodeName: 'node', ingredients, provenance: {...provenance, startedAt}}, {values: pending(store, bytes)});
}

for (const [size, bytes] of [['small', small], ['large', large], ['empty', new Uint8Array()]] as const) {
	test(`a ${size} artifact is found and read after it was published`, t => {
		const folder = makeFolder(t);
		{
			using store = new Store(folder);
			t.is(store.find(one), undefined);
			publish(store, one, bytes);
		}

		using store = new Store(folder);
		const result = store.find(one)!;
		t.deepEqual(result.outputs, {values: {digest: digestBytes(bytes), sizeBytes: bytes.length, kind: 'bytes'}});
		t.deepEqual(result.ingredients, ingredients);
		t.deepEqual(result.provenance, provenance);
		t.deepEqual(Uint8Array.from(store.read(digestBytes(bytes))), bytes);
	});
}

test('only large artifacts are files, and those are read-only', t => {
	using store = new Store(makeFolder(t));
	publish(store, one, small);
	t.false(existsSync(path.join(store.folder, 'objects')));
	publish(store, two, large);
	t.is(statSync(store.objectFile(digestBytes(large))).mode & 0o777, 0o444);
});

test('two results may share one object', t => {
	using store = new Store(makeFolder(t));
	publish(store, one, large);
	publish(store, two, large);
	t.deepEqual(store.resultsWith(digestBytes(large)).map(({result, output}) => [result.fingerprint, output]), [[one, 'values'], [two, 'values']]);
	t.is(readdirSync(path.join(store.folder, 'objects'), {recursive: true}).length, 2);
});

test('a result may be published again', t => {
	using store = new Store(makeFolder(t));
	publish(store, one, large);
	publish(store, one, small);
	t.is(store.find(one)!.outputs.values!.digest, digestBytes(small));
});

test('the latest results come first', t => {
	using store = new Store(makeFolder(t));
	publish(store, one, small, '2026-01-01T00:00:00.000Z');
	publish(store, two, small, '2026-01-02T00:00:00.000Z');
	t.deepEqual(store.resultsOf('stage').map(({fingerprint}) => fingerprint), [two, one]);
	t.deepEqual(store.resultsOf('stage', 1).map(({fingerprint}) => fingerprint), [two]);
	t.deepEqual(store.resultsOf('other'), []);
});

test('the mean duration is that of the stage', t => {
	using store = new Store(makeFolder(t));
	t.is(store.meanDurationMs('stage'), undefined);
	publish(store, one, small);
	store.publish({fingerprint: two, nodeName: 'node', ingredients, provenance: {...provenance, durationMs: 15}}, {values: pending(store, small)});
	t.is(store.meanDurationMs('stage'), 10);
});

test('a crash between the object and its row leaves no result', t => {
	using store = new Store(makeFolder(t));
	const circular: Record<string, unknown> = {};
	circular.self = circular;
	// The object is in place when the row cannot be written.
	t.throws(() => {
		store.publish({fingerprint: one, nodeName: 'node', ingredients: {...ingredients, params: circular}, provenance}, {values: pending(store, large)});
	});
	t.true(existsSync(store.objectFile(digestBytes(large))));
	t.is(store.find(one), undefined);
	t.is(store.recorded(one), undefined);

	publish(store, one, large);
	t.deepEqual(Uint8Array.from(store.read(digestBytes(large))), large);
});

test('a crash before all objects are in place leaves no result', t => {
	using store = new Store(makeFolder(t));
	t.throws(() => {
		store.publish({fingerprint: one, nodeName: 'node', ingredients, provenance}, {
			first: pending(store, large, 'first'),
			second: {...pending(store, Uint8Array.from(large, () => 8), 'second'), file: '/nowhere'},
		});
	});
	t.is(store.recorded(one), undefined);
});

test('a result whose object is gone or cut short is absent, and says which', t => {
	using store = new Store(makeFolder(t));
	publish(store, one, large);
	const file = store.objectFile(digestBytes(large));
	rmSync(file);
	t.is(store.find(one), undefined);
	t.deepEqual(store.missingOutputs(store.recorded(one)!), ['values']);
	t.throws(() => store.read(digestBytes(large)), {name: 'UserError', message: `Object ${digestBytes(large)} is not in the cache`});

	writeFileSync(file, large.subarray(1));
	t.is(store.find(one), undefined);
});

test('a damaged object is set aside and never served', t => {
	using store = new Store(makeFolder(t));
	publish(store, one, large);
	const digest = digestBytes(large);
	rmSync(store.objectFile(digest));
	writeFileSync(store.objectFile(digest), Uint8Array.from(large, () => 8));
	t.not(store.find(one), undefined, 'the size alone does not tell');
	t.false(store.isIntact(digest));

	const error = t.throws<UserError>(() => store.read(digest), {name: 'UserError', message: `Object ${digest} in the cache is damaged: its bytes have another digest`});
	t.deepEqual(error.facts, {'set aside as': path.join(store.folder, 'damaged', digest)});
	t.is(readFileSync(path.join(store.folder, 'damaged', digest))[0], 8);
	t.is(store.find(one), undefined);

	publish(store, one, large);
	t.true(store.isIntact(digest));
});

test('a damaged small object is set aside too', t => {
	using store = new Store(makeFolder(t));
	publish(store, one, small);
	const digest = digestBytes(small);
	new Database(path.join(store.folder, 'index.sqlite')).prepare('UPDATE objects SET content = ?').run(new TextEncoder().encode('smalL'));
	t.throws(() => store.read(digest), {message: `Object ${digest} in the cache is damaged: its bytes have another digest`});
	t.is(readFileSync(path.join(store.folder, 'damaged', digest), 'utf8'), 'smalL');
	t.is(store.find(one), undefined);
	t.deepEqual(store.missingOutputs(store.recorded(one)!), ['values']);
});

test('digests are found by their beginning', t => {
	using store = new Store(makeFolder(t));
	publish(store, one, small);
	const digest = digestBytes(small);
	t.deepEqual(store.digestsStarting(digest.slice(0, 6)), [digest]);
	t.deepEqual(store.digestsStarting('ffffffff'), []);
	t.deepEqual(store.digestsStarting('%*'), []);
});

test('a cache that a newer version wrote is refused and left alone', t => {
	const folder = makeFolder(t);
	new Store(folder).close();
	const file = path.join(folder, 'index.sqlite');
	const database = new Database(file);
	database.pragma('user_version = 99');
	database.close();
	const error = t.throws<UserError>(() => new Store(folder), {name: 'UserError', code: 'cache-newer', message: `The cache "${file}" was written by a newer version of this software`});
	t.deepEqual(error.facts, {expected: 'version 1 or older', got: 'version 99'});
	t.is(new Database(file, {readonly: true}).pragma('user_version', {simple: true}), 99);
});

test('a file in place of the cache is refused', t => {
	const folder = makeFolder(t);
	writeFileSync(folder, '');
	t.throws(() => new Store(folder), {name: 'UserError', code: 'cache-not-a-folder', message: `The cache "${folder}" is not a folder`});
});

test('a file in the way of the cache is refused', t => {
	const folder = makeFolder(t);
	writeFileSync(folder, '');
	t.throws(() => new Store(path.join(folder, 'cache')), {name: 'UserError', code: 'cache-not-a-folder', message: `The cache "${path.join(folder, 'cache')}" is not a folder`});
});

test('a database that is none is refused', t => {
	const folder = makeFolder(t);
	mkdirSync(folder);
	writeFileSync(path.join(folder, 'index.sqlite'), 'no database '.repeat(1000));
	const error = t.throws<UserError>(() => new Store(folder), {name: 'UserError', code: 'database-damaged', message: `The database of the cache folder "${folder}" is damaged`});
	t.is(error.hint, `Move the folder away (mv "${folder}" "${folder}.damaged") and run again.`);
});

test('a database that was damaged is refused when that is noticed', t => {
	const folder = makeFolder(t);
	{
		using store = new Store(folder);
		for (let index = 0; index < 30; index++) {
			publish(store, String(index).padStart(32, '0') as Fingerprint, small);
		}
	}

	const file = path.join(folder, 'index.sqlite');
	const bytes = readFileSync(file);
	bytes.fill(0xAB, 4096);
	writeFileSync(file, bytes);
	using store = new Store(folder);
	t.throws(() => store.find(one), {name: 'UserError', message: `The database of the cache folder "${folder}" is damaged`});
	t.throws(() => {
		publish(store, one, small);
	}, {name: 'UserError', message: `The database of the cache folder "${folder}" is damaged`});
});

/** A mount needs root; what cannot be tested here says so. */
function tryMount(t: ExecutionContext, folder: string, options: string): boolean {
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], {stdio: 'ignore'});
	} catch {
		t.log('skipped: mounting a file system is not allowed here');
		t.pass();
		return false;
	}

	t.teardown(() => {
		execFileSync('umount', ['-l', folder]);
	});
	return true;
}

test('a read-only cache folder is refused with what to do', t => {
	const folder = makeFolder(t);
	mkdirSync(folder);
	if (!tryMount(t, folder, 'size=4m')) {
		return;
	}

	new Store(folder).close();
	execFileSync('mount', ['-o', 'remount,ro', folder]);
	const error = t.throws<UserError>(() => new Store(folder), {name: 'UserError', code: 'cache-read-only', message: `The cache folder "${folder}" cannot be written`});
	t.is(error.hint, 'Change its permissions, or name another one with --cache FOLDER.');
});

test('a full disk is told when publishing, and nothing is published', t => {
	const folder = makeFolder(t);
	mkdirSync(folder);
	if (!tryMount(t, folder, 'size=1m')) {
		return;
	}

	using store = new Store(folder);
	const artifact = pending(store, small);
	const ballast = path.join(folder, 'ballast');
	try {
		writeFileSync(ballast, new Uint8Array(1 << 20));
	} catch {}

	t.throws(() => {
		store.publish({fingerprint: one, nodeName: 'node', ingredients: {...ingredients, params: {text: 'x'.repeat(100_000)}}, provenance}, {values: artifact});
	}, {name: 'UserError', code: 'disk-full', message: `The disk of the cache folder "${folder}" is full`});
	t.is(store.find(one), undefined);
	t.notThrows(() => {
		store.release(one);
		store.renewLeases(1);
	});

	rmSync(ballast);
	publish(store, one, small);
	t.not(store.find(one), undefined);
});

/** The id of a process that is gone. */
const deadPid = Number(execFileSync(process.execPath, ['-p', 'process.pid'], {encoding: 'utf8'}));

/** Writes a lease as another process would. */
function leaseAs(store: Store, {pid, host = hostname(), aliveAtMs}: {pid: number; host?: string; aliveAtMs: number}): void {
	const database = new Database(path.join(store.folder, 'index.sqlite'));
	database.prepare('INSERT OR REPLACE INTO leases (fingerprint, host, pid, aliveAtMs) VALUES (?, ?, ?, ?)').run(one, host, pid, aliveAtMs);
	database.close();
}

const now = 1_000_000;

test('a lease is ours until it is released', t => {
	using store = new Store(makeFolder(t));
	t.is(store.lease(one, now), undefined);
	t.is(store.lease(one, now), undefined, 'the same process may take it again');
	store.release(one);
	leaseAs(store, {pid: process.ppid, aliveAtMs: now});
	store.release(one);
	t.is(store.lease(one, now)?.pid, process.ppid, 'another process\'s lease is not released');
});

test('a lease of a living process is respected while it is renewed', t => {
	using store = new Store(makeFolder(t));
	leaseAs(store, {pid: process.ppid, aliveAtMs: now});
	t.is(store.lease(one, now + 29_000)?.pid, process.ppid);
});

test('a lease of a silent process is taken over', t => {
	using store = new Store(makeFolder(t));
	leaseAs(store, {pid: process.ppid, aliveAtMs: now});
	t.is(store.lease(one, now + 31_000), undefined);
});

test('a lease of a dead process is taken over at once', t => {
	using store = new Store(makeFolder(t));
	leaseAs(store, {pid: deadPid, aliveAtMs: now});
	t.is(store.lease(one, now + 1), undefined);
});

test('on another machine only the clock tells', t => {
	using store = new Store(makeFolder(t));
	leaseAs(store, {pid: deadPid, host: 'elsewhere', aliveAtMs: now});
	t.is(store.lease(one, now + 29_000)?.pid, deadPid);
	t.is(store.lease(one, now + 31_000), undefined);
});

test('a lease from the far future counts as silent', t => {
	using store = new Store(makeFolder(t));
	leaseAs(store, {pid: process.ppid, aliveAtMs: now + 3_600_000});
	t.is(store.lease(one, now), undefined);
});

test('renewing keeps all leases of this process and no other', t => {
	using store = new Store(makeFolder(t));
	store.lease(two, now);
	leaseAs(store, {pid: process.ppid, aliveAtMs: now});
	store.renewLeases(now + 31_000);
	const rows = new Database(path.join(store.folder, 'index.sqlite')).prepare('SELECT pid, aliveAtMs FROM leases ORDER BY fingerprint').all();
	t.deepEqual(rows, [{pid: process.ppid, aliveAtMs: now}, {pid: process.pid, aliveAtMs: now + 31_000}]);
});

test('sweeping keeps the folders of living processes and of other machines', t => {
	using store = new Store(makeFolder(t));
	store.makeTemporaryFolder('mine');
	const kept = [`${process.ppid}@${hostname()}@node`, `${deadPid}@elsewhere@node`];
	for (const name of [...kept, `${deadPid}@${hostname()}@node`]) {
		mkdirSync(path.join(store.folder, 'temporary', name));
		writeFileSync(path.join(store.folder, 'temporary', name, 'values'), '');
	}

	store.sweep();
	t.deepEqual(readdirSync(path.join(store.folder, 'temporary')).toSorted(), kept.toSorted());
});

test('notes are kept by topic', t => {
	using store = new Store(makeFolder(t));
	store.setNotes('a', [['key', 'one']]);
	store.setNotes('b', [['key', 'two'], ['other', '']]);
	store.setNotes('a', [['key', 'three']]);
	t.deepEqual([store.note('a', 'key'), store.note('b', 'key'), store.note('b', 'other'), store.note('c', 'key')], ['three', 'two', '', undefined]);
});

test('the latest failure of a node has its log', t => {
	using store = new Store(makeFolder(t));
	for (const log of ['first', 'second']) {
		const run = store.startRun('run', '2026-01-01T00:00:00.000Z');
		store.finishRun(run, '2026-01-01T00:00:01.000Z', [{name: 'node', outcome: 'failed', fingerprint: undefined, log}, {name: 'other', outcome: 'ran', fingerprint: one, log: undefined}]);
	}

	t.is(store.failureLog('node'), 'second');
	t.is(store.failureLog('other'), undefined);
});

test('this process is alive, a dead one is not', t => {
	t.true(isAlive(process.pid));
	t.false(isAlive(deadPid));
});
