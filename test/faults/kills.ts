import process from 'node:process';
import type {Fault} from './fault.ts';
import {Invocation, errorsOf, type Ended} from './invocation.ts';
import {hasProc, type Round} from './round.ts';

const unavailable = () => (hasProc ? undefined : 'finding the workers of a process needs /proc');

/** A dead coordinator's workers may still run when the next run begins, or not. */
async function perhapsQuiet(round: Round): Promise<string> {
	if (round.random.chance(0.5)) {
		return '';
	}

	await round.quiet();
	return ', then quiet';
}

/** One or two broken runs after one another, then the checks. */
async function repeatedly(round: Round, breakOnce: () => Promise<string>): Promise<string> {
	const times = round.random.integer(1, 2);
	const done: string[] = [];
	for (let time = 0; time < times; time++) {
		done.push(await breakOnce() + await perhapsQuiet(round));
	}

	await round.settle();
	return done.join('; ');
}

/** What a killed coordinator reported must be right, and a coordinator that lived on must have succeeded. */
async function expectKilled(round: Round, ended: Ended): Promise<void> {
	await round.expectNothingWrong(ended);
	round.expect(ended.signal === 'SIGKILL' || ended.exitCode === 0, `the run is killed or done, but it ended with ${ended.signal ?? `exit code ${ended.exitCode}`}`);
}

const killCoordinator: Fault = {
	name: 'kill-coordinator',
	perform: async round => repeatedly(round, async () => {
		const run = round.start();
		const when = await round.instant(run);
		run.kill('SIGKILL');
		await expectKilled(round, await round.finish(run));
		return when;
	}),
};

/** A worker's death fails its node, says by which signal, and stops only what depends on it. */
async function expectWorkerFailed(round: Round, ended: Ended): Promise<void> {
	await round.expectNothingWrong(ended);
	const errors = errorsOf(ended);
	round.expect(errors.every(({message}) => message.includes('Its worker process was killed by SIGKILL')), 'a failed node tells the signal');
	// A worker that was idle, or had just reported its result, costs nothing.
	round.expect(ended.exitCode === (errors.length === 0 ? 0 : 1), `the exit code tells whether a node failed, but it is ${ended.exitCode}`);
	const outcomes = ended.events.filter(({event}) => event === 'finished').map(({outcome}) => outcome!.outcome);
	const {digests} = await round.world.clean([]);
	round.expect(outcomes.length === Object.keys(digests).length, 'every node has an outcome');
	round.expect(outcomes.every(outcome => ['ran', 'reused', 'failed', 'skipped'].includes(outcome)), 'independent nodes go on');
}

const killWorker: Fault = {
	name: 'kill-worker',
	unavailable,
	perform: async round => repeatedly(round, async () => {
		const run = round.start();
		const when = await round.busyInstant(run);
		const workers = run.workers();
		const hit = workers.length > 0 && Invocation.killProcess(round.random.pick(workers), 'SIGKILL');
		await expectWorkerFailed(round, await round.finish(run));
		return hit ? when : `${when} (no worker then)`;
	}),
};

const killBoth: Fault = {
	name: 'kill-both',
	unavailable,
	perform: async round => repeatedly(round, async () => {
		const run = round.start();
		const when = await round.instant(run);
		const all = round.random.shuffled([run.pid, ...run.workers()]);
		for (const pid of all) {
			Invocation.killProcess(pid, 'SIGKILL');
		}

		await expectKilled(round, await round.finish(run));
		return `${when}, ${all.length} processes`;
	}),
};

const killGroup: Fault = {
	name: 'kill-group',
	unavailable: () => (process.platform === 'win32' ? 'there are no process groups' : undefined),
	perform: async round => repeatedly(round, async () => {
		const run = round.start(undefined, {detached: true});
		const when = await round.instant(run);
		if (!run.hasEnded) {
			Invocation.killProcess(-run.pid, 'SIGKILL');
		}

		await expectKilled(round, await round.finish(run));
		return when;
	}),
};

const pause: Fault = {
	name: 'pause',
	unavailable,
	async perform(round) {
		const run = round.start();
		const done: string[] = [];
		for (let time = 0; time < 2 && !run.hasEnded; time++) {
			const when = await round.instant(run);
			const pid = round.random.pick([run.pid, ...run.workers()]);
			const ms = round.random.integer(50, 600);
			if (!run.hasEnded && Invocation.killProcess(pid, 'SIGSTOP')) {
				await run.untilMs(ms);
				Invocation.killProcess(pid, 'SIGCONT');
				done.push(`${when} the ${pid === run.pid ? 'coordinator' : 'worker'} for ${ms} ms`);
			}
		}

		await round.expectRight(await round.finish(run));
		await round.settle();
		return done.join('; ');
	},
};

/** Processes that end at random instants. */
export const kills: readonly Fault[] = [killCoordinator, killWorker, killBoth, killGroup, pause];
