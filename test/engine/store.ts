import {Buffer} from 'node:buffer';
import {execFileSync} from 'node:child_process';
import {copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {hostname, tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import test, {type ExecutionContext} from 'ava';
import {digestBytes, type Digest, type Fingerprint} from '../../engine/digest.ts';
import type {UserError} from '../../engine/error.ts';
import type {Ingredients} from '../../engine/fingerprint.ts';
import {inlineLimitBytes} from '../../engine/inline-limit.ts';
import {openSqlite} from '../../engine/sqlite.ts';
import {Store, type PendingArtifact, type Provenance} from '../../engine/store.ts';

const ingredients: Ingredients = {format: 1, stage: 'stage', code: '0'.repeat(32) as Digest, params: {}, inputs: {}, seed: null, backend: null, packages: {}};
const provenance: Provenance = {startedAt: '2026-01-01T00:00:00.000Z', durationMs: 5, peakMemoryBytes: 1, host: 'h', node: 'v20', commit: null, log: 'said'};
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

/** Hands over bytes as a worker does. */
function pending(store: Store, bytes: Uint8Array, name = 'values'): PendingArtifact {
	const artifact = {digest: digestBytes(bytes), sizeBytes: bytes.length, kind: 'bytes'};
	if (bytes.length <= inlineLimitBytes) {
		return {...artifact, bytes};
	}

	const file = path.join(store.temporaryFolder('node'), name);
	mkdirSync(path.dirname(file), {recursive: true});
	writeFileSync(file, bytes);
	return {...artifact, file};
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
	t.deepEqual(store.resultsOf('other'), []);
});

test('the mean duration is that of the stage', t => {
	using store = new Store(makeFolder(t));
	t.is(store.meanDurationMs('stage'), undefined);
	publish(store, one, small);
	store.publish({fingerprint: two, nodeName: 'node', ingredients, provenance: {...provenance, durationMs: 15}}, {values: pending(store, small)});
	t.is(store.meanDurationMs('stage'), 10);
	t.deepEqual(store.durationsOf('stage').map(({durationMs}) => durationMs).toSorted((a, b) => a - b), [5, 15]);
	t.deepEqual(store.durationsOf('stage')[0], {nodeName: 'node', params: ingredients.params, durationMs: store.durationsOf('stage')[0]!.durationMs});
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
	openSqlite(path.join(store.folder, 'index.sqlite')).prepare('UPDATE objects SET content = ?').run(new TextEncoder().encode('smalL'));
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

test('a cache of the first version is brought up to date with all it holds', t => {
	const folder = makeFolder(t);
	mkdirSync(folder, {recursive: true});
	const old = openSqlite(path.join(folder, 'index.sqlite'));
	old.exec(`
		CREATE TABLE objects (digest TEXT PRIMARY KEY, kind TEXT NOT NULL, sizeBytes INTEGER NOT NULL, content BLOB) WITHOUT ROWID;
		CREATE TABLE results (fingerprint TEXT PRIMARY KEY, stage TEXT NOT NULL, nodeName TEXT NOT NULL, ingredients TEXT NOT NULL, startedAt TEXT NOT NULL, durationMs REAL NOT NULL, provenance TEXT NOT NULL);
		CREATE TABLE outputs (fingerprint TEXT NOT NULL REFERENCES results ON DELETE CASCADE, name TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (fingerprint, name)) WITHOUT ROWID;
		CREATE TABLE leases (fingerprint TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, aliveAtMs REAL NOT NULL) WITHOUT ROWID;
		CREATE TABLE runs (id INTEGER PRIMARY KEY AUTOINCREMENT, command TEXT NOT NULL, pid INTEGER NOT NULL, startedAt TEXT NOT NULL, finishedAt TEXT);
		CREATE TABLE runNodes (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, name TEXT NOT NULL, outcome TEXT NOT NULL, fingerprint TEXT, log TEXT, PRIMARY KEY (run, name)) WITHOUT ROWID;
		INSERT INTO runs VALUES (7, 'run', 1, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:09.000Z');
		INSERT INTO runNodes VALUES (7, 'bad', 'failed', NULL, 'broke'), (7, 'good', 'ran', '${one}', NULL);
		PRAGMA user_version = 1;`);
	old.prepare('INSERT INTO objects VALUES (?, ?, ?, ?)').run(digestBytes(small), 'bytes', small.length, small);
	old.prepare('INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, ?)').run(one, 'stage', 'node', JSON.stringify(ingredients), provenance.startedAt, 5, JSON.stringify(provenance));
	old.prepare('INSERT INTO outputs VALUES (?, ?, ?)').run(one, 'values', digestBytes(small));
	old.close();

	using store = new Store(folder);
	t.deepEqual(store.find(one)!.ingredients, ingredients);
	t.deepEqual(store.read(digestBytes(small)), Buffer.from(small));
	t.is(store.runs.failureLog('bad'), 'broke');
	t.deepEqual(store.runs.find(7), {
		id: 7, command: 'run', pid: 1, host: '', startedAt: '2026-01-01T00:00:00.000Z', finishedAt: '2026-01-01T00:00:09.000Z', params: {},
		nodes: [{name: 'bad', outcome: 'failed', fingerprint: undefined}, {name: 'good', outcome: 'ran', fingerprint: one}],
	});
	t.is(store.removals(), 0);
	store.setAside(digestBytes(small));
	t.is(store.removals(), 1);
});

test('a cache that a newer version wrote is refused and left alone', t => {
	const folder = makeFolder(t);
	new Store(folder).close();
	const file = path.join(folder, 'index.sqlite');
	const database = openSqlite(file);
	database.pragma('user_version = 99');
	database.close();
	const error = t.throws<UserError>(() => new Store(folder), {name: 'UserError', code: 'cache-newer', message: `The cache "${file}" was written by a newer version of this software`});
	t.deepEqual(error.facts, {expected: 'version 2 or older', got: 'version 99'});
	t.is(openSqlite(file, {readonly: true}).pragma('user_version', {simple: true}), 99);
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

test('a cache on a read-only disk is read, and writing is refused with what to do', t => {
	const folder = makeFolder(t);
	mkdirSync(folder);
	if (!tryMount(t, folder, 'size=4m')) {
		return;
	}

	{
		using store = new Store(folder);
		publish(store, one, small);
		publish(store, two, large);
	}

	execFileSync('mount', ['-o', 'remount,ro', folder]);
	using store = new Store(folder);
	t.deepEqual(Uint8Array.from(store.read(digestBytes(small))), small);
	t.is(store.find(two)?.outputs.values?.digest, digestBytes(large));
	t.is(store.runs.start('run', {}), 0);
	t.notThrows(() => {
		store.setNotes('topic', [['key', 'value']]);
		store.leases.renew();
		store.leases.release(one);
		store.runs.finish(0, [], []);
	});
	const error = t.throws<UserError>(() => store.leases.take(one), {name: 'UserError', code: 'cache-read-only', message: `The cache folder "${folder}" cannot be written`});
	t.is(error.hint, 'Change its permissions, or name another one with --cache FOLDER.');
	t.throws(() => {
		store.setAside(digestBytes(small));
	}, {name: 'UserError', code: 'cache-read-only'});
});

test('a read-only cache is read with what only its write-ahead log holds', t => {
	const folder = makeFolder(t);
	mkdirSync(folder);
	if (!tryMount(t, folder, 'size=4m')) {
		return;
	}

	const store = new Store(folder);
	publish(store, one, small);
	// A copy of an open database: what a killed process leaves.
	const cache = path.join(folder, 'copy');
	mkdirSync(cache);
	for (const name of ['index.sqlite', 'index.sqlite-wal']) {
		copyFileSync(path.join(folder, name), path.join(cache, name));
	}

	store.close();
	execFileSync('mount', ['-o', 'remount,ro', folder]);
	using copy = new Store(cache);
	t.not(copy.find(one), undefined);
});

test('a cache that is missing on a read-only disk cannot be made', t => {
	const folder = makeFolder(t);
	mkdirSync(folder);
	if (!tryMount(t, folder, 'size=4m,ro')) {
		return;
	}

	t.throws(() => new Store(path.join(folder, 'cache')), {name: 'UserError', code: 'cache-read-only', message: `The cache folder "${path.join(folder, 'cache')}" cannot be written`});
});

test('a database that lost everything beside its objects is refused', t => {
	const folder = makeFolder(t);
	{
		using store = new Store(folder);
		publish(store, one, large);
	}

	writeFileSync(path.join(folder, 'index.sqlite'), '');
	t.throws(() => new Store(folder), {name: 'UserError', code: 'database-damaged', message: `The database of the cache folder "${folder}" is damaged`});
});

for (const [what, text] of [['is no JSON', '{"stage":"sta'], ['lacks a field', '{"stage":"stage","startedAt":"2026-01-01T00:00:00.000Z"}'], ['is a number', '5']] as const) {
	test(`a stored text that ${what} is a damaged database`, t => {
		const folder = makeFolder(t);
		using store = new Store(folder);
		publish(store, one, small);
		const database = openSqlite(path.join(folder, 'index.sqlite'));
		database.prepare('UPDATE results SET ingredients = ?, provenance = ?').run(text, text);
		database.close();
		const result = store.find(one)!;
		t.throws(() => result.ingredients, {name: 'UserError', code: 'database-damaged'});
		t.throws(() => result.provenance, {name: 'UserError', code: 'database-damaged'});
	});
}

test('a result that lost the row of an output is not whole', t => {
	const folder = makeFolder(t);
	using store = new Store(folder);
	publish(store, one, small);
	t.not(store.findWhole(one, {values: {}}), undefined);
	t.is(store.findWhole(one, {values: {}, other: {}}), undefined);
	t.deepEqual(store.missingOutputs(store.recorded(one)!, {values: {}, other: {}}), ['other']);
});

test('publishing again mends the row of an object', t => {
	const folder = makeFolder(t);
	using store = new Store(folder);
	publish(store, one, small);
	const database = openSqlite(path.join(folder, 'index.sqlite'));
	database.prepare('UPDATE objects SET sizeBytes = 1000000, kind = ?').run('other');
	database.close();
	t.is(store.find(one), undefined);
	publish(store, one, small);
	t.deepEqual(store.find(one)?.outputs, {values: {digest: digestBytes(small), sizeBytes: small.length, kind: 'bytes'}});
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
		store.leases.release(one);
		store.leases.renew();
		store.runs.update(1, []);
	});

	rmSync(ballast);
	publish(store, one, small);
	t.not(store.find(one), undefined);
});

/** The id of a process that is gone. */
const deadPid = Number(execFileSync(process.execPath, ['-p', 'process.pid'], {encoding: 'utf8'}));

test('sweeping keeps the folders of living processes and of other machines', t => {
	using store = new Store(makeFolder(t));
	mkdirSync(store.temporaryFolder('mine'), {recursive: true});
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
