import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmdirSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {Fault} from './fault.ts';
import {errorsOf, startedNodes} from './invocation.ts';
import type {Round} from './round.ts';

/** A file system in memory, of a size that may change. */
function mount(folder: string, sizeKb: number) {
	execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeKb}k`, 'tmpfs', folder], {stdio: 'pipe'});
	return {
		remount(options: string): void {
			execFileSync('mount', ['-o', `remount,${options}`, folder], {stdio: 'pipe'});
		},
		[Symbol.dispose]() {
			execFileSync('umount', ['-l', folder]);
		},
	};
}

let mountProblem: string | undefined;

/** Tried once: mounting needs root, and not every container allows it even then. */
function unavailable(): string | undefined {
	if (mountProblem === undefined) {
		const folder = mkdtempSync(path.join(tmpdir(), 'faults-'));
		try {
			mount(folder, 64)[Symbol.dispose]();
			mountProblem = '';
		} catch {
			mountProblem = 'mounting a file system is not allowed here';
		}

		rmdirSync(folder);
	}

	return mountProblem === '' ? undefined : mountProblem;
}

/** Moves the cache of a round to a disk of its own. */
function mountFor(round: Round, sizeKb: number) {
	const folder = `${round.cache}.disk`;
	mkdirSync(folder, {recursive: true});
	const disk = mount(folder, sizeKb);
	round.cache = path.join(folder, 'cache');
	return {
		...disk,
		[Symbol.dispose]() {
			disk[Symbol.dispose]();
			rmdirSync(folder);
		},
	};
}

/** Enough for the objects and the database of every round. */
const amplyKb = 64 * 1024;

const fullDisk: Fault = {
	name: 'full-disk',
	unavailable,
	async perform(round) {
		// The database of an empty cache needs about 100 kB, the objects 1.5 MB.
		const sizeKb = round.random.integer(16, 1800);
		using disk = mountFor(round, sizeKb);
		const ended = await round.run();
		await round.expectNothingWrong(ended);
		if (ended.exitCode === 0) {
			await round.expectRight(ended);
		} else {
			const errors = errorsOf(ended);
			round.expect(ended.exitCode === 1 || ended.exitCode === 2, `the run ends with an exit code of failure, but it is ${ended.signal ?? ended.exitCode}`);
			round.expect(errors.length > 0 && errors.every(({code}) => code === 'disk-full'), `every error says that the disk is full, but they are ${JSON.stringify(errors)}`);
		}

		disk.remount(`size=${amplyKb}k`);
		await round.settle();
		return `${sizeKb} kB: ${startedNodes(ended).length} nodes began, exit code ${ended.exitCode}`;
	},
};

const readOnly: Fault = {
	name: 'read-only',
	unavailable,
	async perform(round) {
		using disk = mountFor(round, amplyKb);
		const before = await wholeOrBrokenRun(round);
		disk.remount('ro');
		const outcome = await expectReadable(round);
		disk.remount('rw');
		await round.settle();
		return `${before}; ${outcome}`;
	},
};

/** A cache that was closed, one with a write-ahead log, or one that holds a part. */
async function wholeOrBrokenRun(round: Round): Promise<string> {
	if (round.random.chance(0.3)) {
		await round.fill();
		return 'after a whole run';
	}

	const run = round.start();
	const when = await round.instant(run);
	run.kill('SIGKILL');
	await round.finish(run);
	await round.quiet();
	return when;
}

/** What needs no writing works, and the rest is refused in words. */
async function expectReadable(round: Round): Promise<string> {
	const status = await round.run(['status', '--json']);
	const next = await round.run();
	await round.expectNothingWrong(next);
	if (next.exitCode === 0 || await round.isComplete()) {
		await round.expectRight(next);
		round.expect(status.exitCode === 0, `"status" works, but it ended with exit code ${status.exitCode}`);
		for (const args of [['show', 'sums', '--json'], ['why', 'total', '--json'], ['log', 'total', '--json']]) {
			const {exitCode} = await round.run(args);
			round.expect(exitCode === 0, `"${args[0]}" works, but it ended with exit code ${exitCode}`);
		}

		return 'readable';
	}

	const errors = errorsOf(next);
	round.expect(next.exitCode === 2 && errors.every(({code}) => code === 'cache-read-only'), `the run is refused as the cache cannot be written, but it ended with exit code ${next.exitCode} and ${JSON.stringify(errors)}`);
	round.expect(status.exitCode === 0 || errors.length > 0, 'the status is told or refused');
	return 'refused';
}

/** File systems that do not take what is written. */
export const disks: readonly Fault[] = [fullDisk, readOnly];
