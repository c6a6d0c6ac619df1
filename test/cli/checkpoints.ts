import {Buffer} from 'node:buffer';
import {existsSync, readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {setTimeout} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {randomStream} from '../../tensors/random.ts';
import {childrenOf, isRunning, pipeline, start, until} from '../helpers/cli.ts';
import {makeRig, type RigOptions} from '../helpers/rig.ts';

type Rig = Awaited<ReturnType<typeof makeRig>>;

const hasProc = existsSync('/proc/self/stat');

/** Of a walk. */
const steps = 300;

/** At the first step, and then as often as the cost of saving allows. */
const often = ['--checkpoint-after', '0'];

const folderOf = (rig: Rig) => path.join(rig.files.cacheFolder, 'checkpoints');

/** When a checkpoint was last saved; 0 when there is none. */
function savedAtMs(rig: Rig): number {
	const names = existsSync(folderOf(rig)) ? readdirSync(folderOf(rig)) : [];
	return Math.max(0, ...names.map(name => statSync(path.join(folderOf(rig), name), {throwIfNoEntry: false})?.mtimeMs ?? 0));
}

/** Starts a walk in a process group of its own, and waits until it has saved a checkpoint. */
async function startUntilSaved(t: ExecutionContext, rig: Rig, args: readonly string[]) {
	const beforeMs = savedAtMs(rig);
	const run = start(rig.folder, ['run', ...args], {detached: true});
	t.teardown(() => {
		run.kill('SIGKILL');
	});
	await until(() => savedAtMs(rig) > beforeMs, 'a checkpoint is saved', 60_000);
	return run;
}

async function killWhenSaved(t: ExecutionContext, rig: Rig): Promise<void> {
	const run = await startUntilSaved(t, rig, often);
	process.kill(-run.pid, 'SIGKILL');
	await run.ended();
}

/** Lets a walk come to its end. */
async function finish(rig: Rig, set: RigOptions['set'] = []) {
	const {outcomes, events, goals: {visited}} = await rig.run({set});
	const outcome = outcomes.get('walk')!;
	if (outcome.outcome !== 'ran') {
		throw new Error(`Expected the walk to end, but it was ${outcome.outcome}`);
	}

	const {log, durationMs} = outcome.result.provenance;
	const [, resumedFrom] = /^resumed from step (\d+) of 300$/m.exec(log) ?? [];
	return {
		digest: outcome.result.outputs.visited!.digest,
		visited,
		log: log.split('\n'),
		durationMs,
		/** Steps it had not to make again. */
		resumedFrom: Number(resumedFrom ?? 0),
		made: Number(/^made (\d+) steps$/m.exec(log)?.[1]),
		reported: new Set(events.flatMap(event => (event.event === 'step' ? [event.resumedFrom] : []))),
	};
}

async function walkUndisturbed(set: RigOptions['set'] = []) {
	using rig = await makeRig('walk');
	const finished = await finish(rig, set);
	return finished;
}

const undisturbed = await walkUndisturbed();

test.serial('an undisturbed walk leaves no checkpoint, however many it saved', async t => {
	using rig = await makeRig('walk');
	const {exitCode, stderr} = await pipeline(rig, ['run', ...often]);
	t.is(exitCode, 0);
	t.notRegex(stderr, /resumed|warning/);
	t.deepEqual(readdirSync(folderOf(rig)), []);
	t.deepEqual(readdirSync(path.join(rig.files.cacheFolder, 'temporary')), []);
	t.deepEqual((await rig.run()).goals, {visited: undisturbed.visited});
});

/** Processes that run stages, of a coordinator. */
const workersOf = (pid: number) => childrenOf(pid).filter(child => commandOf(child).includes('worker-'));

/** Nothing for one that has ended in the meantime, such as git. */
function commandOf(pid: number): string {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
	} catch {
		return '';
	}
}

for (const whom of ['worker', 'coordinator', 'whole group'] as const) {
	test.serial(`when its ${whom} is killed at random moments, a walk goes on to the same bytes`, async t => {
		if (!hasProc) {
			t.log('skipped: needs /proc');
			t.pass();
			return;
		}

		using rig = await makeRig('walk');
		const random = randomStream(`kill the ${whom}`);
		for (let kill = 0; kill < 3; kill++) {
			const run = await startUntilSaved(t, rig, often);
			await setTimeout(random.uniform(0, 150));
			const workers = workersOf(run.pid);
			const victim = {worker: workers[0]!, coordinator: run.pid, 'whole group': -run.pid}[whom];
			process.kill(victim, 'SIGKILL');
			const {exitCode, stderr} = await run.ended();
			t.is(exitCode, whom === 'worker' ? 1 : undefined);
			if (whom === 'worker') {
				// A coordinator that is killed may not have come to say it.
				t.is(/^resumed {3}walk {2}from step [1-9]\d* of 300$/m.test(stderr), kill > 0, stderr);
			}

			await until(() => !workers.some(pid => isRunning(pid)), 'the workers are gone');
		}

		const {digest, resumedFrom, made, reported} = await finish(rig);
		t.is(digest, undisturbed.digest);
		t.true(resumedFrom >= 3, 'every run went on from the one before');
		t.is(made, steps - resumedFrom);
		t.deepEqual(reported, new Set([resumedFrom]));
		t.deepEqual(readdirSync(folderOf(rig)), [], 'the checkpoint is of no use any more');
	});
}

test.serial('a cancelled walk saves where it is, however short it was, and goes on from there', async t => {
	using rig = await makeRig('walk');
	const run = start(rig.folder, ['run', '--json']);
	let output = '';
	run.onOutput(text => {
		output += text;
	});
	await until(() => output.includes('"event":"step"'), 'the walk has begun');
	t.false(existsSync(folderOf(rig)), 'five seconds have not passed');
	run.kill('SIGINT');
	t.is((await run.ended()).exitCode, 130);
	t.is(readdirSync(folderOf(rig)).length, 1);

	const {digest, resumedFrom, made, durationMs} = await finish(rig);
	t.is(digest, undisturbed.digest);
	t.true(resumedFrom > 0);
	t.is(made, steps - resumedFrom);
	// A step rests for 4 ms, which timers may round down to 3.
	t.true(durationMs > 3 * steps, `${durationMs} ms with those before the cancellation`);
});

test.serial('another param is another walk, and the first one can still go on', async t => {
	using rig = await makeRig('walk');
	await killWhenSaved(t, rig);
	const changed = [['walk.start', 0.4]] as const;
	const other = await finish(rig, changed);
	t.is(other.resumedFrom, 0);
	t.is(other.made, steps);
	t.is(other.digest, (await walkUndisturbed(changed)).digest);
	t.not(other.digest, undisturbed.digest);

	const {digest, resumedFrom} = await finish(rig);
	t.true(resumedFrom > 0);
	t.is(digest, undisturbed.digest);
});

const harms = [
	['was cut', 'is damaged', (bytes: Buffer) => bytes.subarray(0, -1)],
	['has another format', 'has the format 7, expected 1', (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('checkpoint 1', 'checkpoint 7'), 'latin1')],
] as const;

for (const [harm, why, change] of harms) {
	test.serial(`when its checkpoint ${harm}, a walk says so and starts from the beginning`, async t => {
		using rig = await makeRig('walk');
		await killWhenSaved(t, rig);
		const file = path.join(folderOf(rig), readdirSync(folderOf(rig))[0]!);
		writeFileSync(file, change(readFileSync(file)));

		const {digest, made, log} = await finish(rig);
		t.is(digest, undisturbed.digest);
		t.is(made, steps);
		t.deepEqual(log, [`warning: the checkpoint ${why}; the stage starts from the beginning`, `made ${steps} steps`]);
	});
}

test('the time before the first checkpoint must be a number of seconds', async t => {
	using rig = await makeRig('walk');
	const {exitCode, stderr} = await pipeline(rig, ['run', '--checkpoint-after', 'soon']);
	t.is(exitCode, 2);
	t.is(stderr, 'option \'--checkpoint-after <seconds>\' argument \'soon\' is invalid. It must be a number of seconds of at least 0.\nSee: pipeline run --help');
});
