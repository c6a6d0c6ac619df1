import {Buffer} from 'node:buffer';
import {randomBytes} from 'node:crypto';
import {setMaxListeners} from 'node:events';
import {ftruncateSync, mkdirSync, mkdtempSync, openSync, closeSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync, chmodSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import test, {type ExecutionContext} from 'ava';
import {canonicalJson} from '../../../engine/canonical-json.ts';
import {digestBytes, digestFile, digestText, type Digest, type Fingerprint} from '../../../engine/digest.ts';
import {fingerprintOf, type Ingredients} from '../../../engine/fingerprint.ts';
import {inlineLimitBytes} from '../../../engine/inline-limit.ts';
import {parseLocation} from '../../../engine/shared/location.ts';
import {openCache} from '../../../engine/shared/open-cache.ts';
import type {Wanted} from '../../../engine/shared/record.ts';
import {objectPath, recordPath, type SharedCache} from '../../../engine/shared/shared-cache.ts';
import {restoreResult} from '../../../engine/shared/restore.ts';
import {fetchResult, lackingOf, sendResult} from '../../../engine/shared/transfer.ts';
import {Store, type Provenance, type Result} from '../../../engine/store.ts';
import {cacheKinds, removeCaches, type TestCache} from '../../helpers/shared-caches.ts';

const provenance: Provenance = {startedAt: '2026-01-01T00:00:00.000Z', durationMs: 5, peakMemoryBytes: 1, host: 'h', node: 'v20', commit: null, log: 'said\nmuch'};
const ingredientsOf = (params: Readonly<Record<string, unknown>>): Ingredients => ({format: 1, stage: 'stage', code: '0'.repeat(32) as Digest, params, inputs: {}, seed: null, backend: null, packages: {}});
const {signal} = new AbortController();
setMaxListeners(0, signal);
const small = new TextEncoder().encode('small');
/** More than one part where objects are sent in parts. */
const large = new Uint8Array(randomBytes(9 * 1024 * 1024));

test.after.always(async () => {
	await removeCaches();
});

type Place = {readonly there: TestCache; readonly cache: SharedCache; readonly here: Store; readonly elsewhere: Store};

/** One test per kind of shared cache, each with a cache of its own and the local caches of two machines. */
function testEverywhere(fact: string, check: (t: ExecutionContext, place: Place) => Promise<void>): void {
	for (const {kind, make} of cacheKinds) {
		// One at a time: each moves tens of megabytes.
		test.serial(`${kind}: ${fact}`, async t => {
			const there = await make();
			if ('missing' in there) {
				t.log(there.missing);
				t.pass();
				return;
			}

			const folder = mkdtempSync(path.join(tmpdir(), 'transfer-'));
			const here = new Store(path.join(folder, 'here'));
			const elsewhere = new Store(path.join(folder, 'elsewhere'));
			const cache = await openCache(parseLocation(there.where, '/'));
			try {
				await check(t, {there, cache, here, elsewhere});
			} finally {
				cache.close();
				here.close();
				elsewhere.close();
				rmSync(folder, {recursive: true, force: true});
			}
		});
	}
}

/** Publishes a result as a run does. */
function publish(store: Store, params: Readonly<Record<string, unknown>>, outputs: Readonly<Record<string, Uint8Array>>): Result {
	const ingredients = ingredientsOf(params);
	const fingerprint = fingerprintOf(ingredients);
	const folder = store.temporaryFolder(fingerprint);
	mkdirSync(folder, {recursive: true});
	const pending = Object.fromEntries(Object.entries(outputs).map(([name, bytes]) => {
		const artifact = {digest: digestBytes(bytes), sizeBytes: bytes.length, kind: 'bytes'};
		const file = path.join(folder, name);
		writeFileSync(file, bytes);
		return [name, bytes.length > inlineLimitBytes ? {...artifact, file} : {...artifact, bytes}];
	}));
	store.publish({fingerprint, nodeName: 'node@a', ingredients, provenance}, pending);
	rmSync(folder, {recursive: true});
	return whole(store, fingerprint);
}

/** A result with all that is read when it is asked for. */
function whole(store: Store, fingerprint: Fingerprint): Result {
	const {nodeName, outputs, ingredients, provenance: recorded} = store.recorded(fingerprint)!;
	return {fingerprint, nodeName, outputs, ingredients, provenance: recorded};
}

const wanted = ({fingerprint, ingredients, outputs}: Result): Wanted => ({fingerprint, ingredients, nodeName: 'node@b', kinds: Object.fromEntries(Object.keys(outputs).map(name => [name, 'bytes']))});

const send = async (result: Result, {cache, here}: Place) => sendResult(result, await lackingOf(result, cache, new Set()), {cache, store: here, signal});

testEverywhere('a result arrives elsewhere with the same bytes', async (t, place) => {
	const {cache, here, elsewhere, there} = place;
	const sent = publish(here, {a: 1}, {small, large, empty: new Uint8Array()});
	await send(sent, place);

	const {result, arrivedBytes} = (await fetchResult(wanted(sent), {cache, store: elsewhere, signal}))!;
	t.is(result.fingerprint, sent.fingerprint);
	t.deepEqual(whole(elsewhere, sent.fingerprint), {...sent, nodeName: 'node@b'});
	t.is(arrivedBytes, small.length + large.length);
	t.deepEqual(Uint8Array.from(elsewhere.read(digestBytes(small))), small);
	t.is(Buffer.compare(elsewhere.read(digestBytes(large)), large), 0);
	t.deepEqual(await there.list(), [...[small, large, new Uint8Array()].map(bytes => objectPath(digestBytes(bytes))), recordPath(sent.fingerprint)].toSorted());
	t.is(await there.unfinished(), 0);
	t.deepEqual(readdirSync(path.join(elsewhere.folder, 'temporary')), []);
});

testEverywhere('what is there is not sent again, and what is here is not fetched again', async (t, place) => {
	const {cache, here, elsewhere} = place;
	const first = publish(here, {a: 1}, {small, large});
	await send(first, place);
	t.deepEqual(await lackingOf(first, cache, new Set()), {objects: [], record: false, sizeBytes: 0});
	t.deepEqual(await lackingOf(first, cache, new Set([first.fingerprint])), {objects: [], record: true, sizeBytes: 0});

	const second = publish(here, {a: 2}, {large, other: new Uint8Array([1, 2, 3])});
	t.like(await lackingOf(second, cache, new Set()), {record: true, sizeBytes: 3});
	await send(second, place);
	t.is((await fetchResult(wanted(first), {cache, store: elsewhere, signal}))!.arrivedBytes, small.length + large.length);
	t.is((await fetchResult(wanted(second), {cache, store: elsewhere, signal}))!.arrivedBytes, 3);
});

testEverywhere('what was never sent is a miss', async (t, {cache, here, elsewhere}) => {
	t.is(await fetchResult(wanted(publish(here, {a: 1}, {small})), {cache, store: elsewhere, signal}), undefined);
});

testEverywhere('a record whose object is gone is a miss, and is sent again', async (t, place) => {
	const {cache, here, elsewhere, there} = place;
	const sent = publish(here, {a: 1}, {small, large});
	await send(sent, place);
	await there.remove(objectPath(digestBytes(large)));
	t.is(await fetchResult(wanted(sent), {cache, store: elsewhere, signal}), undefined);
	t.is(elsewhere.recorded(sent.fingerprint), undefined);
	await send(sent, place);
	t.not(await fetchResult(wanted(sent), {cache, store: elsewhere, signal}), undefined);
});

const damages: ReadonlyArray<readonly [fact: string, change: (bytes: Uint8Array) => Uint8Array, message: (digest: string) => string]> = [
	['of which a bit flipped', bytes => bytes.with(100, bytes[100]! ^ 1), digest => `object ${digest} is damaged: its bytes have another digest`],
	['that is truncated', bytes => bytes.subarray(0, -1), digest => `object ${digest} has ${large.length - 1} bytes, expected ${large.length}`],
	['that is empty', () => new Uint8Array(), digest => `object ${digest} has 0 bytes, expected ${large.length}`],
	['that is too long', bytes => Buffer.concat([bytes, bytes]), digest => `object ${digest} has more than ${large.length} bytes`],
];

for (const [fact, change, message] of damages) {
	testEverywhere(`an object ${fact} is refused and leaves nothing behind`, async (t, place) => {
		const {cache, here, elsewhere, there} = place;
		const sent = publish(here, {a: 1}, {small, large});
		await send(sent, place);
		await there.write(objectPath(digestBytes(large)), change(large));
		await t.throwsAsync(fetchResult(wanted(sent), {cache, store: elsewhere, signal}), {name: 'RefusedError', message: message(digestBytes(large))});
		t.is(elsewhere.recorded(sent.fingerprint), undefined);
		t.deepEqual(readdirSync(path.join(elsewhere.folder, 'temporary')), []);

		// The next one who has the right bytes mends it.
		await sendResult(sent, await lackingOf(sent, cache, new Set([digestBytes(large)])), {cache, store: here, signal});
		t.not(await fetchResult(wanted(sent), {cache, store: elsewhere, signal}), undefined);
	});
}

testEverywhere('a result whose objects are damaged or gone here is restored', async (t, place) => {
	const {here, there} = place;
	const sent = publish(here, {a: 1}, {small, large});
	const restore = async () => restoreResult(sent.fingerprint, {store: here, location: parseLocation(there.where, '/'), signal});
	t.false(await restore());
	await send(sent, place);

	// Damaged in place.
	const file = here.objectFile(digestBytes(large));
	chmodSync(file, 0o644);
	writeFileSync(file, new Uint8Array(large.length));
	t.true(await restore());
	t.true(here.isIntact(digestBytes(large)));

	// Set aside.
	here.setAside(digestBytes(small));
	rmSync(file);
	t.is(here.find(sent.fingerprint), undefined);
	t.true(await restore());
	t.not(here.find(sent.fingerprint), undefined);
	t.deepEqual(whole(here, sent.fingerprint), sent);

	rmSync(file);
	await there.write(objectPath(digestBytes(large)), small);
	t.false(await restore());
});

testEverywhere('a record that is damaged or of another node is refused', async (t, place) => {
	const {cache, here, elsewhere, there} = place;
	const sent = publish(here, {a: 1}, {small});
	const other = publish(here, {a: 2}, {small});
	await send(sent, place);
	await send(other, place);
	const file = recordPath(sent.fingerprint);
	const text = new TextDecoder().decode(await there.read(file));
	const refuses = async (bytes: Uint8Array | string, message: string) => {
		await there.write(file, typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes);
		await t.throwsAsync(fetchResult(wanted(sent), {cache, store: elsewhere, signal}), {name: 'RefusedError', message: `the record of ${sent.fingerprint} ${message}`});
	};

	await refuses('', 'is damaged: it does not have the form of a record');
	await refuses(text.slice(0, 200), 'is damaged: it does not have the form of a record');
	await refuses(text.replace('said', 'lied'), 'is damaged: its text has another digest');
	await refuses(await there.read(recordPath(other.fingerprint)), 'is that of another node');
	t.is(elsewhere.recorded(sent.fingerprint), undefined);
});

testEverywhere('an object that is damaged or gone here is not sent', async (t, place) => {
	const {cache, here, there} = place;
	const result = publish(here, {a: 1}, {large});
	const file = here.objectFile(digestBytes(large));
	chmodSync(file, 0o644);
	truncateSync(file, 9_000_000);
	await t.throwsAsync(send(result, place), {name: 'RefusedError', message: `object ${digestBytes(large)} has 9000000 bytes, expected ${large.length}`});
	rmSync(file);
	await t.throwsAsync(send(result, place), {name: 'RefusedError', message: new RegExp(`^object ${digestBytes(large)} cannot be read: ENOENT`)});
	t.deepEqual(await there.list(), []);
	t.is(await there.unfinished(), 0);
	t.is(await cache.sizeOf(digestBytes(large)), undefined);
});

testEverywhere('an upload that is interrupted leaves nothing that a reader sees', async (t, place) => {
	const {cache, there} = place;
	const controller = new AbortController();
	const interrupted = async function * () {
		yield large.subarray(0, 9_000_000);
		controller.abort();
		yield large.subarray(9_000_000);
	};

	await t.throwsAsync(cache.putObject(digestBytes(large), {sizeBytes: large.length, chunks: interrupted()}, controller.signal), {name: 'AbortError', any: true});
	t.deepEqual(await there.list(), []);
	t.is(await there.unfinished(), 0);
});

testEverywhere('many writers of the same and of different results leave every result whole', async (t, place) => {
	const {cache, here, elsewhere, there} = place;
	const results = Array.from({length: 6}, (_, index) => publish(here, {a: index}, {own: new Uint8Array(50_000).fill(index), large}));
	await Promise.all([...results, ...results, ...results].map(async result => send(result, place)));
	for (const result of results) {
		t.not(await fetchResult(wanted(result), {cache, store: elsewhere, signal}), undefined);
	}

	t.is((await there.list()).length, 13);
	t.is(await there.unfinished(), 0);
});

testEverywhere('an object of any size passes with constant memory', async (t, place) => {
	const {cache, here, elsewhere} = place;
	const sizeBytes = 256 * 1024 * 1024;
	const limitBytes = 128 * 1024 * 1024;
	const folder = here.temporaryFolder('large');
	mkdirSync(folder, {recursive: true});
	const file = path.join(folder, 'zeros');
	const descriptor = openSync(file, 'w');
	ftruncateSync(descriptor, sizeBytes);
	closeSync(descriptor);
	const ingredients = ingredientsOf({a: 'zeros'});
	const fingerprint = fingerprintOf(ingredients);
	here.publish({fingerprint, nodeName: 'node', ingredients, provenance}, {zeros: {digest: digestFile(file), sizeBytes, kind: 'bytes', file}});
	const result = here.recorded(fingerprint)!;

	const beforeBytes = process.memoryUsage.rss();
	let mostBytes = 0;
	const timer = setInterval(() => {
		mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
	}, 5);
	await send(result, place);
	t.not(await fetchResult(wanted(result), {cache, store: elsewhere, signal}), undefined);
	clearInterval(timer);
	t.is(statSync(elsewhere.objectFile(result.outputs.zeros!.digest)).size, sizeBytes);
	t.true(mostBytes > 0 && mostBytes - beforeBytes < limitBytes, `${mostBytes - beforeBytes} bytes more than before`);
});

test('a record has the form that other versions read', async t => {
	const [{make}] = cacheKinds as [typeof cacheKinds[0], ...typeof cacheKinds];
	const there = await make() as TestCache;
	const folder = mkdtempSync(path.join(tmpdir(), 'transfer-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true});
	});
	using here = new Store(folder);
	const cache = await openCache(parseLocation(there.where, '/'));
	const result = publish(here, {a: 1}, {small});
	await sendResult(result, await lackingOf(result, cache, new Set()), {cache, store: here, signal});
	const body = {nodeName: 'node@a', ingredients: ingredientsOf({a: 1}), outputs: {small: {digest: digestBytes(small), kind: 'bytes', sizeBytes: 5}}, provenance};
	const expected = {...body, fingerprint: result.fingerprint};
	t.is(new TextDecoder().decode(await there.read(recordPath(result.fingerprint))), `${canonicalJson({format: 1, digest: digestText(`record:1\n${canonicalJson(expected)}`), result: expected})}\n`);
});
