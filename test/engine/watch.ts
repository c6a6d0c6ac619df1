import {copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {makeRig} from '../helpers/rig.ts';
import {isRunning, pipeline, until} from '../helpers/cli.ts';
import {watchRig} from '../helpers/watch.ts';

type Rig = Awaited<ReturnType<typeof makeRig>>;

const all = ['numbers', 'scaled@double', 'scaled@single', 'total'];

/** What unfinished nodes left in the cache folder. */
function leftovers({files: {cacheFolder}}: Rig): readonly string[] {
	const folder = path.join(cacheFolder, 'temporary');
	return existsSync(folder) ? readdirSync(folder) : [];
}

const report = (rig: Rig) => readFileSync(path.join(rig.folder, 'reports/totals.json'), 'utf8');

/** Lets the first numbers wait, a step at a time, until a file is there; begun counts are in the names of files. */
function holdNumbers(t: ExecutionContext, rig: Rig): {readonly began: () => readonly number[]; readonly release: () => void} {
	// A stage may write nowhere else.
	const folder = mkdtempSync(path.join(tmpdir(), 'watch-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true});
	});
	const gate = path.join(folder, 'gate');
	const began = path.join(folder, 'began-');
	rig.edit('numbers.ts', 'const values: number[] = [];', `const {existsSync, writeFileSync} = await import('node:fs');
		writeFileSync(${JSON.stringify(began)} + process.pid + '-' + process.hrtime.bigint(), '');
		for (let step = 0; !existsSync(${JSON.stringify(gate)}); step++) { await new Promise(resolve => { setTimeout(resolve, 20); }); await onStep(step, 1_000_000); }
		const values: number[] = [];`);
	return {
		began: () => readdirSync(folder).filter(name => name.startsWith('began-')).map(name => Number(name.split('-')[1])),
		release() {
			writeFileSync(gate, '');
		},
	};
}

test.serial('it begins like a run, and then runs what an edit made stale', async t => {
	using rig = await makeRig();
	const watch = await watchRig(t, rig);
	t.deepEqual(await watch.round(), {ran: all});
	t.is(report(rig), '{"double":60,"single":30}');

	rig.edit('total.ts', 'sum + value', 'sum + value + 1');
	const {changed, plan} = await watch.next('planned');
	t.deepEqual(changed, [path.join(rig.folder, 'total.ts')]);
	t.deepEqual([...plan.states].map(([{name}, {state}]) => [name, state]), [['numbers', 'fresh'], ['scaled@single', 'fresh'], ['scaled@double', 'fresh'], ['total', 'stale']]);
	t.deepEqual(await watch.round(), {ran: ['total'], reused: ['numbers', 'scaled@double', 'scaled@single']});
	t.is(report(rig), '{"double":65,"single":35}');
});

test.serial('an edited helper runs only what uses it', async t => {
	using rig = await makeRig();
	const watch = await watchRig(t, rig);
	await watch.round();
	rig.edit('helpers.ts', 'return value * value;', 'return value ** 2;');
	t.deepEqual(await watch.round(), {ran: ['numbers'], reused: ['scaled@double', 'scaled@single', 'total']});
});

test.serial('an edited comment starts nothing and leaves no record of a run', async t => {
	using rig = await makeRig();
	const watch = await watchRig(t, rig);
	await watch.round();
	rig.edit('scaled.ts', '/** Every number', '/** Each number');
	const {plan} = await watch.next('planned');
	t.true([...plan.states.values()].every(({state}) => state === 'fresh'));
	rig.edit('params.json', '"offset": 0', '"offset": 1');
	t.deepEqual(await watch.round(), {ran: ['total'], reused: ['numbers', 'scaled@double', 'scaled@single']});
	t.deepEqual(plan.project.store.runs.latest(9).map(({command}) => command), ['watch', 'watch']);
	t.is(watch.events.filter(({event}) => event === 'started').length, 2);
});

test.serial('a syntax error is told, and mending it goes on', async t => {
	using rig = await makeRig();
	const watch = await watchRig(t, rig);
	await watch.round();
	rig.edit('total.ts', 'export const total = defineStage({', 'export const total = = defineStage({');
	const {error, changed} = await watch.next('broken');
	t.is((error as Error).message, 'The pipeline\'s code does not compile:\n  total.ts:12:22: Unexpected "="\n    export const total = = defineStage({');
	t.deepEqual(changed, [path.join(rig.folder, 'total.ts')]);
	rig.edit('total.ts', 'export const total = = defineStage({', 'export const total = defineStage({');
	await watch.next('planned');
	rig.edit('total.ts', 'sum + value', 'sum + value + 1');
	t.deepEqual(await watch.round(), {ran: ['total'], reused: ['numbers', 'scaled@double', 'scaled@single']});
});

test.serial('a pipeline that is broken from the start runs when it is mended', async t => {
	using rig = await makeRig();
	rig.edit('pipeline.ts', './scaled.ts', './lost.ts');
	const watch = await watchRig(t, rig);
	const {error} = await watch.next('broken');
	t.regex((error as Error).message, /Could not resolve "\.\/lost\.ts"/);
	copyFileSync(path.join(rig.folder, 'scaled.ts'), path.join(rig.folder, 'lost.ts'));
	t.deepEqual(await watch.round(), {ran: all});
});

test.serial('params that are wrong are told, and mending them goes on', async t => {
	using rig = await makeRig();
	const watch = await watchRig(t, rig);
	await watch.round();
	rig.edit('params.json', '"count": 5', '"count": "five"');
	const {error} = await watch.next('broken');
	t.is((error as Error).message, `1 problem in the params, nothing was run:\n  "numbers.count" must be an integer from 1 to 1000, got "five"\n    in ${rig.files.paramsFile}`);
	rig.edit('params.json', '"count": "five"', '"count": 4');
	t.deepEqual(await watch.round(), {ran: all});
	t.is(report(rig), '{"double":28,"single":14}');
});

test.serial('a save right after another one is not lost', async t => {
	using rig = await makeRig();
	const watch = await watchRig(t, rig);
	await watch.round();
	for (const [from, to] of [[5, 4], [3, 2]] as const) {
		rig.edit('params.json', `"count": ${from}`, `"count": ${to}`);
		// Sooner than the library tells of a file again.
		await setTimeout(30);
		rig.edit('params.json', `"count": ${to}`, `"count": ${to - 1}`);
		const sum = Array.from({length: to - 1}, (_, index) => index ** 2).reduce((total, square) => total + square);
		while (report(rig) !== `{"double":${2 * sum},"single":${sum}}`) {
			await watch.round();
		}
	}

	t.pass();
});

test.serial('a params file that another one extends is watched', async t => {
	using rig = await makeRig();
	mkdirSync(path.join(rig.folder, 'presets'));
	const paramsFile = path.join(rig.folder, 'presets/small.json');
	writeFileSync(paramsFile, '{"extends": "../params.json", "total": {"offset": 1}}');
	const watch = await watchRig(t, rig, {paramsFile});
	await watch.round();
	rig.edit('params.json', '"count": 5', '"count": 4');
	t.deepEqual(await watch.round(), {ran: all});
	writeFileSync(paramsFile, '{"extends": "../params.json", "total": {"offset": 2}}');
	t.deepEqual(await watch.round(), {ran: ['total'], reused: ['numbers', 'scaled@double', 'scaled@single']});
});

test.serial('a node that runs and stays wanted goes on in its worker', async t => {
	using rig = await makeRig();
	const {began, release} = holdNumbers(t, rig);
	const watch = await watchRig(t, rig);
	await until(() => began().length === 1, 'the numbers run', 60_000);
	rig.edit('params.json', '"factor": 1', '"factor": 3');
	await watch.next('started');
	await watch.next('started');
	release();
	t.deepEqual(await watch.round(), {ran: all});
	t.is(began().length, 1);
	const starts = watch.events.flatMap(event => (event.event === 'run' && event.run.event === 'started' && event.run.node.name === 'numbers' ? [event.run.startedMs === undefined] : []));
	t.deepEqual(starts, [true, false], 'the second one says that it goes on');
	t.is(report(rig), '{"double":60,"single":90}');
	t.deepEqual(leftovers(rig), []);
});

test.serial('a node that runs and became stale is cancelled and started again', async t => {
	using rig = await makeRig();
	const {began, release} = holdNumbers(t, rig);
	const watch = await watchRig(t, rig);
	await until(() => began().length === 1, 'the numbers run', 60_000);
	rig.edit('params.json', '"count": 5', '"count": 4');
	await until(() => began().length === 2, 'they run again', 60_000);
	await until(() => began().filter(pid => isRunning(pid)).length === 1, 'the first worker is gone', 60_000);
	release();
	t.deepEqual(await watch.round(), {ran: all});
	t.is(report(rig), '{"double":28,"single":14}');
	t.is(began().length, 2);
});

test.serial('there and back again while a node runs ends in one right result', async t => {
	using rig = await makeRig();
	const {began, release} = holdNumbers(t, rig);
	const watch = await watchRig(t, rig);
	await until(() => began().length === 1, 'the numbers run', 60_000);
	rig.edit('params.json', '"count": 5', '"count": 4');
	await watch.next('started');
	await watch.next('started');
	rig.edit('params.json', '"count": 4', '"count": 5');
	await watch.next('started');
	release();
	t.deepEqual(await watch.round(), {ran: all});
	t.is(report(rig), '{"double":60,"single":30}');
});

test.serial('a failing node is told, and an edit that mends it runs it', async t => {
	using rig = await makeRig();
	rig.edit('total.ts', 'report: Object', 'report: undefined!.lost ?? Object');
	const watch = await watchRig(t, rig);
	t.deepEqual(await watch.round(), {ran: ['numbers', 'scaled@double', 'scaled@single'], failed: ['total']});
	rig.edit('total.ts', 'report: undefined!.lost ?? Object', 'report: Object');
	t.deepEqual(await watch.round(), {ran: ['total'], reused: ['numbers', 'scaled@double', 'scaled@single']});
});

test.serial('saving by rename is noticed, again and again', async t => {
	using rig = await makeRig();
	const watch = await watchRig(t, rig);
	await watch.round();
	const target = path.join(rig.folder, 'total.ts');
	for (const [from, to] of [['sum + value', 'sum + value + 1'], ['sum + value + 1', 'sum + value + 2']] as const) {
		writeFileSync(`${target}~`, readFileSync(target, 'utf8').replace(from, to));
		renameSync(`${target}~`, target);
		t.deepEqual(await watch.round(), {ran: ['total'], reused: ['numbers', 'scaled@double', 'scaled@single']});
	}

	t.false(watch.events.some(({event}) => event === 'broken'));
	t.is(report(rig), '{"double":70,"single":40}');
});

test.serial('a file that is removed and written again breaks nothing', async t => {
	using rig = await makeRig();
	const watch = await watchRig(t, rig);
	await watch.round();
	const target = path.join(rig.folder, 'helpers.ts');
	const source = readFileSync(target, 'utf8');
	rmSync(target);
	const {error} = await watch.next('broken');
	t.regex((error as Error).message, /Could not resolve "\.\/helpers\.ts"/);
	writeFileSync(target, source.replace('value * value', 'value * value + 1'));
	t.deepEqual(await watch.round(), {ran: all});
});

test.serial('a burst of saves plans once or twice', async t => {
	using rig = await makeRig();
	const watch = await watchRig(t, rig);
	await watch.round();
	const target = path.join(rig.folder, 'total.ts');
	const source = readFileSync(target, 'utf8');
	for (let save = 1; save <= 50; save++) {
		writeFileSync(target, source.replace('sum + value', `sum + value + ${save}`));
	}

	t.deepEqual(await watch.round(), {ran: ['total'], reused: ['numbers', 'scaled@double', 'scaled@single']});
	t.is(report(rig), '{"double":310,"single":280}');
	t.true(watch.events.filter(({event}) => event === 'planned').length <= 3);
});

test.serial('a branch switch with new, changed and removed files plans once or twice', async t => {
	using rig = await makeRig();
	const watch = await watchRig(t, rig);
	await watch.round();
	mkdirSync(path.join(rig.folder, 'more'));
	for (let file = 0; file < 200; file++) {
		writeFileSync(path.join(rig.folder, `more/part-${file}.ts`), `export const part${file} = ${file};\n`);
	}

	rig.edit('helpers.ts', 'return value * value;', 'return value * value + part199 - 199;');
	rig.edit('helpers.ts', '/** Used by the stages. */', 'import {part199} from \'./more/part-199.ts\';\n\n/** Used by the stages. */');
	rig.edit('total.ts', 'sum + value', 'sum + value + 1');
	t.deepEqual(await watch.round(), {ran: ['numbers', 'total'], reused: ['scaled@double', 'scaled@single']});
	t.true(watch.events.filter(({event}) => event === 'planned').length <= 3);

	writeFileSync(path.join(rig.folder, 'more/part-199.ts'), 'export const part199 = 200;\n');
	t.deepEqual(await watch.round(), {ran: all});
});

test.serial('a file of an input folder that changes, comes or goes makes its readers stale', async t => {
	using rig = await makeRig();
	const data = path.join(rig.folder, '.data/inner');
	mkdirSync(data, {recursive: true});
	writeFileSync(path.join(data, 'one.bin'), '1');
	rig.edit('pipeline.ts', 'add(numbers, {}, params.numbers)', 'add(numbers, {files: folder(\'.data\')}, params.numbers)');
	rig.edit('pipeline.ts', 'variant({add, params})', 'variant({add, folder, params})');
	rig.edit('numbers.ts', 'import {defineStage}', 'import {defineStage, files}');
	rig.edit('numbers.ts', 'inputs: {},', 'inputs: {files},');
	const watch = await watchRig(t, rig);
	await watch.round();
	const expected = {ran: ['numbers'], reused: ['scaled@double', 'scaled@single', 'total']};
	writeFileSync(path.join(data, 'one.bin'), '2');
	t.deepEqual(await watch.round(), expected);
	writeFileSync(path.join(data, 'two.bin'), '2');
	t.deepEqual(await watch.round(), expected);
	rmSync(path.join(data, 'two.bin'));
	t.deepEqual((await watch.next('planned')).changed, [path.join(data, 'two.bin')]);
	t.deepEqual(await watch.round(), {reused: all});
	writeFileSync(path.join(data, 'one.bin'), '3');
	t.deepEqual(await watch.round(), expected);
});

test.serial('a run and a watch of the same cache compute every node once', async t => {
	using rig = await makeRig();
	const {began, release} = holdNumbers(t, rig);
	const watch = await watchRig(t, rig);
	await until(() => began().length === 1, 'the numbers run', 60_000);
	const other = pipeline(rig, ['run', '--json']);
	release();
	t.is((await watch.round()).failed, undefined);
	const {exitCode} = await other;
	t.is(exitCode, 0);
	t.is(began().length, 1);
});

test.serial('stopping cancels what runs and leaves no worker and no file', async t => {
	using rig = await makeRig();
	const {began} = holdNumbers(t, rig);
	const watch = await watchRig(t, rig);
	await until(() => began().length === 1, 'the numbers run', 60_000);
	await watch.stop();
	t.false(isRunning(began()[0]!));
	t.deepEqual(leftovers(rig), []);
	t.false(existsSync(path.join(rig.folder, 'reports')));
});

test.serial('code of wrong types waits until they are right, and the last good pipeline goes on', async t => {
	using rig = await makeRig();
	const {began, release} = holdNumbers(t, rig);
	const watch = await watchRig(t, rig, {checksTypes: true});
	t.deepEqual((await watch.next('types')).check, {check: 'right'});
	await until(() => began().length === 1, 'the numbers run', 60_000);

	rig.edit('numbers.ts', 'square(index)', 'square(String(index))');
	t.true((await watch.next('planned')).awaitsTypes);
	t.deepEqual((await watch.next('types')).check, {check: 'wrong', errors: ['numbers.ts:21:23: Argument of type \'string\' is not assignable to parameter of type \'number\'.\n    values.push(square(String(index)));']});
	rig.edit('params.json', '"offset": 0', '"offset": 1');
	t.true((await watch.next('planned')).awaitsTypes, 'params do not make the code right');
	t.is((await watch.next('types')).check.check, 'wrong');
	release();
	t.deepEqual(await watch.round(), {ran: all});
	t.is(report(rig), '{"double":60,"single":30}');

	rig.edit('numbers.ts', 'square(String(index))', 'square(index)');
	t.is((await watch.next('types')).check.check, 'right');
	t.deepEqual(await watch.round(), {ran: ['total'], reused: ['numbers', 'scaled@double', 'scaled@single']});
	rig.edit('params.json', '"offset": 1', '"offset": 2');
	t.false((await watch.next('planned')).awaitsTypes, 'params need no check');
	t.deepEqual(await watch.round(), {ran: ['total'], reused: ['numbers', 'scaled@double', 'scaled@single']});
});
