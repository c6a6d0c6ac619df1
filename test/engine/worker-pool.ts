import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {pathToFileURL} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import {compileCommandLine} from '../../bin/compile.js';
import {isAlive} from '../../engine/leases.ts';
import {Project} from '../../engine/project.ts';
import {WorkerPool} from '../../engine/worker-pool.ts';
import {until} from '../helpers/cli.ts';
import {makeRig, type RigOptions} from '../helpers/rig.ts';

/** Runs only the first stage, whose body is replaced. */
async function runBody(body: string, options: RigOptions = {}) {
	using rig = await makeRig();
	rig.edit('numbers.ts', 'const values: number[] = [];', `${body}\n\t\tconst values: number[] = [];`);
	const run = await rig.run({goals: ['numbers'], ...options});
	const outcome = run.outcomes.get('numbers')!;
	return {
		...run,
		log: outcome.outcome === 'ran' ? outcome.result.provenance.log : (outcome.outcome === 'failed' ? outcome.log : undefined),
		error: outcome.outcome === 'failed' ? outcome.error : undefined,
	};
}

test('what a stage logs and prints arrives in its log, in order', async t => {
	const {log} = await runBody(`
		console.log('printed');
		log('between');
		console.error('to stderr');
		process.stdout.write(new TextEncoder().encode('bytes\\n'));`);
	t.is(log, 'counting to 5\nprinted\nbetween\nto stderr\nbytes');
});

test('a line that is printed in pieces is one line, and the last one needs no end', async t => {
	const {log} = await runBody(String.raw`process.stdout.write('one '); process.stderr.write('other'); process.stdout.write('line\nlast');`);
	t.is(log, 'counting to 5\none line\nlast\nother');
});

test('much output arrives whole', async t => {
	const {log} = await runBody('for (let index = 0; index < 5000; index++) { console.log(\'line \' + index + \' \' + \'x\'.repeat(50)); }');
	const lines = log!.split('\n');
	t.is(lines.length, 5001);
	t.is(lines.at(-1), `line 4999 ${'x'.repeat(50)}`);
});

test('what native code prints arrives too', async t => {
	const {error} = await runBody(String.raw`const {writeSync} = await import('node:fs'); writeSync(2, 'native words\nand a part'); process.kill(process.pid, 'SIGKILL');`);
	t.true(error!.message.split('\n').includes('  │ native words'));
	t.true(error!.message.split('\n').includes('  │ and a part'));
});

test('a worker that exits fails its node with the exit code and the last lines', async t => {
	const {failed, error, log} = await runBody('console.log(\'last words\'); process.exit(3);');
	t.deepEqual(failed, ['numbers']);
	t.is(error!.message, 'Its worker process ended with exit code 3\n  │ counting to 5\n  │ last words');
	t.is(error!.hint, 'Running again carries on from what is done.');
	t.is(log, 'counting to 5\nlast words');
});

test('a worker that exits as if nothing was wrong fails its node', async t => {
	const {error} = await runBody('process.exit(0);');
	t.is(error!.message, 'Its worker process ended with exit code 0\n  │ counting to 5');
});

test('a worker that is killed names the signal and what to try', async t => {
	const {error} = await runBody('process.kill(process.pid, \'SIGKILL\'); await new Promise(() => undefined);');
	t.is(error!.message, 'Its worker process was killed by SIGKILL\n  │ counting to 5');
	t.is(error!.hint, 'Often the machine was out of memory: try --jobs 1 or smaller batches; "pipeline estimate" tells how much each node needs. Running again carries on from what is done.');
});

test('of a dead worker\'s output the end is shown', async t => {
	const {error} = await runBody('for (let index = 0; index < 100; index++) { console.log(index); } process.exit(1);');
	t.is(error!.message, ['Its worker process ended with exit code 1', ...Array.from({length: 12}, (_, index) => `  │ ${88 + index}`)].join('\n'));
});

test('an error that nobody waits for fails the node with its stack', async t => {
	const {error} = await runBody('setTimeout(() => { throw new TypeError(\'late\'); }, 1); await new Promise(() => undefined);');
	t.regex(error!.message, /^Its worker process ended with exit code 1\n/);
	t.regex(error!.message, /TypeError: late/);
});

test.serial('running out of memory fails the node', async t => {
	// Workers inherit it; filling all that Node takes by itself would take a minute.
	const {NODE_OPTIONS: before = ''} = process.env;
	process.env.NODE_OPTIONS = `${before} --max-old-space-size=64`;
	const {error} = await runBody('const held: unknown[] = []; for (;;) { held.push(Array.from({length: 1_000_000}, () => held)); }');
	process.env.NODE_OPTIONS = before;
	t.regex(error!.message, /^Its worker process was killed by SIG(ABRT|TRAP|ILL)\n/);
});

test('what is thrown need not be an error', async t => {
	const {error} = await runBody('throw \'just a text\';');
	t.deepEqual(error, {name: 'Error', message: 'just a text'});
});

test('an output that is not returned fails the node', async t => {
	using rig = await makeRig();
	rig.edit('numbers.ts', 'return {values};', 'return {} as never;');
	const {outcomes} = await rig.run({goals: ['numbers']});
	const outcome = outcomes.get('numbers')!;
	t.is(outcome.outcome === 'failed' ? outcome.error.message : outcome.outcome, 'Stage "numbers" did not return its output "values"');
});

test('a cheap stage runs in the process of the one before', async t => {
	using rig = await makeRig();
	for (const [file, from] of [['numbers.ts', 'const values: number[] = [];'], ['scaled.ts', 'run: ({values}, {factor}) => ({products:']] as const) {
		rig.edit(file, from, file === 'numbers.ts' ? `${from} log(String(process.pid));` : 'run: ({values}, {factor}, {log}) => (log(String(process.pid)), {products:');
	}

	const {outcomes} = await rig.run({jobs: 1});
	const pids = ['numbers', 'scaled@single', 'scaled@double'].map(name => {
		const outcome = outcomes.get(name)!;
		return outcome.outcome === 'ran' ? /\d+$/.exec(outcome.result.provenance.log)?.[0] : outcome;
	});
	t.is(new Set(pids).size, 1);
	t.false(pids.includes(String(process.pid)), 'the coordinator never computes');
});

test('after a failure a new process is started', async t => {
	using rig = await makeRig();
	rig.edit('scaled.ts', 'run: ({values}, {factor}) => ({', 'run: ({values}, {factor}) => factor === 1 ? (globalThis as {spoilt?: boolean}).spoilt = true as never : (globalThis as {spoilt?: boolean}).spoilt ? [] as never : ({');
	const {ran, failed} = await rig.run({jobs: 1});
	t.deepEqual(ran, ['numbers', 'scaled@double']);
	t.deepEqual(failed, ['scaled@single']);
});

test('a run that is cancelled while a worker starts runs nothing', async t => {
	using rig = await makeRig();
	const controller = new AbortController();
	const {cancelled} = await rig.run({
		goals: ['numbers'],
		signal: controller.signal,
		onEvent(event) {
			if (event.event === 'started') {
				controller.abort();
			}
		},
	});
	t.deepEqual(cancelled, ['numbers']);
});

test('a run that is cancelled ends threads that never look up', async t => {
	using rig = await makeRig();
	rig.edit('numbers.ts', 'async run(', 'threads: {spin() { for (;;); }},\n\tasync run(');
	rig.edit('numbers.ts', '{onStep, log}', '{onStep, log, threads}');
	rig.edit('numbers.ts', 'const values: number[] = [];', 'const values: number[] = []; log(\'spinning\'); for await (const _ of threads.spin([1, 2, 3])) { log(\'never\'); }');
	const controller = new AbortController();
	const {cancelled} = await rig.run({
		goals: ['numbers'],
		signal: controller.signal,
		onEvent(event) {
			if (event.event === 'line' && event.line === 'spinning') {
				controller.abort();
			}
		},
	});
	t.deepEqual(cancelled, ['numbers']);
});

test('no worker outlives a project', async t => {
	using rig = await makeRig();
	rig.edit('numbers.ts', 'const values: number[] = [];', 'const values: number[] = []; log(String(process.pid));');
	const {outcomes} = await rig.run();
	const outcome = outcomes.get('numbers')!;
	const pid = outcome.outcome === 'ran' ? Number(/\d+$/.exec(outcome.result.provenance.log)?.[0]) : 0;
	t.true(pid > 0);
	t.false(isAlive(pid));
});

/** Workers that say in a file that they started. */
async function countedWorkers(t: ExecutionContext) {
	const folder = mkdtempSync(path.join(tmpdir(), 'workers-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true, force: true});
	});
	const {worker} = await compileCommandLine();
	const starts = path.join(folder, 'starts');
	const file = path.join(folder, 'worker.mjs');
	writeFileSync(starts, '');
	writeFileSync(file, `import {appendFileSync} from 'node:fs';\nappendFileSync(${JSON.stringify(starts)}, process.pid + '\\n');\nawait import(${JSON.stringify(pathToFileURL(worker).href)});\n`);
	return {file, pids: () => readFileSync(starts, 'utf8').split('\n').filter(line => line !== '').map(Number)};
}

test('a worker that was started early takes the first job', async t => {
	using rig = await makeRig();
	const {file, pids} = await countedWorkers(t);
	await using pool = new WorkerPool(file);
	pool.startEarly();
	await using project = await Project.open({...rig.files, workerFile: file, pool});
	const outcomes = await project.run({nodes: project.find(['numbers']), jobs: 2, listener: () => undefined, signal: new AbortController().signal, command: 'test'});
	t.deepEqual([...outcomes.values()].map(({outcome}) => outcome), ['ran']);
	t.is(pids().length, 1);
});

test('a worker that was started early and is not needed ends with the pool', async t => {
	const {file, pids} = await countedWorkers(t);
	{
		await using pool = new WorkerPool(file);
		pool.startEarly();
		await until(() => pids().length === 1, 'the worker starts');
	}

	t.false(isAlive(pids()[0]!));
	{
		await using pool = new WorkerPool(file);
		// It ends before it has begun.
		pool.startEarly();
	}

	t.is(pids().length, 1);
});

test('a worker that cannot start early is told to whoever wants it', async t => {
	using rig = await makeRig();
	await using pool = new WorkerPool('/nowhere/worker.mjs');
	pool.startEarly();
	await using project = await Project.open({...rig.files, workerFile: '/nowhere/worker.mjs', pool});
	const outcomes = await project.run({nodes: project.find(['numbers']), jobs: 2, listener: () => undefined, signal: new AbortController().signal, command: 'test'});
	t.like([...outcomes.values()], [{outcome: 'failed', error: {code: 'worker-start'}}]);
});
