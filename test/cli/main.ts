import {existsSync, readFileSync, readdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {openSqlite} from '../../engine/sqlite.ts';
import {makeRig} from '../helpers/rig.ts';
import {binary, pipeline} from '../helpers/cli.ts';

const all = ['numbers', 'scaled@single', 'scaled@double', 'total'];

type JsonLine = {readonly event: string; readonly node: string; readonly outcome: {readonly outcome: string}; readonly [key: string]: unknown};

const parseLines = (text: string) => text.split('\n').map(line => JSON.parse(line) as JsonLine);

test('run computes, prints goals and reports, and exits with 0', async t => {
	using rig = await makeRig();
	const {exitCode, stdout, stderr} = await pipeline(rig, ['run']);
	t.is(exitCode, 0);
	t.is(stdout, '\ndouble 60\nsingle 30\n\nreport  reports/totals.json');
	t.regex(stderr, /^ran {7}numbers {9}.* s .* MB {2}never ran$/m);
	t.regex(stderr, /^4 ran in .* s$/m);

	const again = await pipeline(rig, ['run']);
	t.is(again.stdout, stdout);
	t.is(again.stderr.replace(/in .* s$/, 'in a while'), '4 reused in a while');
});

test('a node that fails ends in exit code 1, with its error and what was skipped', async t => {
	using rig = await makeRig();
	rig.edit('scaled.ts', 'Math.round(value * factor)', '(() => { throw new RangeError(\'too much\'); })()');
	const {exitCode, stderr, stdout} = await pipeline(rig, ['run']);
	t.is(exitCode, 1);
	t.is(stdout, '');
	t.regex(stderr, /^failed {4}scaled@single .* s\n {10}RangeError: too much\n {14}at .*scaled\.ts:\d+:\d+\)?$/m);
	t.regex(stderr, /^skipped {3}total {10}because of scaled@(single|double)/m);
	t.regex(stderr, /^1 ran, 2 failed, 1 skipped in /m);
});

test('wrong params end in exit code 2 and run nothing', async t => {
	using rig = await makeRig();
	const {exitCode, stdout, stderr} = await pipeline(rig, ['run', '--set', 'numbers.count=0', '--set', 'scald.factor=1', '--set', 'total.offset=x']);
	t.is(exitCode, 2);
	t.is(stdout, '');
	t.is(stderr, [
		'error 3 problems in the params, nothing was run:',
		'  "scald" is not a known key; did you mean "scaled"? (known: $schema, extends, seed, variants, sweep, goals, numbers, scaled, total)',
		'    in --set scald.factor',
		'  "numbers.count" must be an integer from 1 to 1000, got 0',
		'    in --set numbers.count',
		'  "total.offset" must be a number, got "x"',
		'    in --set total.offset',
	].join('\n'));
	t.false(existsSync(rig.files.cacheFolder));
});

const usage: ReadonlyArray<readonly [fact: string, args: readonly string[], stderr: string]> = [
	['an unknown command', ['rnu'], 'unknown command \'rnu\'\n(Did you mean run?)\nSee: pipeline --help'],
	['an unknown option', ['run', '--dryrun'], 'unknown option \'--dryrun\'\n(Did you mean --dry-run?)\nSee: pipeline run --help'],
	['no number of jobs', ['run', '--jobs', '0'], 'option \'-j, --jobs <count>\' argument \'0\' is invalid. It must be a whole number of at least 1.\nSee: pipeline run --help'],
	['an override without a value', ['run', '--set', 'numbers'], 'option \'--set <path=value>\' argument \'numbers\' is invalid. It must have the form path=value, as in target.alpha=0.1.\nSee: pipeline run --help'],
	['a missing argument', ['why'], 'missing required argument \'node\'\nSee: pipeline why --help'],
	['a goal unlike any other', ['run', '123'], 'error There is no goal, stage or node "123"\nAll of them: report, numbers, scaled, total; NAME@VARIANT for one variant'],
	['an unknown goal', ['run', 'totl'], 'error There is no goal, stage or node "totl"\nDid you mean "total"? All of them: report, numbers, scaled, total; NAME@VARIANT for one variant'],
	['a params file that is missing', ['run', '--params', '/none.json'], 'error The params file "/none.json" does not exist\nGive one with --params FILE.'],
	['a pipeline file that is missing', ['status', '--pipeline', '/none.ts'], 'error There is no pipeline at "/none.ts"\nRun the command in the folder of pipeline.ts, or name the file with --pipeline FILE.'],
	['several nodes where one is wanted', ['why', 'scaled'], 'error "scaled" stands for 2 nodes\nName one of them: scaled@single, scaled@double'],
];

for (const [fact, args, expected] of usage) {
	test(`${fact} ends in exit code 2 and says what to do`, async t => {
		using rig = await makeRig();
		const {exitCode, stdout, stderr} = await pipeline(rig, args);
		t.is(stderr, expected);
		t.is(stdout, '');
		t.is(exitCode, 2);
	});
}

test('help lists the commands and exits with 0, no command shows it and exits with 2', async t => {
	using rig = await makeRig();
	const help = await pipeline(rig, ['--help']);
	t.is(help.exitCode, 0);
	for (const command of ['run', 'status', 'why', 'graph', 'show', 'log', 'doctor']) {
		t.regex(help.stdout, new RegExp(String.raw`^  ${command} \[options\]`, 'm'));
	}

	const nothing = await pipeline(rig, []);
	t.is(nothing.exitCode, 2);
	t.is(nothing.stderr, help.stdout);
});

test('run --json prints one object per event and a summary', async t => {
	using rig = await makeRig();
	const {exitCode, stdout, stderr} = await pipeline(rig, ['run', '--json']);
	t.is(exitCode, 0);
	t.is(stderr, '');
	const lines = parseLines(stdout);
	t.deepEqual(lines.filter(({event}) => event === 'finished').map(({node, outcome}) => `${node} ${outcome.outcome}`).toSorted(), all.map(name => `${name} ran`).toSorted());
	t.deepEqual(lines.at(-1) as unknown, {event: 'summary', ran: 4, reused: 0, failed: 0, skipped: 0, cancelled: 0, reports: [{file: path.join(rig.folder, 'reports/totals.json'), isNew: true}]});
});

test('with --json an error is an object too', async t => {
	using rig = await makeRig();
	const {exitCode, stdout} = await pipeline(rig, ['status', 'totl', '--json']);
	t.is(exitCode, 2);
	t.deepEqual(JSON.parse(stdout), {
		error: {code: 'goal-unknown', message: 'There is no goal, stage or node "totl"', hint: 'Did you mean "total"? All of them: report, numbers, scaled, total; NAME@VARIANT for one variant', facts: {}},
	});
});

test('run --dry-run says what would run and why, and runs nothing', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	const list = () => readdirSync(rig.folder, {recursive: true, encoding: 'utf8'}).toSorted((a, b) => a.localeCompare(b));
	const before = list();
	const {exitCode, stdout} = await pipeline(rig, ['run', '--dry-run', '--set', 'scaled.factor=3']);
	t.is(exitCode, 0);
	t.is(stdout.replaceAll(/[\d.]+ s on [\d-]+/g, '0.1 s on a day'), [
		'fresh     numbers        0.1 s on a day',
		'stale     scaled@single  params.factor 1 → 3',
		'fresh     scaled@double  0.1 s on a day',
		'waiting   total          for scaled@single',
		'1 would run, 1 wait for them, 2 fresh',
	].join('\n'));
	t.deepEqual(list(), before);
	t.is(parseLines((await pipeline(rig, ['run', '--json'])).stdout).at(-1)!.ran, 0);
});

test('status shows what is fresh and stale, for people and for machines', async t => {
	using rig = await makeRig();
	t.is((await pipeline(rig, ['status'])).stdout, [
		'stale     numbers        never ran',
		'waiting   scaled@single  for numbers',
		'waiting   scaled@double  for numbers',
		'waiting   total          for scaled@single, scaled@double',
		'1 stale, 3 wait for them, 0 fresh',
	].join('\n'));
	await pipeline(rig, ['run', 'scaled@single']);
	const states = JSON.parse((await pipeline(rig, ['status', '--json'])).stdout) as Array<{node: string; state: string; why?: string}>;
	t.deepEqual(states.map(({node, state, why}) => [node, state, why]), [
		['numbers', 'fresh', undefined],
		['scaled@single', 'fresh', undefined],
		['scaled@double', 'stale', 'params.factor 1 → 2'],
		['total', 'waiting', undefined],
	]);
});

test('status of a goal leaves out what the goal does not need', async t => {
	using rig = await makeRig();
	const {stdout} = await pipeline(rig, ['status', 'scaled@double', '--json']);
	t.deepEqual((JSON.parse(stdout) as Array<{node: string}>).map(({node}) => node), ['numbers', 'scaled@double']);
});

test('why shows every ingredient of a fresh node', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	const {stdout, exitCode} = await pipeline(rig, ['why', 'scaled@double']);
	t.is(exitCode, 0);
	const [headline, ...rows] = stdout.split('\n');
	t.regex(headline!, /^fresh scaled@double: computed on .* on .*, commit [\da-f]{10}$/);
	t.deepEqual(rows.map(row => row.replaceAll(/[\da-f]{32}/g, 'HASH')), [
		'  stage          "scaled"',
		'  cache format   1',
		'  code           HASH',
		'  params.factor  2',
		'  input values   HASH',
		'  seed           HASH',
		'  backend        none',
	].map(row => row.replace('"scaled"', 'scaled')));
});

test('why shows what differs from the nearest earlier result', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	const {stdout} = await pipeline(rig, ['why', 'numbers', '--set', 'numbers.count=6']);
	t.regex(stdout, /^stale numbers: params\.count 5 → 6 \(compared with the result of .*\)$/m);
	t.regex(stdout, /^ {2}params\.count {2}5 → 6$/m);
	const plain = JSON.parse((await pipeline(rig, ['why', 'numbers', '--set', 'numbers.count=6', '--json'])).stdout) as {state: string; differences: unknown};
	t.is(plain.state, 'stale');
	t.deepEqual(plain.differences, [{what: 'params.count', before: 5, now: 6}]);
});

test('why says what a node waits for', async t => {
	using rig = await makeRig();
	t.is((await pipeline(rig, ['why', 'total'])).stdout, [
		'waiting total: its inputs have to run first; if they give the same bytes, it stays fresh',
		'  scaled@single: waiting',
		'  scaled@double: waiting',
	].join('\n'));
});

test('show finds an artifact by node, output, goal and digest', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	const byNode = await pipeline(rig, ['show', 'numbers']);
	const [headline, made, preview] = byNode.stdout.split('\n');
	t.regex(headline!, /^[\da-f]{32} {2}number-list, 12 B$/);
	t.regex(made!, /^ {2}made as scaled@single\.products|made as numbers\.values on .* in .* s, commit [\da-f]{10}$/);
	t.is(preview!.startsWith('  made') ? byNode.stdout.split('\n')[3] : preview, '0 1 4 9 16');
	const digest = headline!.slice(0, 32);
	for (const name of ['numbers.values', digest, digest.slice(0, 8)]) {
		t.is((await pipeline(rig, ['show', name])).stdout, byNode.stdout);
	}

	t.regex((await pipeline(rig, ['show', 'report'])).stdout, /\ndouble 60\nsingle 30$/);
	const plain = JSON.parse((await pipeline(rig, ['show', 'numbers', '--json'])).stdout) as {digest: string; sizeBytes: number; kind: string};
	t.like(plain, {digest, sizeBytes: 12, kind: 'number-list'});
});

test('show --to writes the bytes', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	const {exitCode, stdout} = await pipeline(rig, ['show', 'scaled@double', '--to', 'doubled.json']);
	t.is(exitCode, 0);
	t.is(stdout, '');
	t.is(readFileSync(path.join(rig.folder, 'doubled.json'), 'utf8'), '[0,2,8,18,32]');

	const refused = await pipeline(rig, ['show', 'numbers', '--to', 'none/doubled.json']);
	t.is(refused.exitCode, 2);
	t.is(refused.stderr, `error "${rig.folder}/none/doubled.json" cannot be written: ENOENT: no such file or directory, open '${rig.folder}/none/doubled.json'`);
});

test('show refuses what it cannot find or tell apart', async t => {
	using rig = await makeRig();
	const before = await pipeline(rig, ['show', 'numbers']);
	t.is(before.stderr, 'error "numbers" is not up to date\nRun it first: pipeline run numbers');
	await pipeline(rig, ['run']);
	// Two objects whose digests start alike, as chance would not give them.
	const database = openSqlite(path.join(rig.files.cacheFolder, 'index.sqlite'));
	for (const end of ['0', '1']) {
		database.prepare('INSERT INTO objects (digest, kind, sizeBytes, content) VALUES (?, ?, ?, ?)').run(`abcdef${end.repeat(26)}`, 'x', 0, new Uint8Array());
	}

	database.close();
	const refusals: ReadonlyArray<readonly [string, string]> = [
		['numbers.nothing', 'error "numbers" has no output "nothing"\nIts outputs: values'],
		['scaled', 'error "scaled" stands for 2 nodes\nName one of them: scaled@single, scaled@double'],
		['abcdef', `error Several objects start with "abcdef"\nGive more digits: abcdef${'0'.repeat(26)}, abcdef${'1'.repeat(26)}`],
		['0'.repeat(32), `error Object ${'0'.repeat(32)} is not in the cache\nRun the pipeline again: what made it is stale now.`],
		['nmbers', 'error There is no goal, stage or node "nmbers"\nDid you mean "numbers"? All of them: report, numbers, scaled, total; NAME@VARIANT for one variant'],
	];
	for (const [name, expected] of refusals) {
		const {exitCode, stderr} = await pipeline(rig, ['show', name]);
		t.is(stderr, expected);
		t.is(exitCode, 2);
	}
});

test('log shows what a node wrote, also when it failed', async t => {
	using rig = await makeRig();
	t.is((await pipeline(rig, ['log', 'numbers'])).stderr, 'error "numbers" never ran\nRun it: pipeline run numbers');
	await pipeline(rig, ['run']);
	t.is((await pipeline(rig, ['log', 'numbers'])).stdout, 'counting to 5');
	t.is((await pipeline(rig, ['log', 'total'])).stdout, '(it wrote nothing)');
	t.deepEqual(JSON.parse((await pipeline(rig, ['log', 'numbers', '--json'])).stdout), {node: 'numbers', log: 'counting to 5'});

	rig.edit('numbers.ts', 'return {values};', 'throw new Error(\'no more\');');
	await pipeline(rig, ['run']);
	t.is((await pipeline(rig, ['log', 'numbers'])).stdout, 'counting to 5\nno more');
});

test('what a stage wrote cannot drive the terminal', async t => {
	using rig = await makeRig();
	rig.edit('numbers.ts', 'counting to', String.raw`\u001B[2Jcounting\u0007 to`);
	await pipeline(rig, ['run']);
	t.is((await pipeline(rig, ['log', 'numbers'])).stdout, String.raw`\x1b[2Jcounting\x07 to 5`);
});

test('colours are there when forced and never with NO_COLOR', async t => {
	using rig = await makeRig();
	const forced = await execa('node', [binary, 'status'], {cwd: rig.folder, env: {FORCE_COLOR: '1'}});
	t.true(forced.stdout.includes('\u001B['));
	t.false((await pipeline(rig, ['status'])).stdout.includes('\u001B['));
});

test('a pipe that is closed early is no error', async t => {
	using rig = await makeRig();
	for (const command of ['run --json 2>&1', 'run 2>&1', 'status', 'why numbers', '--help']) {
		const {stdout, stderr} = await execa('bash', ['-c', `node ${binary} ${command} | head -1`], {cwd: rig.folder, env: {NO_COLOR: '1'}});
		t.is(stderr, '');
		t.notRegex(stdout, /EPIPE/);
	}
});

test('a cache that a newer version wrote is refused', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	const file = path.join(rig.files.cacheFolder, 'index.sqlite');
	const database = openSqlite(file);
	database.pragma('user_version = 7');
	database.close();
	const {exitCode, stderr} = await pipeline(rig, ['run']);
	t.is(stderr, `error The cache "${file}" was written by a newer version of this software\n  expected  version 2 or older\n  got       version 7\nUpdate the software, or use another cache with --cache FOLDER.`);
	t.is(exitCode, 2);
});

test('a file in place of the cache is refused, and another folder helps', async t => {
	using rig = await makeRig();
	writeFileSync(rig.files.cacheFolder, '');
	const {exitCode, stderr} = await pipeline(rig, ['run']);
	t.is(stderr, `error The cache "${rig.files.cacheFolder}" is not a folder\nName another one with --cache FOLDER.`);
	t.is(exitCode, 2);
	t.is((await pipeline(rig, ['run', '--cache', 'other'])).exitCode, 0);
	t.is((await pipeline(rig, ['status'], {env: {PIPELINE_CACHE: 'other'}})).stdout.split('\n').at(-1), '0 stale, 0 wait for them, 4 fresh');
});

test('a database that is damaged is refused with what to do', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	writeFileSync(path.join(rig.files.cacheFolder, 'index.sqlite'), 'damage '.repeat(2000));
	const {exitCode, stderr} = await pipeline(rig, ['status']);
	const {cacheFolder} = rig.files;
	t.is(stderr, `error The database of the cache folder "${cacheFolder}" is damaged\nMove the folder away (mv "${cacheFolder}" "${cacheFolder}.damaged") and run again.`);
	t.is(exitCode, 2);
});
