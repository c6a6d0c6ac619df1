import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {makeRig} from '../helpers/rig.ts';
import {pipeline} from '../helpers/cli.ts';

type JsonLine = {readonly event: string; readonly [key: string]: unknown};

const parseLines = (text: string) => text.split('\n').map(line => JSON.parse(line) as JsonLine);

/** Durations differ from run to run. */
const timeless = (text: string) => text.replaceAll(/(?:\d+ min )?\d+(?:\.\d)? s(?= on |,|$)/gm, 'N s').replaceAll(/ on \d{4}-\d\d-\d\d/g, ' on a day');

test('a sweep runs every point, compares them and publishes to a folder of its own', async t => {
	using rig = await makeRig();
	const {exitCode, stdout, stderr} = await pipeline(rig, ['sweep', 'factor', '--values', '0:0.3:0.1', '--jobs', '2']);
	t.is(exitCode, 0);
	t.is(stdout, '\nfactor=0 0\nfactor=0.1 3\nfactor=0.2 6\nfactor=0.3 9\n\nreport  reports/sweep-factor/totals.json');
	t.is(stderr.split('\n')[0], '4 points: 6 nodes, 1 new, 0 reused, 5 wait for new ones and may run; time unknown, no duration is recorded for numbers, scaled, total');
	t.regex(stderr, /^6 ran in .* s$/m);
	t.deepEqual(JSON.parse(readFileSync(path.join(rig.folder, 'reports/sweep-factor/totals.json'), 'utf8')), {'factor=0': 0, 'factor=0.1': 3, 'factor=0.2': 6, 'factor=0.3': 9});

	// What only the graph of the sweep has can be looked at.
	t.regex((await pipeline(rig, ['show', 'scaled@factor=0.2'])).stdout, /made as scaled@factor=0\.2\.products/);
	t.is((await pipeline(rig, ['log', 'scaled@factor=0.2'])).stdout, '(it wrote nothing)');
	t.is((await pipeline(rig, ['show', 'scaled@factor=0.7'])).exitCode, 2);

	// Rerunning computes nothing.
	const again = await pipeline(rig, ['sweep', 'factor', '--values', '0:0.3:0.1']);
	t.is(again.stdout, stdout);
	t.is(again.stderr.split('\n')[0], '4 points: 6 nodes, all reused');
	t.regex(again.stderr, /^6 reused in .* s$/m);
});

test('a sweep shares what variants, other sweeps and other points computed', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	const {stdout} = await pipeline(rig, ['sweep', 'factor', '--values', '1,2,3', '--json']);
	const outcomes = parseLines(stdout).filter(({event}) => event === 'finished').map(({node, outcome}) => `${String(node)} ${(outcome as {outcome: string}).outcome}`);
	t.deepEqual(outcomes.toSorted((a, b) => (a < b ? -1 : 1)), ['numbers reused', 'scaled@factor=1 reused', 'scaled@factor=2 reused', 'scaled@factor=3 ran', 'total ran']);
});

test('--dry-run lists nodes with reasons, points, counts and the time, and runs nothing', async t => {
	using rig = await makeRig();
	// One at a time, so that the latest result is that of factor 2.
	await pipeline(rig, ['run', '--jobs', '1']);
	const {exitCode, stdout, stderr} = await pipeline(rig, ['sweep', 'factor', '--values', '2,3', '--dry-run', '-j', '2']);
	t.is(exitCode, 0);
	t.is(stderr, '');
	t.is(timeless(stdout), [
		'fresh     numbers          N s on a day',
		'fresh     scaled@factor=2  N s on a day',
		'stale     scaled@factor=3  params.factor 2 → 3',
		'waiting   total            for scaled@factor=3',
		'1 would run, 1 wait for them, 2 fresh',
		'',
		'point     factor=2  2 of 2 nodes reused',
		'point     factor=3  1 of 2 nodes reused',
		'2 points: 4 nodes, 1 new, 2 reused, 1 wait for new ones and may run; about N s, 2 at a time (from recorded durations of nodes like these)',
	].join('\n'));
	t.false(existsSync(path.join(rig.folder, 'reports/sweep-factor')));
});

test('--json says the plan, every event and what failed', async t => {
	using rig = await makeRig();
	const lines = parseLines((await pipeline(rig, ['sweep', 'factor', '--values', '1,2', '--repeat', '2', '--json', '-j', '1'])).stdout);
	t.deepEqual(lines[0], {
		event: 'plan',
		points: [
			{name: 'factor=1,seed=0', patch: {'scaled.factor': 1, seed: 0}},
			{name: 'factor=1,seed=1', patch: {'scaled.factor': 1, seed: 1}},
			{name: 'factor=2,seed=0', patch: {'scaled.factor': 2, seed: 0}},
			{name: 'factor=2,seed=1', patch: {'scaled.factor': 2, seed: 1}},
		],
		nodes: 6,
		new: 1,
		waiting: 5,
		reused: 0,
		jobs: 1,
		estimate: {durationMs: 0, unknownStages: ['numbers', 'scaled', 'total']},
	} as unknown as JsonLine);
	t.like(lines.at(-1), {event: 'summary', ran: 6, failed: 0, failedPoints: []});
});

test('several params are a grid or zipped, and shared nodes are named after what they share', async t => {
	using rig = await makeRig();
	const values = ['--values', 'count=3,4', '--values', 'factor=1,2', '--json'];
	const nodesOf = async (...more: readonly string[]) => parseLines((await pipeline(rig, ['sweep', 'count', 'factor', ...values, ...more])).stdout)
		.filter(({event}) => event === 'finished').map(({node}) => String(node)).toSorted((a, b) => (a < b ? -1 : 1));
	t.deepEqual(await nodesOf(), ['numbers@count=3', 'numbers@count=4', 'scaled@count=3,factor=1', 'scaled@count=3,factor=2', 'scaled@count=4,factor=1', 'scaled@count=4,factor=2', 'total']);
	t.deepEqual(await nodesOf('--zip'), ['numbers@count=3,factor=1', 'numbers@count=4,factor=2', 'scaled@count=3,factor=1', 'scaled@count=4,factor=2', 'total']);
	t.true(existsSync(path.join(rig.folder, 'reports/sweep-count-factor/totals.json')));
});

test('a point that fails stops no other, is left out of the analysis and named; running again resumes', async t => {
	using rig = await makeRig();
	rig.edit('scaled.ts', 'Math.round(value * factor)', '(() => { if (factor === 2) { throw new RangeError(\'too much\'); } return Math.round(value * factor); })()');
	const args = ['sweep', 'factor', '--values', '1,2,3'];
	const {exitCode, stdout, stderr} = await pipeline(rig, args);
	t.is(exitCode, 1);
	t.is(stdout, '\nfactor=1 30\nfactor=3 90\n\nreport  reports/sweep-factor/totals.json');
	t.regex(stderr, /^failed {4}scaled@factor=2 /m);
	t.regex(stderr, /^ran {7}total /m);
	t.true(stderr.endsWith('1 of 3 points failed: factor=2\nThe analysis leaves out what failed. Run the same command again to try it once more; what is done is reused.'));
	t.regex(stderr, /^4 ran, 1 failed in /m);

	// What failed is tried again, everything else is there.
	const again = await pipeline(rig, args);
	t.is(again.exitCode, 1);
	t.is(again.stdout, stdout);
	t.regex(again.stderr, /^4 reused, 1 failed in /m);

	rig.edit('scaled.ts', 'factor === 2', 'factor === 200');
	const mended = await pipeline(rig, args);
	t.is(mended.exitCode, 0);
	t.is(mended.stdout.split('\n').slice(1, 4).join(' '), 'factor=1 30 factor=2 60 factor=3 90');
});

test('when every point fails there is no analysis', async t => {
	using rig = await makeRig();
	rig.edit('scaled.ts', 'Math.round(value * factor)', '(() => { throw new RangeError(\'too much\'); })()');
	const {exitCode, stdout, stderr} = await pipeline(rig, ['sweep', 'factor', '--values', '1,2']);
	t.is(exitCode, 1);
	t.is(stdout, '');
	t.regex(stderr, /^2 of 2 points failed: factor=1 factor=2$/m);
});

const refusals: ReadonlyArray<readonly [fact: string, args: readonly string[], stderr: string]> = [
	['no param', [], 'missing required argument \'param\'\nSee: pipeline sweep --help'],
	['an unknown param', ['fctor'], 'error There is no param "fctor"\nDid you mean "scaled.factor"? All of them: seed, numbers.count, scaled.factor, total.offset'],
	['a value that the schema refuses', ['factor', '--values', '1,200'], 'error 1 problem in the params, nothing was run:\n  "scaled.factor" must be a number from -100 to 100, got 200\n    in point "factor=200" of the sweep'],
	['a range that leads nowhere', ['factor', '--values', '0:1:-1'], 'error The range "0:1:-1" never gets from 0 to 1\n  step  -1\nA range is FROM:TO:STEP, as in 0:0.3:0.05 or 10:2:-2.'],
	['no number of seeds', ['factor', '--repeat', '0'], 'option \'--repeat <count>\' argument \'0\' is invalid. It must be a whole number of at least 1.\nSee: pipeline sweep --help'],
];

for (const [fact, args, expected] of refusals) {
	test(`${fact} ends in exit code 2 and says what to do`, async t => {
		using rig = await makeRig();
		const {exitCode, stdout, stderr} = await pipeline(rig, ['sweep', ...args]);
		t.is(stderr, expected);
		t.is(stdout, '');
		t.is(exitCode, 2);
	});
}

test('a param without values says where they may be listed', async t => {
	using rig = await makeRig();
	t.is((await pipeline(rig, ['sweep', 'factor'])).stderr, [
		'error No values are listed for "scaled.factor"',
		`  looked in  "sweep" of ${rig.files.paramsFile}`,
		'List them there, or give them with --values, as in --values 0,0.1 or --values 0:0.3:0.05.',
	].join('\n'));

	rig.edit('params.json', '"numbers"', '"sweep": {"scaled.factor": [4, 5]},\n\t"numbers"');
	t.is((await pipeline(rig, ['sweep', 'factor'])).stdout.split('\n').slice(1, 3).join(' '), 'factor=4 120 factor=5 150');
});
