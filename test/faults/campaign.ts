import {clocks} from './clocks.ts';
import {damage} from './damage.ts';
import {disks} from './disks.ts';
import type {Fault} from './fault.ts';
import {kills} from './kills.ts';
import {Random} from './random.ts';
import {Round, type World} from './round.ts';
import {together} from './together.ts';
import {makeWorld} from './world.ts';

export const faults: readonly Fault[] = [...kills, ...damage, ...disks, ...clocks, ...together];

/** How one round went. */
export type RoundReport = {
	/** From 1. */
	readonly number: number;
	readonly fault: string;
	readonly seconds: number;
	readonly result: 'passed' | 'failed' | 'left out';
	/** What was done; of a failed round what was violated and all that was printed; of one left out the reason. */
	readonly detail: string;
};

export type CampaignOptions = {
	/** Equal seeds give equal schedules. When processes meet is up to the machine. */
	readonly seed: number;
	readonly count: number;
	/** Runs this round of the schedule alone. */
	readonly only?: number | undefined;
	readonly report: (round: RoundReport) => void;
	/** Starts no more rounds when aborted, and says nothing of those that run: what interrupts the campaign may have harmed them too. */
	readonly signal?: AbortSignal;
};

/** The faults of a campaign, in order: every kind comes once before any comes again. */
export function schedule(seed: number, count: number): readonly Fault[] {
	const random = new Random(`schedule ${seed}`);
	const passes = Math.ceil(count / faults.length);
	return Array.from({length: passes}, () => random.shuffled(faults)).flat().slice(0, count);
}

/** Runs the rounds, two at a time, each in a cache of its own, whatever becomes of the others. */
export async function runCampaign({seed, count, only, report, signal}: CampaignOptions): Promise<void> {
	using world = await makeWorld();
	const planned = schedule(seed, count).map((fault, index) => ({fault, number: index + 1})).filter(({number}) => only === undefined || only === number);
	const rounds = planned.values();
	const lane = async () => {
		for (const {fault, number} of rounds) {
			const round = await runRound(world, fault, {seed, number});
			if (signal?.aborted) {
				return;
			}

			report(round);
		}
	};

	await Promise.all([lane(), lane()]);
}

async function runRound(world: World, fault: Fault, {seed, number}: {readonly seed: number; readonly number: number}): Promise<RoundReport> {
	const startedMs = performance.now();
	const finish = (result: RoundReport['result'], detail: string) => ({number, fault: fault.name, seconds: (performance.now() - startedMs) / 1000, result, detail});
	const reason = fault.unavailable?.();
	if (reason !== undefined) {
		return finish('left out', reason);
	}

	const round = new Round(world, new Random(`${seed} ${number}`), String(number));
	try {
		return finish('passed', await fault.perform(round));
	} catch (error) {
		const what = (error as Error).name === 'Violation' ? (error as Error).message : (error as Error).stack;
		return finish('failed', `${what}\nAgain: npm run test:faults -- --seed ${seed} --only ${number}\n${round.describe()}`);
	} finally {
		await round.end();
	}
}
