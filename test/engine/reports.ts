import {existsSync, readFileSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {makeRig} from '../helpers/rig.ts';

/** Runs and publishes. */
async function publish(rig: Awaited<ReturnType<typeof makeRig>>, folder: string, goals: readonly string[] = []) {
	await using project = await rig.open();
	const outcomes = await project.run({nodes: project.needed(project.find(goals)), jobs: 2, listener: () => undefined, signal: new AbortController().signal, command: 'test'});
	return project.publish(outcomes, folder);
}

test('a report has the bytes of its artifact', async t => {
	using rig = await makeRig();
	const folder = path.join(rig.folder, 'reports/deep');
	const file = path.join(folder, 'totals.json');
	t.deepEqual(await publish(rig, folder), [{file, isNew: true}]);
	t.is(readFileSync(file, 'utf8'), '{"double":60,"single":30}');
});

test('a report that has its bytes already is left alone', async t => {
	using rig = await makeRig();
	const file = path.join(rig.folder, 'totals.json');
	await publish(rig, rig.folder);
	utimesSync(file, 1000, 1000);
	t.deepEqual(await publish(rig, rig.folder), [{file, isNew: false}]);
	t.is(statSync(file).mtimeMs, 1_000_000);
});

test('a report that was edited is written again', async t => {
	using rig = await makeRig();
	const file = path.join(rig.folder, 'totals.json');
	await publish(rig, rig.folder);
	writeFileSync(file, 'edited');
	t.deepEqual(await publish(rig, rig.folder), [{file, isNew: true}]);
	t.is(readFileSync(file, 'utf8'), '{"double":60,"single":30}');
});

test('a report whose node did not run is not written', async t => {
	using rig = await makeRig();
	t.deepEqual(await publish(rig, rig.folder, ['numbers']), []);
	t.false(existsSync(path.join(rig.folder, 'totals.json')));
});

test('a reports folder that cannot be made is refused', async t => {
	using rig = await makeRig();
	const file = path.join(rig.folder, 'params.json/reports/totals.json');
	await t.throwsAsync(publish(rig, path.dirname(file)), {
		name: 'UserError',
		message: `The report "${file}" cannot be written: ENOTDIR: not a directory, mkdir '${path.dirname(file)}'`,
	});
});
