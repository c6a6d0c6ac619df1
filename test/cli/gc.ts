import {existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {age, makeOlder} from '../helpers/age.ts';
import {pipeline, until} from '../helpers/cli.ts';
import {startUntilHeldUp} from '../helpers/held-up.ts';
import {makeRig} from '../helpers/rig.ts';

type Rig = Awaited<ReturnType<typeof makeRig>>;

const dayMs = 24 * 60 * 60 * 1000;

async function makeLargeRig(): Promise<Rig> {
	const rig = await makeRig();
	rig.edit('numbers.ts', 'maximum: 1000', 'maximum: 100_000');
	return rig;
}

const summaryOf = (stdout: string) => JSON.parse(stdout.split('\n').at(-1)!) as Record<string, number>;

const objectFiles = ({files}: Rig) => readdirSync(path.join(files.cacheFolder, 'objects'), {recursive: true, encoding: 'utf8'}).filter(name => name.length > 3);

test('gc says what would go, removes nothing without --yes, and keeps what the current params need', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run', '--set', 'numbers.count=6']);
	await pipeline(rig, ['run']);
	age(rig.files.cacheFolder, 10);
	const args = ['gc', '--keep-runs', '0'];
	const dry = await pipeline(rig, args);
	t.is(dry.exitCode, 0);
	t.is(dry.stdout, [
		'would go  numbers        1 result, 10 days old',
		'would go  scaled@double  1 result, 10 days old',
		'would go  scaled@single  1 result, 10 days old',
		'would go  total          1 result, 10 days old',
		'would go  4 results: 57 B',
		'stays     4 results, 50 B: 4 for the current params',
		'Nothing was removed. To remove it: pipeline gc --yes',
	].join('\n'));
	t.is((await pipeline(rig, args)).stdout, dry.stdout);

	const done = await pipeline(rig, [...args, '--yes']);
	t.is(done.stdout.split('\n').at(-1), 'removed 4 results, 3 objects and 0 files: 57 B freed');
	const nothing = await pipeline(rig, [...args, '--yes']);
	t.is(nothing.stdout, [
		'removed   0 results: 0 B',
		'stays     4 results, 50 B: 4 for the current params',
		'removed 0 results, 0 objects and 0 files: 0 B freed',
	].join('\n'));
	t.is((await pipeline(rig, ['verify'])).stdout, '3 objects, 50 B read: all well');
	t.like(summaryOf((await pipeline(rig, ['run', '--json'])).stdout), {ran: 0, reused: 4});
	t.like(summaryOf((await pipeline(rig, ['run', '--json', '--set', 'numbers.count=6'])).stdout), {ran: 4, reused: 0});
});

test('what is young, what the latest runs used and what is pinned stays', async t => {
	using rig = await makeRig();
	const other = ['--set', 'numbers.count=6'];
	await pipeline(rig, ['run', ...other]);
	await pipeline(rig, ['run']);
	t.regex((await pipeline(rig, ['gc', '--keep-runs', '0', '--keep-days', '0'])).stdout, /^stays {5}8 results, 107 B: 4 for the current params, 4 of the last hour$/m);
	age(rig.files.cacheFolder, 3);
	t.regex((await pipeline(rig, ['gc', '--keep-runs', '0'])).stdout, /^stays {5}8 results, 107 B: 4 for the current params, 4 of the latest days$/m);
	t.regex((await pipeline(rig, ['gc', '--keep-days', '1'])).stdout, /^stays {5}8 results, 107 B: 4 for the current params, 4 of the latest runs$/m);

	const pinned = await pipeline(rig, ['pin', 'scaled@double', ...other]);
	t.regex(pinned.stdout, /^pinned {2}scaled@double {2}[\da-f]{32} {2}on [\d-]{10}$/);
	t.is((await pipeline(rig, ['pin', '--list'])).stdout, pinned.stdout);
	const {stdout} = await pipeline(rig, ['gc', '--keep-days', '1', '--keep-runs', '1', '--yes']);
	t.regex(stdout, /^stays {5}5 results, 66 B: 4 for the current params, 1 pinned$/m);
	t.regex((await pipeline(rig, ['status', ...other])).stdout, /^stale {5}numbers/m);
	t.like(summaryOf((await pipeline(rig, ['run', '--json', ...other])).stdout), {ran: 3, reused: 1});

	t.is((await pipeline(rig, ['unpin', 'scaled'])).stdout, 'unpinned 1 result');
	t.is((await pipeline(rig, ['pin', '--list'])).stdout, 'Nothing is pinned.');
});

test('a limit of size removes the oldest, and says when it cannot be reached', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run', '--set', 'numbers.count=6']);
	await pipeline(rig, ['run']);
	age(rig.files.cacheFolder, 1);
	const enough = await pipeline(rig, ['gc', '--max-size', '1kB']);
	t.regex(enough.stdout, /^would go {2}0 results: 0 B\nstays {5}8 results, 107 B: /);
	const {stdout} = await pipeline(rig, ['gc', '--max-size', '49B']);
	t.deepEqual(stdout.split('\n').slice(-4), [
		'would go  4 results: 57 B',
		'stays     4 results, 50 B: 4 for the current params',
		'The cache cannot shrink to 49 B: what the current params, pins, runs that go on and the last hour need is 50 B.',
		'Nothing was removed. To remove it: pipeline gc --yes',
	]);
});

test('files that outlived their use go too', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	const {cacheFolder} = rig.files;
	const place = (ms: number, ...names: readonly string[]) => {
		const file = path.join(cacheFolder, ...names);
		mkdirSync(path.dirname(file), {recursive: true});
		writeFileSync(file, 'left');
		makeOlder(file, ms);
		return file;
	};

	const old = [place(2 * 3_600_000, 'objects', 'ab', 'c'.repeat(30)), place(31 * dayMs, 'damaged', 'd'.repeat(32)), place(8 * dayMs, 'checkpoints', 'e'.repeat(32))];
	const young = [place(0, 'objects', 'ab', 'f'.repeat(30)), place(29 * dayMs, 'damaged', 'f'.repeat(32)), place(dayMs, 'checkpoints', 'f'.repeat(32))];
	t.regex((await pipeline(rig, ['gc'])).stdout, /^would go {2}0 results, 1 file of no object, 1 old damaged object, 1 old checkpoint.*: .*B$/m);
	await pipeline(rig, ['gc', '--yes']);
	t.deepEqual([...old, ...young].filter(file => existsSync(file)), young);
});

test('what a run that goes on uses stays, whatever gc is told', async t => {
	using rig = await makeLargeRig();
	const args = ['run', '--json', '--set', 'numbers.count=20000'];
	const {run, goOn} = await startUntilHeldUp(t, rig, args);
	// The record of what a run uses follows within seconds.
	await until(() => objectFiles(rig).length === 2, 'the objects are there', 60_000);
	age(rig.files.cacheFolder, 30);
	const gc = ['gc', '--keep-days', '0', '--keep-runs', '0', '--max-size', '0', '--yes'];
	let stdout = '';
	for (let found = false; !found; found = stdout.includes('3 for runs that go on')) {
		({stdout} = await pipeline(rig, ['gc', '--keep-days', '1']));
	}

	t.regex((await pipeline(rig, gc)).stdout, /^removed 0 results, 0 objects and 0 files: 0 B freed$/m);
	t.is(objectFiles(rig).length, 2);
	goOn();
	const {exitCode, stdout: events} = await run.ended();
	t.is(exitCode, 0);
	t.like(summaryOf(events), {ran: 4, failed: 0});
	t.like(summaryOf((await pipeline(rig, args)).stdout), {ran: 0, reused: 4});
	t.regex((await pipeline(rig, ['verify'])).stdout, /read: all well$/);
});

test('of two collections at once both end well', async t => {
	using rig = await makeLargeRig();
	await pipeline(rig, ['run', '--set', 'numbers.count=20000']);
	await pipeline(rig, ['run']);
	age(rig.files.cacheFolder, 30);
	const ended = await Promise.all([1, 2].map(async () => pipeline(rig, ['gc', '--keep-runs', '0', '--yes', '--json'])));
	t.deepEqual(ended.map(({exitCode}) => exitCode), [0, 0]);
	const removed = ended.map(({stdout}) => (JSON.parse(stdout) as {removed: {results: number}}).removed.results);
	t.is(removed[0]! + removed[1]!, 4);
	t.deepEqual(objectFiles(rig), []);
	t.is((await pipeline(rig, ['verify'])).stdout, '3 objects, 50 B read: all well');
});

const usage: ReadonlyArray<readonly [fact: string, args: readonly string[], stderr: string]> = [
	['no size', ['gc', '--max-size', 'big'], 'option \'--max-size <size>\' argument \'big\' is invalid. It must be a size, as in 500MB or 20GB.\nSee: pipeline gc --help'],
	['no number of days', ['gc', '--keep-days', '-1'], 'option \'--keep-days <days>\' argument \'-1\' is invalid. It must be a number of at least 0.\nSee: pipeline gc --help'],
	['no number of runs', ['gc', '--keep-runs', '1.5'], 'option \'--keep-runs <count>\' argument \'1.5\' is invalid. It must be a whole number of at least 0.\nSee: pipeline gc --help'],
	['a pin of nothing', ['pin'], 'error There is nothing to pin\nName nodes, stages or goals: pipeline pin NODE…; to see what is pinned: pipeline pin --list'],
	['a pin of a stale node', ['pin', 'numbers'], 'error There is no up-to-date result of numbers to pin\nRun it first: pipeline run numbers'],
	['an unpin of what is not pinned', ['unpin', 'numbers'], 'error "numbers" is not pinned\nNothing is pinned.'],
];

for (const [fact, args, expected] of usage) {
	test(`${fact} is refused with what to do`, async t => {
		using rig = await makeRig();
		const {exitCode, stderr} = await pipeline(rig, args);
		t.is(stderr, expected);
		t.is(exitCode, 2);
	});
}
