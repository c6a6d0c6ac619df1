import {mkdirSync, renameSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import type {Fault} from './fault.ts';
import {digestsOf} from './invocation.ts';
import type {Round} from './round.ts';
import {expectOnce} from './together.ts';

const preload = pathToFileURL(path.join(import.meta.dirname, 'jumping-clock.js')).href;

/** Mostly backwards: a second, longer than a lease, an hour, a year. */
const offsetsMs = [-1000, -40_000, -3_600_000, -31_536_000_000, 0, 3_600_000];

/** A run whose clock reads what a file says. */
function startWithClock(round: Round, name: string) {
	const file = path.join(round.cache, `${name}-offset`);
	mkdirSync(round.cache, {recursive: true});
	const set = (ms: number) => {
		writeFileSync(`${file}.new`, String(ms));
		renameSync(`${file}.new`, file);
		return ms;
	};

	set(0);
	const run = round.start(undefined, {env: {NODE_OPTIONS: `--import=${preload}`, CLOCK_OFFSET_FILE: file}});
	return {run, set};
}

const clockJumps: Fault = {
	name: 'clock-jumps',
	async perform(round) {
		const {random} = round;
		const clocks = [startWithClock(round, 'one'), startWithClock(round, 'two')];
		const done: string[] = [];
		for (let jump = 0; jump < 3; jump++) {
			const {run, set} = random.pick(clocks);
			const when = await round.instant(run);
			done.push(`${when} to ${set(random.pick(offsetsMs)) / 1000} s`);
		}

		const ends = await Promise.all(clocks.map(async ({run}) => round.finish(run)));
		for (const ended of ends) {
			await round.expectRight(ended);
			const negative = ended.events.filter(({durationMs, outcome}) => (durationMs ?? 0) < 0 || ((outcome as {durationMs?: number} | undefined)?.durationMs ?? 0) < 0);
			round.expect(negative.length === 0, `no duration is negative, but that of ${negative.map(({node}) => node).join(', ')} is`);
		}

		expectOnce(round, ends);
		round.expect(ends.every(ended => Object.keys(digestsOf(ended)).length > 0), 'both runs have results');
		await round.settle();
		return done.join('; ');
	},
};

/** Clocks that are set while runs go on. */
export const clocks: readonly Fault[] = [clockJumps];
