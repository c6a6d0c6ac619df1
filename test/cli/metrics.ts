import test from 'ava';
import {pipeline} from '../helpers/cli.ts';
import {makeRig} from '../helpers/rig.ts';

const withoutTimes = (text: string) => text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME');

test('metrics shows the numbers of fresh nodes, and never those of stale ones', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	const {exitCode, stdout} = await pipeline(rig, ['metrics']);
	t.is(exitCode, 0);
	t.is(stdout, [
		'numbers    value',
		'  count        5',
		'  largest     16',
		'',
		'scaled     single  double',
		'  count         5       5',
		'  largest      16      32',
		'',
		'total     value',
		'  double     60',
		'  single     30',
	].join('\n'));
	t.is((await pipeline(rig, ['metrics', 'scaled@double', '--set', 'scaled.factor=3'])).stdout.split('\n\n')[1], [
		'scaled     double',
		'  count         5',
		'  largest      32',
	].join('\n'));
	t.is((await pipeline(rig, ['metrics', '--set', 'scaled.factor=3'])).stdout.split('\n\n').slice(1).join('\n\n'), [
		'scaled     single  double',
		'  count     stale       5',
		'  largest   stale      32',
		'',
		'total  value',
		'  –    stale',
	].join('\n'));
});

test('metrics --json and --csv are for machines', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run', 'scaled@single']);
	t.deepEqual(JSON.parse((await pipeline(rig, ['metrics', '--json', 'scaled'])).stdout), [
		{node: 'numbers', variants: [], state: 'fresh', numbers: {count: 5, largest: 16}},
		{node: 'scaled@single', variants: ['single'], state: 'fresh', numbers: {count: 5, largest: 16}},
		{node: 'scaled@double', variants: ['double'], state: 'stale', numbers: {}},
	]);
	t.is((await pipeline(rig, ['metrics', '--csv', 'scaled'])).stdout, [
		'node,metric,variant,value',
		'numbers,numbers.count,,5',
		'numbers,numbers.largest,,16',
		'scaled@single,scaled.count,single,5',
		'scaled@single,scaled.largest,single,16',
		'scaled@double,scaled,double,stale',
	].join('\n'));
});

test('runs lists what was run, and metrics --run shows the numbers of one', async t => {
	using rig = await makeRig();
	t.is((await pipeline(rig, ['runs'])).stdout, 'Nothing was run yet.');
	await pipeline(rig, ['run']);
	await pipeline(rig, ['run', 'total', '--set', 'total.offset=1']);
	t.is(withoutTimes((await pipeline(rig, ['runs'])).stdout), '2  TIME  run total  3 reused, 1 ran\n1  TIME  run        4 ran');
	const plain = JSON.parse((await pipeline(rig, ['runs', '--json', '--limit', '1'])).stdout) as Array<Record<string, unknown>>;
	t.deepEqual(plain.map(({id, command, state, counts, variants}) => ({id, command, state, counts, variants})), [{id: 2, command: 'run total', state: 'finished', counts: {reused: 3, ran: 1}, variants: ['single', 'double']}]);
	const table = (double: number, single: number) => `total     value\n  double     ${double}\n  single     ${single}`;
	t.is((await pipeline(rig, ['metrics', 'total', '--run', 'last'])).stdout, table(61, 31));
	for (const run of ['previous', '1']) {
		t.is((await pipeline(rig, ['metrics', 'total', '--run', run])).stdout, table(60, 30));
	}
});

test('two variants are compared in params and numbers', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	t.is((await pipeline(rig, ['metrics', '--compare', 'single', 'double'])).stdout, [
		'A is single, B is double',
		'',
		'params         A  B',
		'scaled.factor  1  2',
		'',
		'numbers          A   B  B − A  relative',
		'scaled.largest  16  32    +16  +100.0 %',
		'5 more are equal.',
	].join('\n'));
	t.is((await pipeline(rig, ['metrics', '--compare', 'single', 'double', '--csv'])).stdout, [
		'what,name,variant,a,b,difference,relative',
		'param,scaled.factor,,1,2',
		'number,scaled.largest,,16,32,16,1',
	].join('\n'));
	t.is((await pipeline(rig, ['metrics', '--compare', 'single', 'single'])).stdout, 'A is single, B is single\n\nNo param differs.\n\nNo number differs (6 compared).');
});

test('two runs are compared per variant, and what one of them lacks is named', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	await pipeline(rig, ['run', 'scaled', '--set', 'numbers.count=4']);
	t.is(withoutTimes((await pipeline(rig, ['metrics', '--compare', 'previous', 'last'])).stdout), [
		'A is run 1 of TIME, B is run 2 of TIME',
		'',
		'params                A  B',
		'numbers.count@single  5  4',
		'numbers.count@double  5  4',
		'',
		'numbers                 A   B  B − A  relative',
		'numbers.count           5   4     -1   -20.0 %',
		'numbers.largest        16   9     -7   -43.8 %',
		'scaled.count@single     5   4     -1   -20.0 %',
		'scaled.largest@single  16   9     -7   -43.8 %',
		'scaled.count@double     5   4     -1   -20.0 %',
		'scaled.largest@double  32  18    -14   -43.8 %',
		'',
		'Only in A: total.double, total.single',
	].join('\n'));
	t.deepEqual(JSON.parse(withoutTimes((await pipeline(rig, ['metrics', '--compare', '1@single', '1@double', '--json'])).stdout)), {
		a: 'run 1@single of TIME', b: 'run 1@double of TIME',
		params: [{variant: '', what: 'scaled.factor', before: 1, now: 2}],
		numbers: [{variant: '', metric: 'scaled.largest', a: 16, b: 32, difference: 16, relative: 1}],
		equalNumbers: 5, onlyInA: [], onlyInB: [],
	});
});

const refusals: ReadonlyArray<readonly [fact: string, args: readonly string[], stderr: string]> = [
	['a comparison of one thing', ['--compare', 'single'], 'error Two things can be compared, got 1\npipeline metrics --compare A B, each a variant (single, double), or a run: a number, last, previous, or 12@VARIANT'],
	['an unknown side', ['--compare', 'single', 'duoble'], 'error There is no variant or run "duoble"\nVariants: single, double; runs: a number, last, previous, each with @VARIANT for one of its variants'],
	['an unknown run', ['--run', '7'], 'error There is no run "7"\nThe latest is 1; to see them: pipeline runs'],
	['an unknown variant of a run', ['--compare', '1@none', 'single'], 'error Run 1 has no variant "none"\nIts variants: single, double'],
	['an unknown node of a run', ['scald', '--run', '1'], 'error Run 1 has no numbers of "scald"\nIt has numbers of: numbers, scaled, total'],
];

test('what is unknown is refused with what there is', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	for (const [, args, expected] of refusals) {
		const {exitCode, stderr} = await pipeline(rig, ['metrics', ...args]);
		t.is(stderr, expected);
		t.is(exitCode, 2);
	}
});
