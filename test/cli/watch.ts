import {existsSync} from 'node:fs';
import test from 'ava';
import {makeRig} from '../helpers/rig.ts';
import {childrenOf, isRunning, start, until} from '../helpers/cli.ts';

test.serial('without a terminal it prints a line per event, and Ctrl-C ends it', async t => {
	using rig = await makeRig();
	const watch = start(rig.folder, ['watch', '--no-types', '--jobs', '1']);
	t.teardown(() => {
		watch.kill('SIGKILL');
	});
	let seen = '';
	watch.onOutput(text => {
		seen += text;
	});
	await until(() => /^done /m.test(seen), 'the first round is done', 60_000);
	rig.edit('total.ts', 'sum + value', 'sum + value + 1');
	await until(() => (seen.match(/^done /gm) ?? []).length === 2, 'the second round is done', 60_000);
	rig.edit('params.json', '"count": 5', '"count": 0');
	await until(() => /^error /m.test(seen), 'the error is told', 60_000);
	const children = existsSync('/proc/self/stat') ? childrenOf(watch.pid) : [];
	watch.kill('SIGINT');
	const {exitCode, stderr, stdout} = await watch.ended();
	t.is(exitCode, 130);
	t.is(stdout, '\ndouble 60\nsingle 30\n\n\ndouble 65\nsingle 35\n');
	t.is(stderr.replaceAll(/\d+ ms/g, '# ms').replaceAll(/ +\d+\.\d s {2,}[\d.]+ MB/g, '  # s  # MB').replaceAll(/\d+\.\d s/g, '# s').replaceAll(rig.folder, 'RIG'), [
		'planned   1 stale, 3 wait for them, 0 fresh, in # ms',
		'          numbers stale: never ran',
		'          scaled@single waits for numbers',
		'          scaled@double waits for numbers',
		'          total waits for scaled@single, scaled@double',
		'running   numbers',
		'ran       numbers  # s  # MB',
		'running   scaled@single',
		'ran       scaled@single  # s  # MB',
		'running   scaled@double',
		'ran       scaled@double  # s  # MB',
		'running   total',
		'ran       total  # s  # MB',
		'number    count numbers 5.00',
		'number    largest numbers 16.0',
		'number    count scaled@single 5.00',
		'number    largest scaled@single 16.0',
		'number    count scaled@double 5.00',
		'number    largest scaled@double 32.0',
		'number    double total 60.0',
		'number    single total 30.0',
		'done      4 ran in # s',
		'planned   total.ts changed: 1 stale, 0 wait for them, 3 fresh, in # ms',
		'          total stale: code changed: total.run in total.ts',
		'running   total',
		'ran       total  # s  # MB',
		'number    double total 60.0 → 65.0 (+5.0)',
		'number    single total 30.0 → 35.0 (+5.0)',
		'done      1 ran, 3 reused in # s',
		'error     1 problem in the params, nothing was run:',
		'            "numbers.count" must be an integer from 1 to 1000, got 0',
		'              in RIG/params.json',
		'stopping; what is done is kept (Ctrl-C again to kill)',
	].join('\n'));
	await until(() => !children.some(pid => isRunning(pid)), 'no process stays', 20_000);
});

test.serial('Ctrl-C ends it while a node runs and while types are checked, and no process stays', async t => {
	using rig = await makeRig();
	rig.edit('numbers.ts', 'const values: number[] = [];', 'for (let step = 0; ; step++) { await new Promise(resolve => { setTimeout(resolve, 20); }); await onStep(step, 1_000_000); if (step === 1_000_000) { break; } }\n\t\tconst values: number[] = [];');
	const watch = start(rig.folder, ['watch', '--json']);
	t.teardown(() => {
		watch.kill('SIGKILL');
	});
	let seen = '';
	watch.onOutput(text => {
		seen += text;
	});
	await until(() => seen.includes('"event":"step"'), 'the numbers run', 60_000);
	const children = existsSync('/proc/self/stat') ? childrenOf(watch.pid) : [];
	watch.kill('SIGINT');
	const {exitCode, stdout} = await watch.ended();
	t.is(exitCode, 130);
	t.like(JSON.parse(stdout.split('\n').at(-1)!), {event: 'completed', ran: 0, cancelled: 4});
	await until(() => !children.some(pid => isRunning(pid)), 'no process stays', 20_000);
});

test.serial('an unknown goal is told, and watching goes on', async t => {
	using rig = await makeRig();
	const watch = start(rig.folder, ['watch', 'totl', '--no-types']);
	let seen = '';
	watch.onOutput(text => {
		seen += text;
	});
	await until(() => seen.includes('All of them'), 'the error is told', 60_000);
	watch.kill('SIGINT');
	const {exitCode, stderr} = await watch.ended();
	t.is(exitCode, 130);
	t.is(stderr, 'error     There is no goal, stage or node "totl"\n          Did you mean "total"? All of them: report, numbers, scaled, total; NAME@VARIANT for one variant\nstopping; what is done is kept (Ctrl-C again to kill)');
});
