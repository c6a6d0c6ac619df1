import {cpSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {openSqlite} from '../engine/sqlite.ts';
import {faults, runCampaign, schedule, type RoundReport} from './faults/campaign.ts';
import {Random} from './faults/random.ts';
import {objectFile, objectFiles, storeProblems} from './faults/store-problems.ts';
import {makeWorld} from './faults/world.ts';

test.serial('after every kind of fault the next run is right and nothing published is lost', async t => {
	t.timeout(300_000);
	const rounds: RoundReport[] = [];
	await runCampaign({seed: 1, count: faults.length, report(round) {
		rounds.push(round);
	}});
	t.deepEqual(rounds.map(({fault}) => fault).toSorted(), faults.map(({name}) => name).toSorted());
	for (const {fault, result, detail} of rounds) {
		if (result === 'left out') {
			t.log(`left out: ${fault}, as ${detail}`);
		}

		t.not(result, 'failed', `${fault}: ${detail}`);
	}
});

test.serial('the checks of a campaign see what is wrong with a cache', async t => {
	using world = await makeWorld();
	const {cache} = await world.clean([]);
	const copy = path.join(mkdtempSync(path.join(tmpdir(), 'faults-')), 'cache');
	t.teardown(() => {
		rmSync(path.dirname(copy), {recursive: true});
	});
	cpSync(cache, copy, {recursive: true});
	t.deepEqual(storeProblems(copy), []);

	const [garbled, gone] = objectFiles(copy) as [string, string];
	rmSync(objectFile(copy, garbled));
	writeFileSync(objectFile(copy, garbled), 'other');
	rmSync(objectFile(copy, gone));
	const database = openSqlite(path.join(copy, 'index.sqlite'));
	const {digest} = database.prepare('SELECT digest FROM objects WHERE content IS NOT NULL ORDER BY digest').get() as {digest: string};
	const {fingerprint, digest: lost} = database.prepare('SELECT fingerprint, digest FROM outputs JOIN objects USING (digest) WHERE content IS NOT NULL ORDER BY digest DESC').get() as {fingerprint: string; digest: string};
	database.prepare('UPDATE objects SET content = ? WHERE digest = ?').run(new Uint8Array(3), digest);
	database.prepare('DELETE FROM objects WHERE digest = ?').run(lost);
	database.close();
	const objects = [{id: digest, problem: 'in the database has other bytes'}, {id: gone, problem: 'has a row and no file'}];
	t.deepEqual(storeProblems(copy), [
		...objects.toSorted((first, second) => (first.id < second.id ? -1 : 1)).map(({id, problem}) => `object ${id} ${problem}`),
		`result ${fingerprint} has the object ${lost}, which has no row`,
		`file of object ${garbled} holds other bytes`,
	]);
	t.deepEqual(storeProblems(copy, new Set([digest, gone, garbled])), [`result ${fingerprint} has the object ${lost}, which has no row`]);
});

test('equal seeds give equal schedules, in which every kind of fault comes once before any comes again', t => {
	const names = (seed: number, count: number) => schedule(seed, count).map(({name}) => name);
	t.deepEqual(names(3, 40), names(3, 40));
	t.notDeepEqual(names(3, 40), names(4, 40));
	t.deepEqual(names(3, faults.length).toSorted(), faults.map(({name}) => name).toSorted());
	t.is(names(3, 40).length, 40);
});

test('random numbers are the same on every machine', t => {
	const random = new Random('seed');
	const found = [random.integer(1, 6), random.integer(1, 6), random.integer(0, 1000), random.pick(['a', 'b', 'c']), random.chance(0.5), random.shuffled([1, 2, 3, 4])];
	t.deepEqual(found, [5, 3, 473, 'a', false, [2, 1, 3, 4]]);
	t.throws(() => random.pick([]), {message: 'Internal error: expected something to pick from'});
});
