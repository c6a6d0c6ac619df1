import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import test, {type ExecutionContext} from 'ava';
import {makeRig} from '../helpers/rig.ts';
import {childrenOf, isRunning, pipeline, start, until} from '../helpers/cli.ts';

type Rig = Awaited<ReturnType<typeof makeRig>>;

const hasProc = existsSync('/proc/self/stat');

/** Where stages say that they have begun: they may write nowhere in the project. */
const signalFolder = (rig: Rig) => path.join(tmpdir(), `signals-${path.basename(rig.folder)}`);

/** Makes a stage say in a file that it has begun, and then take its time. */
function slowDown(rig: Rig, file: string, how: 'steps' | 'endless' | 'once'): void {
	mkdirSync(signalFolder(rig), {recursive: true});
	const began = path.join(signalFolder(rig), `began-${file}-`);
	const announce = `(await import('node:fs')).writeFileSync(${JSON.stringify(began)} + process.pid, '');`;
	const wait = {
		steps: 'for (let step = 0; step < 1000; step++) { await new Promise(resolve => { setTimeout(resolve, 20); }); await onStep(step, 1000); }',
		endless: 'for (;;) {}',
		// The second time the stage is as quick as ever.
		once: `const {readdirSync} = await import('node:fs'); if (readdirSync(${JSON.stringify(signalFolder(rig))}).filter(name => name.startsWith('began-${file}-')).length === 1) { await new Promise(() => undefined); }`,
	}[how];
	if (file === 'numbers.ts') {
		rig.edit(file, 'const values: number[] = [];', `${announce} ${wait}\n\t\tconst values: number[] = [];`);
	} else {
		rig.edit(file, 'run: ({values}, {factor}) => ({products: values.map(value => Math.round(value * factor))}),', `async run({values}, {factor}, {onStep}) {\n${announce} ${wait}\nreturn {products: values.map(value => Math.round(value * factor))};\n},`);
	}
}

const workersOf = (rig: Rig, file: string) => readdirSync(signalFolder(rig)).filter(name => name.startsWith(`began-${file}-`)).map(name => Number(name.split('-').at(-1)));

/** Starts a run and waits until so many workers are in the middle of a stage. */
async function startUntilBusy(t: ExecutionContext, rig: Rig, file: string, {count = 1, detached = false, args = ['run']} = {}) {
	const run = start(rig.folder, args, {detached, buffer: true});
	t.teardown(() => {
		run.kill('SIGKILL');
		rmSync(signalFolder(rig), {recursive: true, force: true});
	});
	await until(() => workersOf(rig, file).length >= count, 'a stage is busy');
	return {run, workers: workersOf(rig, file)};
}

/** What a complete run leaves: node → digests of its outputs. */
async function digestsOf(rig: Rig) {
	const states = JSON.parse((await pipeline(rig, ['status', '--json'])).stdout) as Array<{node: string; state: string; outputs?: Record<string, {digest: string}>}>;
	return Object.fromEntries(states.map(({node, outputs = {}}) => [node, Object.values(outputs).map(({digest}) => digest)]));
}

async function cleanDigests() {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	const digests = await digestsOf(rig);
	return digests;
}

const clean = await cleanDigests();

/** What unfinished nodes left in the cache folder. */
function leftovers({files: {cacheFolder}}: Rig): readonly string[] {
	const folder = path.join(cacheFolder, 'temporary');
	return existsSync(folder) ? readdirSync(folder) : [];
}

const summaryOf = (stdout: string) => JSON.parse(stdout.split('\n').at(-1)!) as Record<string, number>;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	test.serial(`${signal} stops cleanly, keeps what is done and exits with 130`, async t => {
		using rig = await makeRig();
		slowDown(rig, 'scaled.ts', 'steps');
		const {run, workers} = await startUntilBusy(t, rig, 'scaled.ts', {count: 2, args: ['run', '--jobs', '2']});
		run.kill(signal);
		const {exitCode, stderr} = await run.ended();
		t.is(exitCode, 130);
		t.regex(stderr, /^stopping; what is done is kept \(Ctrl-C again to kill\)$/m);
		t.regex(stderr, /^cancelled scaled@single$/m);
		t.regex(stderr, /^1 ran, 3 cancelled in /m);
		t.false(workers.some(pid => isRunning(pid)));
		t.deepEqual(leftovers(rig), []);

		t.regex((await pipeline(rig, ['status'])).stdout, /^fresh {5}numbers/m);
	});
}

test.serial('a second SIGINT kills what does not stop, and leaves no process behind', async t => {
	using rig = await makeRig();
	slowDown(rig, 'numbers.ts', 'endless');
	const {run, workers} = await startUntilBusy(t, rig, 'numbers.ts');
	run.kill('SIGINT');
	await until(() => childrenOf(run.pid).length > 0, 'the worker is seen');
	const children = childrenOf(run.pid);
	t.true(workers.every(pid => children.includes(pid)));
	// The first signal must have been handled before the second one comes.
	await new Promise(resolve => {
		setTimeout(resolve, 300);
	});
	t.true(isRunning(run.pid), 'the stage does not yield, so the run still waits for it');
	run.kill('SIGINT');
	t.is((await run.ended()).exitCode, 130);
	await until(() => !children.some(pid => isRunning(pid)), 'the workers are gone', 3000);
	t.pass();
});

const endings = [
	['waits for a step', 'steps'],
	['never yields', 'endless'],
] as const;

for (const [fact, how] of endings) {
	test.serial(`when the coordinator is killed, a worker that ${fact} ends too`, async t => {
		if (!hasProc) {
			t.log('skipped: needs /proc');
			t.pass();
			return;
		}

		using rig = await makeRig();
		slowDown(rig, 'numbers.ts', how);
		const {run, workers} = await startUntilBusy(t, rig, 'numbers.ts');
		run.kill('SIGKILL');
		t.is((await run.ended()).signal, 'SIGKILL');
		await until(() => !workers.some(pid => isRunning(pid)), 'the workers are gone', 3000);
		t.pass();
	});
}

test.serial('after the whole process group was killed in the middle, the next run carries on to the same bytes', async t => {
	using rig = await makeRig();
	slowDown(rig, 'scaled.ts', 'once');
	const {run, workers} = await startUntilBusy(t, rig, 'scaled.ts', {detached: true, args: ['run', '--jobs', '1']});
	process.kill(-run.pid, 'SIGKILL');
	await run.ended();
	await until(() => !workers.some(pid => isRunning(pid)), 'the workers are gone', 3000);
	t.deepEqual(leftovers(rig), []);

	const next = await pipeline(rig, ['run', '--json']);
	t.is(next.exitCode, 0);
	t.like(summaryOf(next.stdout), {ran: 3, reused: 1});
	t.deepEqual(await digestsOf(rig), clean);
	t.deepEqual(leftovers(rig), []);
});

test.serial('a worker that is killed from outside fails its node, and the next run carries on', async t => {
	using rig = await makeRig();
	slowDown(rig, 'scaled.ts', 'once');
	const {run, workers} = await startUntilBusy(t, rig, 'scaled.ts', {args: ['run', '--jobs', '1']});
	process.kill(workers[0]!, 'SIGKILL');
	const {exitCode, stderr} = await run.ended();
	t.is(exitCode, 1);
	t.regex(stderr, /^failed {4}scaled@\w+ +.* s\n {10}Its worker process was killed by SIGKILL\n {10}Often the machine was out of memory: try --jobs 1 or smaller batches; "pipeline estimate" tells how much each node needs\. Running again carries on from what is done\.$/m);

	t.is((await pipeline(rig, ['run'])).exitCode, 0);
	t.deepEqual(await digestsOf(rig), clean);
});

test.serial('of two runs the second takes over when the first is killed', async t => {
	using rig = await makeRig();
	slowDown(rig, 'numbers.ts', 'once');
	const {run} = await startUntilBusy(t, rig, 'numbers.ts');
	const second = start(rig.folder, ['run', '--json']);
	let seen = '';
	second.onOutput(text => {
		seen += text;
	});
	await until(() => seen.includes('"elsewhere"'), 'the second run waits');
	t.deepEqual(JSON.parse(seen.split('\n')[0]!), {event: 'elsewhere', pid: run.pid, node: 'numbers'});
	run.kill('SIGKILL');
	await run.ended();
	const {exitCode, stdout} = await second.ended();
	t.is(exitCode, 0);
	t.like(summaryOf(stdout), {ran: 4});
	t.deepEqual(await digestsOf(rig), clean);
});

test.serial('a run that waits for another one stops at once', async t => {
	using rig = await makeRig();
	slowDown(rig, 'numbers.ts', 'endless');
	const {run, workers} = await startUntilBusy(t, rig, 'numbers.ts');
	const second = start(rig.folder, ['run']);
	let seen = '';
	second.onOutput(text => {
		seen += text;
	});
	await until(() => seen.includes('waits'), 'the second run waits');
	second.kill('SIGINT');
	t.is((await second.ended()).exitCode, 130);
	t.true(workers.every(pid => isRunning(pid)), 'the first run goes on');
	run.kill('SIGKILL');
	await run.ended();
	await until(() => !workers.some(pid => isRunning(pid)), 'the workers are gone', 3000);
});

test.serial('on a full disk the run fails clearly, and with space the next one carries on', async t => {
	using rig = await makeRig();
	const disk = path.join(rig.folder, 'disk');
	mkdirSync(disk);
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], {stdio: 'ignore'});
	} catch {
		t.log('skipped: mounting a file system is not allowed here');
		t.pass();
		return;
	}

	try {
		// The products need about 1.4 MB, the numbers 0.4 MB.
		rig.edit('numbers.ts', 'maximum: 1000', 'maximum: 100_000');
		rig.edit('scaled.ts', 'maximum: 100,', 'maximum: 1e30,');
		const args = ['run', '--jobs', '1', '--cache', path.join(disk, 'cache'), '--set', 'numbers.count=40000', '--set', 'scaled.factor=1e15'];
		const {exitCode, stderr} = await pipeline(rig, args);
		t.is(exitCode, 1);
		t.regex(stderr, /^ran {7}numbers/m);
		t.true(stderr.includes(`The disk of the cache folder "${path.join(disk, 'cache')}" is full\n          Free some space and run again: what was published is kept.`));
		t.notRegex(stderr, /^\s+at /m, 'no stack trace');

		execFileSync('mount', ['-o', 'remount,size=20m', disk]);
		const next = await pipeline(rig, [...args, '--json']);
		t.is(next.exitCode, 0);
		t.like(summaryOf(next.stdout), {failed: 0, skipped: 0});
		t.true(summaryOf(next.stdout).reused! >= 1);

		const elsewhere = await pipeline(rig, [...args.with(4, path.join(rig.folder, 'other')), '--json']);
		const digests = (text: string) => text.split('\n').map(line => JSON.parse(line) as {event: string; node: string; outcome: {outputs: Record<string, {digest: string}>}})
			.filter(({event}) => event === 'finished').map(({node, outcome}) => `${node} ${Object.values(outcome.outputs)[0]!.digest}`).toSorted();
		t.deepEqual(digests(next.stdout), digests(elsewhere.stdout));
	} finally {
		execFileSync('umount', ['-l', disk]);
	}
});

test.serial('on a disk that is full from the start nothing runs, and it says so', async t => {
	using rig = await makeRig();
	const disk = path.join(rig.folder, 'disk');
	mkdirSync(disk);
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], {stdio: 'ignore'});
	} catch {
		t.log('skipped: mounting a file system is not allowed here');
		t.pass();
		return;
	}

	try {
		const cache = path.join(disk, 'cache');
		for (const sizeBytes of [256 * 1024, 200 * 1024, 120 * 1024, 60 * 1024]) {
			rmSync(cache, {recursive: true, force: true});
			try {
				writeFileSync(path.join(disk, 'ballast'), new Uint8Array(sizeBytes));
			} catch {}

			const {exitCode, stderr} = await pipeline(rig, ['run', '--cache', cache]);
			t.true(exitCode === 1 || exitCode === 2, `${exitCode}`);
			t.true(stderr.includes(`The disk of the cache folder "${cache}" is full`), `${stderr}`);
			t.notRegex(stderr, /^\s+at /m, 'no stack trace');
		}

		rmSync(path.join(disk, 'ballast'));
		execFileSync('mount', ['-o', 'remount,size=20m', disk]);
		t.is((await pipeline(rig, ['run', '--cache', cache])).exitCode, 0);
		t.is(readFileSync(path.join(rig.folder, 'reports/totals.json'), 'utf8'), '{"double":60,"single":30}');
	} finally {
		execFileSync('umount', ['-l', disk]);
	}
});
