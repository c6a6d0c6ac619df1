import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import test from 'ava';
import type {Fingerprint} from '../../engine/digest.ts';
import {collect, planGc, type GcRules} from '../../engine/gc.ts';
import {Store} from '../../engine/store.ts';
import {verifyStore} from '../../engine/verify.ts';
import {age} from '../helpers/age.ts';
import {makeRig} from '../helpers/rig.ts';

type Rig = Awaited<ReturnType<typeof makeRig>>;

/** A cache of four results that are a month old, two of whose objects are files. */
async function makeOldRig(): Promise<Rig> {
	const rig = await makeRig();
	rig.edit('numbers.ts', 'maximum: 1000', 'maximum: 100_000');
	await rig.run({set: [['numbers.count', 20_000]]});
	age(rig.files.cacheFolder, 30);
	return rig;
}

const rules = (): GcRules => ({nowMs: Date.now(), keepDays: 0, keepRuns: 0, maxSizeBytes: undefined, plan: new Set(), compiledFolders: []});

const objectFiles = ({files}: Rig) => readdirSync(path.join(files.cacheFolder, 'objects'), {recursive: true, encoding: 'utf8'}).filter(name => name.length > 3);

/** Runs code in a process of its own, with the fingerprints of all results at hand; it kills itself. */
function killedWhile(rig: Rig, code: string): void {
	const script = path.join(rig.folder, 'killed.ts');
	writeFileSync(script, `
		import {existsSync} from 'node:fs';
		import process from 'node:process';
		import {Store} from ${JSON.stringify(path.resolve('engine/store.ts'))};
		const store = new Store(${JSON.stringify(rig.files.cacheFolder)});
		const fingerprints = store.inventory.results().map(({fingerprint}) => fingerprint);
		const options = {usageNow: () => ({has: () => false}), publishedBeforeMs: Date.now()};
		${code}`);
	const {signal, stderr} = spawnSync(process.execPath, ['--import=tsx', script], {encoding: 'utf8'});
	if (signal !== 'SIGKILL') {
		throw new Error(`It was not killed: ${stderr}`);
	}
}

async function isSound(store: Store): Promise<boolean> {
	const {damages, databaseProblems, forgotten} = await verifyStore(store);
	return damages.length === 0 && databaseProblems.length === 0 && forgotten.length === 0;
}

test('a collection that is killed between the rows and the files leaves files that go next time', async t => {
	using rig = await makeOldRig();
	killedWhile(rig, 'store.inventory.remove(fingerprints, options); process.kill(process.pid, \'SIGKILL\');');
	using store = new Store(rig.files.cacheFolder);
	t.deepEqual(store.inventory.results(), []);
	t.is(objectFiles(rig).length, 2);
	t.true(await isSound(store));
	t.is((await verifyStore(store)).unreferenced.files, 2);

	t.like(await collect(store, planGc(store, rules()), rules()), {results: 0, files: 2});
	t.deepEqual(objectFiles(rig), []);
});

test('a collection that is killed between two files leaves nothing for good', async t => {
	using rig = await makeOldRig();
	killedWhile(rig, `
		const {digests} = store.inventory.remove(fingerprints, options)!;
		const files = digests.filter(digest => existsSync(store.objectFile(digest)));
		function * oneAndDie() {
			yield files[0];
			process.kill(process.pid, 'SIGKILL');
		}

		store.inventory.removeFiles(oneAndDie() as never, {modifiedBeforeMs: Date.now(), temporary: store.temporaryFolder('gc')});`);
	using store = new Store(rig.files.cacheFolder);
	t.is(objectFiles(rig).length, 1);
	t.true(await isSound(store));
	await collect(store, planGc(store, rules()), rules());
	t.deepEqual(objectFiles(rig), []);
	t.deepEqual(readdirSync(path.join(store.folder, 'temporary')), []);
});

test('a node that a run reuses and that is removed before its dependents read it is made again', async t => {
	using rig = await makeOldRig();
	const set = [['numbers.count', 20_000], ['scaled.factor', 3]] as const;
	const fingerprint = (await rig.run({goals: ['numbers'], set})).outcomes.get('numbers')!;
	let removed = 0;
	const run = await rig.run({set, jobs: 1, onEvent(event) {
		if (event.event === 'started' && removed === 0 && 'result' in fingerprint) {
			using store = new Store(rig.files.cacheFolder);
			const {results, digests} = store.inventory.remove([fingerprint.result.fingerprint, ...store.inventory.results().filter(({nodeName}) => nodeName !== 'total').map(result => result.fingerprint)], {usageNow: () => ({has: () => false}), publishedBeforeMs: Date.now() + 1})!;
			removed = results;
			store.inventory.removeFiles(digests, {modifiedBeforeMs: Date.now() + 1, temporary: store.temporaryFolder('other')});
		}
	}});
	t.true(removed > 0);
	t.deepEqual(run.failed, []);
	t.true(run.ran.includes('numbers'));
	t.is(run.outcomes.get('total')!.outcome, 'ran');
	using store = new Store(rig.files.cacheFolder);
	const made = store.find((run.outcomes.get('numbers') as {result: {fingerprint: Fingerprint}}).result.fingerprint);
	t.is(made?.nodeName, 'numbers');
});

test('what came into use after the plan was made stays', async t => {
	using rig = await makeOldRig();
	using store = new Store(rig.files.cacheFolder);
	const planned = planGc(store, rules());
	t.is(planned.remove.length, 4);
	const [pinned, leased, live] = planned.remove.map(({fingerprint}) => fingerprint);
	store.pins.add([{fingerprint: pinned!, nodeName: 'pinned', pinnedAt: ''}]);
	store.leases.take(leased!);
	const run = store.runs.start('run', {});
	store.runs.update(run, [{name: 'node', outcome: 'reused', fingerprint: live!}]);
	t.like(await collect(store, planned, rules()), {results: 1});
	t.deepEqual(new Set(store.inventory.results().map(({fingerprint}) => fingerprint)), new Set([pinned, leased, live]));
});

test('while a run has not said what it uses, nothing is removed', async t => {
	using rig = await makeOldRig();
	using store = new Store(rig.files.cacheFolder);
	const planned = planGc(store, rules());
	const run = store.runs.start('run', {});
	let isOver = false;
	const collecting = (async () => {
		const collected = await collect(store, planned, rules());
		isOver = true;
		return collected;
	})();
	t.false(isOver);
	t.is(store.inventory.results().length, 4);
	store.runs.update(run, planned.remove.map(({fingerprint}) => ({name: 'node', outcome: 'reused', fingerprint})));
	t.like(await collecting, {results: 0, objects: 0});
	t.is(store.inventory.results().length, 4);
});

test('a young object file stays even without a row: its publication may be under way', async t => {
	using rig = await makeOldRig();
	using store = new Store(rig.files.cacheFolder);
	const digest = 'ab'.repeat(16) as never;
	mkdirSync(path.dirname(store.objectFile(digest)), {recursive: true});
	writeFileSync(store.objectFile(digest), 'young');
	const options = {temporary: store.temporaryFolder('gc')};
	t.is(store.inventory.removeFiles([digest], {...options, modifiedBeforeMs: Date.now() - 60_000}), 0);
	t.true(existsSync(store.objectFile(digest)));
	t.is(store.inventory.removeFiles([digest], {...options, modifiedBeforeMs: Date.now() + 1}), 5);
	t.false(existsSync(store.objectFile(digest)));
});

test('only the records of the latest thousand runs stay', async t => {
	using rig = await makeOldRig();
	using store = new Store(rig.files.cacheFolder);
	for (let index = 0; index < 1001; index++) {
		store.runs.finish(store.runs.start('run', {}), [{name: 'node', outcome: 'reused', fingerprint: undefined}], []);
	}

	await collect(store, planGc(store, rules()), rules());
	t.is(store.runs.latest(2000).length, 1000);
});

test('a collection gives the space of removed rows back to the disk, beside a reader that goes on', async t => {
	using rig = await makeRig();
	const folder = path.join(rig.folder, 'other-cache');
	const ingredients = {format: 1, stage: 'stage', code: '0', params: {text: 'x'.repeat(100_000)}, inputs: {}, seed: null, backend: null, packages: {}};
	const provenance = {startedAt: '2026-01-01T00:00:00.000Z', durationMs: 5, peakMemoryBytes: 1, host: 'h', node: 'v20', commit: null, log: ''};
	{
		using writer = new Store(folder);
		for (const digit of '0123456789abcdef') {
			writer.publish({fingerprint: digit.repeat(32) as Fingerprint, nodeName: 'node', ingredients: ingredients as never, provenance}, {});
		}
	}

	age(folder, 30);
	using store = new Store(folder);
	using reader = new Store(folder);
	const sizeOf = () => statSync(path.join(folder, 'index.sqlite')).size;
	t.true(sizeOf() > 1_600_000, `${sizeOf()} bytes`);
	t.is(reader.inventory.results().length, 16);
	t.is((await collect(store, planGc(store, rules()), rules())).results, 16);
	t.true(sizeOf() < 300_000, `${sizeOf()} bytes`);
	t.deepEqual(reader.inventory.results(), []);
	t.true(await isSound(store));
});
