import {hostname} from 'node:os';
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import test from 'ava';
import {schemaVersion} from '../../../engine/schema.ts';
import {openSqlite} from '../../../engine/sqlite.ts';
import {pipeline} from '../../helpers/cli.ts';
import {makeRig} from '../../helpers/rig.ts';

type Rig = Awaited<ReturnType<typeof makeRig>>;

type Finding = {readonly check: string; readonly status: string; readonly found: string; readonly hint?: string};

/** Checks of the machine, which differ from one to the next and have tests of their own. */
const machineChecks = new Set(['machine', 'GPU', 'npm packages', 'git', 'disk space', 'file system', 'compiled code', 'clock']);

/** What the doctor finds about a rig: check → status and text. */
async function examined(rig: Rig, args: readonly string[] = []) {
	const {stdout, stderr, exitCode} = await pipeline(rig, ['doctor', '--json', ...args]);
	const {findings, problems} = JSON.parse(stdout) as {findings: readonly Finding[]; problems: number};
	const texts = findings.filter(({check}) => !machineChecks.has(check)).map(({check, status, found, hint}) => [check, status, found.replaceAll(rig.folder, 'RIG'), ...(hint === undefined ? [] : [hint.replaceAll(rig.folder, 'RIG')])]);
	return {texts: Object.fromEntries(texts.map(([check, ...rest]) => [check!, rest])), names: findings.map(({check}) => check), problems, exitCode, stderr};
}

test('a machine on which everything works has no problem', async t => {
	using rig = await makeRig();
	await rig.run();
	const {texts, names, problems, exitCode, stderr} = await examined(rig);
	t.is(stderr, '');
	t.is(exitCode, 0);
	t.is(problems, 0);
	t.deepEqual([...machineChecks].filter(check => !names.includes(check)), []);
	t.regex(texts['better-sqlite3']!.join(' '), /^ok loads, SQLite 3\.\d+\.\d+$/);
	t.regex(texts['loading packages']!.join(' '), /^ok all \d+ of package\.json load$/);
	t.deepEqual(Object.fromEntries(Object.entries(texts).filter(([check]) => !['better-sqlite3', 'loading packages'].includes(check))), {
		'Node.js': ['ok', `${process.versions.node}, supported: >=20.19`],
		pipeline: ['ok', 'pipeline.ts compiles'],
		params: ['ok', 'params.json: 2 variants, 4 nodes of 3 stages'],
		backends: ['ok', 'none needed: no stage has a runtime'],
		'cache folder': ['ok', 'RIG/cache'],
		database: ['ok', `opens, version ${schemaVersion}, quick check passed`],
		contents: ['ok', '4 results, 3 objects, 50 B'],
		leases: ['ok', 'none: nobody computes'],
		'damaged objects': ['ok', 'none'],
		'temporary folders': ['ok', 'none'],
	});
});

test('people see a line per check, hints below it, and a count', async t => {
	using rig = await makeRig();
	const {stdout, exitCode} = await pipeline(rig, ['doctor', '--set', 'numbers.count=0']);
	t.is(exitCode, 1);
	const lines = stdout.split('\n');
	t.is(lines.find(line => line.includes('Node.js')), `ok        Node.js            ${process.versions.node}, supported: >=20.19`);
	t.true(stdout.includes([
		'problem   params             1 problem in the params, nothing was run:',
		'                               "numbers.count" must be an integer from 1 to 1000, got 0',
		'                                 in --set numbers.count',
		'note      backends           not tried: the pipeline or its params are broken',
		`note      cache folder       ${rig.files.cacheFolder}: not there yet, the first run makes it`,
	].join('\n')));
	t.regex(lines.at(-1)!, /^1 problem, \d+ warnings?$/);
});

test('a pipeline that does not compile is a problem, and the rest is examined', async t => {
	using rig = await makeRig();
	await rig.run();
	rig.edit('numbers.ts', 'return {values};', 'return {values;');
	const {texts, exitCode} = await examined(rig);
	t.is(exitCode, 1);
	t.deepEqual(texts.pipeline, ['problem', 'The pipeline\'s code does not compile:\n  numbers.ts:22:17: Expected "}" but found ";"\n    return {values;']);
	t.deepEqual(texts.params, ['note', 'not checked: the pipeline does not load']);
	t.deepEqual(texts.backends, ['note', 'not tried: the pipeline or its params are broken']);
	t.is(texts.contents![0], 'ok');
});

test('a database that is damaged or newer is a problem, and the rest is examined', async t => {
	using rig = await makeRig();
	await rig.run();
	const file = path.join(rig.files.cacheFolder, 'index.sqlite');
	const database = openSqlite(file);
	database.pragma('user_version = 77');
	database.close();
	t.deepEqual((await examined(rig)).texts.database, ['problem', `version 77 of a newer software; this one reads up to ${schemaVersion}`, 'Update the software, or use another cache with --cache FOLDER.']);

	writeFileSync(file, 'damage '.repeat(2000));
	const {texts, exitCode} = await examined(rig);
	t.is(exitCode, 1);
	t.deepEqual(texts.database, ['problem', 'The database of the cache folder "RIG/cache" is damaged', 'Move the folder away (mv "RIG/cache" "RIG/cache.damaged") and run again.']);
	t.deepEqual(texts['damaged objects'], ['ok', 'none']);
});

test('leases, leftovers and objects set aside are shown with whose they are', async t => {
	using rig = await makeRig();
	await rig.run();
	const {cacheFolder} = rig.files;
	// No process has this number: Linux and macOS stay far below it.
	const gone = 2 ** 30;
	const database = openSqlite(path.join(cacheFolder, 'index.sqlite'));
	const insert = database.prepare('INSERT INTO leases (fingerprint, host, pid, aliveAtMs) VALUES (?, ?, ?, ?)');
	insert.run('a', hostname(), process.pid, Date.now());
	insert.run('b', hostname(), process.pid, Date.now());
	insert.run('c', hostname(), gone, Date.now());
	database.close();
	for (const pid of [process.pid, gone]) {
		mkdirSync(path.join(cacheFolder, 'temporary', `${pid}@${hostname()}@x`), {recursive: true});
	}

	mkdirSync(path.join(cacheFolder, 'damaged'));
	writeFileSync(path.join(cacheFolder, 'damaged', 'abc'), 'four');
	const {stdout, exitCode} = await pipeline(rig, ['doctor', '--json']);
	t.is(exitCode, 0);
	const {findings} = JSON.parse(stdout) as {findings: readonly Finding[]};
	const found = findings.filter(({check}) => ['leases', 'temporary folders', 'damaged objects'].includes(check)).map(({status, found}) => `${status}: ${found.replace(/\d+ s ago/, 'lately')}`);
	t.deepEqual(found.toSorted(), [
		'note: 1 in use, 1 left by processes that are gone; the next run removes them',
		`note: 1 node of process ${gone} on ${hostname()}, heard of lately, is gone: the next run takes over`,
		`ok: 2 nodes computed by process ${process.pid} on ${hostname()}, heard of lately`,
		`warning: 1 object, 4 B, set aside in ${cacheFolder}/damaged`,
	].toSorted());
});
