import {rmSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import type {Digest} from '../../engine/digest.ts';
import {openSqlite} from '../../engine/sqlite.ts';
import {Store} from '../../engine/store.ts';
import {makeRig, type RigOptions} from '../helpers/rig.ts';

/** Large enough for object files. */
const large: NonNullable<RigOptions['set']> = [['numbers.count', 900]];

/** A toy whose nodes all have results. */
async function toyThatRan(set: RigOptions['set'] = []) {
	const rig = await makeRig();
	rig.edit('numbers.ts', 'maximum: 1000', 'maximum: 10_000');
	const first = await rig.run({set});
	return {
		rig,
		digestOf(name: string, output: string): Digest {
			using store = new Store(rig.files.cacheFolder);
			const outcome = first.outcomes.get(name)!;
			return store.recorded('result' in outcome ? outcome.result.fingerprint : (undefined as never))!.outputs[output]!.digest;
		},
		/** Runs SQL on the cache, as no version of this program does. */
		damage(sql: string): void {
			const database = openSqlite(path.join(rig.files.cacheFolder, 'index.sqlite'));
			database.exec(sql);
			database.close();
		},
		/** How many results a plan looks up, and which nodes are stale. */
		async plan(overrides: RigOptions['set'] = set) {
			await using project = await rig.open(overrides);
			let lookUps = 0;
			const {store} = project;
			const recorded = store.recorded.bind(store);
			store.recorded = fingerprint => {
				lookUps += 1;
				return recorded(fingerprint);
			};

			const states = await project.plan(project.needed(project.find([])));
			return {lookUps, stale: [...states].filter(([, {state}]) => state !== 'fresh').map(([{name}]) => name)};
		},
		[Symbol.dispose](): void {
			rig[Symbol.dispose]();
		},
	};
}

test('what the latest run ended with is not looked up again', async t => {
	using toy = await toyThatRan();
	t.deepEqual(await toy.plan(), {lookUps: 0, stale: []});
});

test('after an edit, what it concerns is looked up, and nothing else', async t => {
	using toy = await toyThatRan();
	const {ran, reused} = await toy.rig.run({set: [['total.offset', 5]]});
	t.deepEqual([ran, reused], [['total'], ['numbers', 'scaled@double', 'scaled@single']]);
	t.deepEqual(await toy.plan([['total.offset', 5]]), {lookUps: 0, stale: []});
	t.deepEqual(await toy.plan([]), {lookUps: 1, stale: []}, 'the result of another lineage is found as ever');
	t.true((await toy.plan([['numbers.count', 7]])).stale.includes('numbers'));
});

test('after a removal everything is looked up', async t => {
	using toy = await toyThatRan();
	{
		using store = new Store(toy.rig.files.cacheFolder);
		store.setAside('f'.repeat(32) as Digest);
	}

	t.deepEqual(await toy.plan(), {lookUps: 4, stale: []});
});

test('a result whose object was set aside is stale', async t => {
	using toy = await toyThatRan();
	const digest = toy.digestOf('numbers', 'values');
	{
		using store = new Store(toy.rig.files.cacheFolder);
		store.setAside(digest);
	}

	t.true((await toy.plan()).stale.includes('numbers'));
	t.deepEqual((await toy.rig.run()).ran, ['numbers']);
});

test('a result whose object file somebody took away is stale', async t => {
	using toy = await toyThatRan([['numbers.count', 9000]]);
	const digest = toy.digestOf('numbers', 'values');
	rmSync(path.join(toy.rig.files.cacheFolder, 'objects', digest.slice(0, 2), digest.slice(2)));
	t.true((await toy.plan()).stale.includes('numbers'));
});

test('a note that is damaged counts for nothing', async t => {
	using toy = await toyThatRan(large);
	toy.damage('UPDATE notes SET value = replace(value, \'"removals":0\', \'"removals":1\') WHERE topic = \'known results\'');
	t.is((await toy.plan()).lookUps, 4);
});

test('a result that a damaged database lost is told of, and computed again by the next run', async t => {
	using toy = await toyThatRan();
	toy.damage('DELETE FROM results WHERE stage = \'numbers\'');
	// The other two are known, and their input is read only because they run.
	await t.throwsAsync(toy.rig.run({set: [['scaled.factor', 4]]}), {message: /^The result [\da-f]{32} is no longer in the cache$/});
	const {ran} = await toy.rig.run({set: [['scaled.factor', 4]]});
	t.true(ran.includes('numbers'));
});
