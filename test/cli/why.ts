import path from 'node:path';
import test from 'ava';
import {openSqlite} from '../../engine/sqlite.ts';
import {pipeline} from '../helpers/cli.ts';
import {makeRig} from '../helpers/rig.ts';

type Rig = Awaited<ReturnType<typeof makeRig>>;

/** What `pipeline why` prints, without what differs from run to run. */
async function why(rig: Rig, ...args: readonly string[]): Promise<string> {
	const {stdout, stderr} = await pipeline(rig, ['why', ...args]);
	return `${stderr}${stdout}`.replaceAll(/[\da-f]{32}/g, 'HASH').replaceAll(/\d{4}-[\d-]+T[\d:.]+Z/g, 'THEN');
}

/** The line of `pipeline status` about a node. */
async function statusOf(rig: Rig, node: string): Promise<string | undefined> {
	return (await pipeline(rig, ['status'])).stdout.split('\n').find(line => line.includes(` ${node} `));
}

test('why names the functions that changed, file by file, and status names some of them', async t => {
	using rig = await makeRig();
	await rig.run();
	rig.edit('helpers.ts', 'return value * value;', 'return twice(value) * value / 2;\n}\n\nfunction twice(value: number): number {\n\treturn 2 * value;');
	rig.edit('numbers.ts', 'counting to', 'counting up to');
	t.is(await why(rig, 'numbers'), [
		'stale numbers: code changed: square in helpers.ts, numbers.run in numbers.ts and 1 more (compared with the result of THEN)',
		'  stage         numbers',
		'  cache format  1',
		'  code          helpers.ts: square changed; twice added',
		'                numbers.ts: numbers.run changed',
		'  params.count  5',
		'  seed          none',
		'  backend       none',
	].join('\n'));
	t.is(await statusOf(rig, 'numbers'), 'stale     numbers        code changed: square in helpers.ts, numbers.run in numbers.ts and 1 more');
	const {differences} = JSON.parse((await pipeline(rig, ['why', 'numbers', '--json'])).stdout) as {differences: ReadonlyArray<{files: unknown}>};
	t.deepEqual(differences[0]!.files, [
		{file: 'helpers.ts', changed: ['square'], added: ['twice'], removed: []},
		{file: 'numbers.ts', changed: ['numbers.run'], added: [], removed: []},
	]);
});

test('why says so when the functions of the earlier code are not recorded', async t => {
	using rig = await makeRig();
	await rig.run();
	const database = openSqlite(path.join(rig.files.cacheFolder, 'index.sqlite'));
	database.prepare('DELETE FROM notes WHERE topic = ?').run('code');
	database.close();
	rig.edit('numbers.ts', 'counting to', 'counting up to');
	t.is((await why(rig, 'numbers')).split('\n').find(line => line.startsWith('  code')), '  code          changed (which functions is not recorded)');
	t.is(await statusOf(rig, 'numbers'), 'stale     numbers        code changed');
});

test('why names what made the earlier and the present bytes of an input', async t => {
	using rig = await makeRig();
	await rig.run();
	await rig.run({goals: ['numbers'], set: [['numbers.count', 6]]});
	t.is(await why(rig, 'scaled@double', '--set', 'numbers.count=6', '--set', 'seed=1'), [
		'stale scaled@double: input values changed; seed changed (compared with the result of THEN)',
		'  stage          scaled',
		'  cache format   1',
		'  code           HASH',
		'  params.factor  2',
		'  input values   HASH, made as numbers.values on THEN →',
		'                 HASH, made as numbers.values on THEN',
		'  seed           HASH → HASH',
		'  backend        none',
	].join('\n'));
});

test('why compares with all results of the stage and names another variant it compares with', async t => {
	using rig = await makeRig();
	await rig.run({goals: ['scaled@double']});
	for (let factor = 10; factor < 35; factor++) {
		await rig.run({goals: ['scaled@single'], set: [['seed', factor], ['scaled.factor', factor]]});
	}

	const [headline] = (await why(rig, 'scaled@single')).split('\n');
	t.is(headline, 'stale scaled@single: params.factor 2 → 1 (compared with the result of scaled@double of THEN)');
});

test('why compares a node that never ran with what else its stage made', async t => {
	using rig = await makeRig();
	await rig.run();
	rig.edit('pipeline.ts', 'add(numbers, {}, params.numbers)', 'add(numbers, {}, params.numbers, {name: \'first-numbers\'})');
	rig.edit('numbers.ts', 'counting to', 'counting up to');
	t.is(await why(rig, 'first-numbers'), [
		'stale first-numbers: never ran (below it is compared with the result of numbers of THEN)',
		'  stage         numbers',
		'  cache format  1',
		'  code          numbers.ts: numbers.run changed',
		'  params.count  5',
		'  seed          none',
		'  backend       none',
	].join('\n'));
});
