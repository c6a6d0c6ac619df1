import type {Fault} from './fault.ts';
import {Invocation, digestsOf, startedNodes, type Ended} from './invocation.ts';
import {hasProc, type Round} from './round.ts';

/**
 * Of several runs on one cache, one computes a node. Who is killed in the middle of a node leaves it to another.
 * @param broken invocations whose nodes may have been cut off
 */
export function expectOnce(round: Round, ends: readonly Ended[], broken: readonly Ended[] = []): void {
	const computed = new Map<string, number>();
	for (const ended of ends) {
		const finished = digestsOf(ended, ['ran']);
		for (const node of startedNodes(ended)) {
			const wasCutOff = broken.includes(ended) && finished[node] === undefined;
			computed.set(node, (computed.get(node) ?? 0) + (wasCutOff ? 0 : 1));
		}
	}

	const twice = [...computed].filter(([, count]) => count > 1).map(([node]) => node);
	round.expect(twice.length === 0, `each node is computed once, but ${twice.join(', ')} more often`);
}

/** Starts several runs, a random while apart. */
async function startMany(round: Round, count: number): Promise<readonly Invocation[]> {
	const runs: Invocation[] = [];
	for (let index = 0; index < count; index++) {
		const run = round.start();
		runs.push(run);
		await run.untilMs(round.random.pick([0, 0, round.random.integer(0, 400)]));
	}

	return runs;
}

const undisturbed: Fault = {
	name: 'three-at-once',
	async perform(round) {
		const ends = await Promise.all((await startMany(round, 3)).map(async run => round.finish(run)));
		for (const ended of ends) {
			await round.expectRight(ended);
		}

		expectOnce(round, ends);
		await round.settle();
		return ends.map(ended => startedNodes(ended).length).join(' + ');
	},
};

const oneKilled: Fault = {
	name: 'two-kill-one',
	unavailable: () => (hasProc ? undefined : 'finding the workers of a process needs /proc'),
	async perform(round) {
		const {random} = round;
		const [first, second] = random.shuffled(await startMany(round, 2)) as [Invocation, Invocation];
		const when = await round.instant(first);
		const victims = random.pick([[first.pid], first.workers().slice(0, 1), [first.pid, ...first.workers()]]);
		for (const pid of victims) {
			Invocation.killProcess(pid, 'SIGKILL');
		}

		const broken = await round.finish(first);
		const whole = await round.finish(second);
		await round.expectNothingWrong(broken);
		await round.expectRight(whole);
		expectOnce(round, [broken, whole], [broken]);
		await round.settle();
		return `${when}, ${victims.length} processes; ${startedNodes(broken).length} + ${startedNodes(whole).length}`;
	},
};

/** Several runs on one cache. */
export const together: readonly Fault[] = [undisturbed, oneKilled];
