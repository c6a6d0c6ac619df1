import {cpSync, existsSync, readFileSync, readdirSync, rmSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {isDeepStrictEqual} from 'node:util';
import type {Options} from 'execa';
import {isRunning, until} from '../helpers/cli.ts';
import {Invocation, Violation, digestsOf, limitMs, startedNodes, type Digests, type Ended} from './invocation.ts';
import type {Random} from './random.ts';
import {leftovers, storeProblems} from './store-problems.ts';

/** A run in an empty cache that nothing disturbed. */
export type CleanRun = {
	readonly digests: Digests;
	readonly durationMs: number;
	/** The report it wrote. */
	readonly report: string;
	/** How many lines it printed. */
	readonly lines: number;
	/** What it left. */
	readonly cache: string;
};

/** The pipeline that faults happen to, and what it computes when none does. */
export type World = {
	/** A copy of the fixture. */
	readonly folder: string;
	/** Where caches are made. */
	readonly caches: string;
	/** What a run in an empty cache gives; by the params that are set. */
	readonly clean: (set: readonly string[]) => Promise<CleanRun>;
};

/** Marks the processes of a round, those included whose parent is gone. */
const roundVariable = 'FAULTS_ROUND';

export const hasProc = existsSync('/proc/self/environ');

/** One fault and what follows, in a cache of its own. */
export class Round {
	readonly world: World;
	readonly random: Random;
	/** The cache of this round; a fault may put it elsewhere. */
	cache: string;
	readonly #name: string;
	/** Beside the cache, which may become read-only. */
	readonly #reports: string;
	readonly #invocations: Invocation[] = [];
	/** Nodes that an invocation reported as computed, and that no fault destroyed since. */
	readonly #published = new Set<string>();

	constructor(world: World, random: Random, name: string) {
		this.world = world;
		this.random = random;
		this.#name = `${process.pid}-${name}`;
		this.cache = path.join(world.caches, this.#name);
		this.#reports = `${this.cache}.reports`;
	}

	/** Starts the command line on this round's cache. */
	start(args: readonly string[] = ['run', '--json'], {env, ...options}: Options = {}): Invocation {
		const invocation = new Invocation(this.world.folder, [...args, '--cache', this.cache, ...(args[0] === 'run' ? ['--reports', this.#reports] : [])], {...options, env: {[roundVariable]: this.#name, ...env}});
		this.#invocations.push(invocation);
		return invocation;
	}

	/** Runs the command line to its end, and remembers what it published. */
	async run(args?: readonly string[]): Promise<Ended> {
		return this.finish(this.start(args));
	}

	/** Waits for an invocation's end, and remembers what it published. */
	async finish(invocation: Invocation): Promise<Ended> {
		const ended = await invocation.ended();
		for (const node of Object.keys(digestsOf(ended, ['ran']))) {
			this.#published.add(node);
		}

		return ended;
	}

	/** What the latest run has reported. */
	report(): string {
		return readFileSync(path.join(this.#reports, 'sums.json'), 'utf8');
	}

	/** Fills the cache as a whole run does. */
	async fill(): Promise<void> {
		const {cache, digests} = await this.world.clean([]);
		cpSync(cache, this.cache, {recursive: true});
		for (const node of Object.keys(digests)) {
			this.#published.add(node);
		}
	}

	/** Waits for a random instant of a run: so many milliseconds after its start, or right after an event. */
	async instant(invocation: Invocation): Promise<string> {
		const {durationMs, lines} = await this.world.clean([]);
		if (this.random.chance(0.5)) {
			const ms = this.random.integer(0, Math.ceil(durationMs * 1.1));
			await invocation.untilMs(ms);
			return `after ${ms} ms`;
		}

		const line = this.random.integer(1, lines);
		await invocation.untilLines(line);
		return `at event ${line}`;
	}

	/** Waits for a random instant at which it has a worker, unless it ends before. */
	async busyInstant(invocation: Invocation): Promise<string> {
		const when = await this.instant(invocation);
		await until(() => invocation.hasEnded || invocation.workers().length > 0, 'a worker runs', limitMs);
		return when;
	}

	/** Whether every node was published and nothing was destroyed. */
	async isComplete(): Promise<boolean> {
		return this.#published.size === Object.keys((await this.world.clean([])).digests).length;
	}

	/** Forgets what was published, for faults that destroy it. */
	forget(): void {
		this.#published.clear();
	}

	/** Waits until every process of this round is gone. */
	async quiet(): Promise<void> {
		try {
			await until(() => this.#processes().length === 0, 'every process of the round is gone', limitMs);
		} catch {
			throw new Violation(`processes ${this.#processes().join(', ')} live on`);
		}
	}

	/** The next run must be right, lose nothing that was published, and leave a sound cache behind. */
	async settle({set = [], damaged}: {readonly set?: readonly string[]; readonly damaged?: ReadonlySet<string>} = {}): Promise<void> {
		const published = new Set(this.#published);
		const next = await this.run(['run', '--json', ...set.flatMap(value => ['--set', value])]);
		await this.expectRight(next, set);
		const again = startedNodes(next).filter(node => published.has(node));
		this.expect(again.length === 0, `nothing that was published runs again, but ${again.join(', ')} did`);
		await this.quiet();
		if (leftovers(this.cache).length > 0) {
			// Written by an orphan that ended after the sweep of that run.
			await this.expectRight(await this.run(['run', '--json', ...set.flatMap(value => ['--set', value])]), set);
		}

		this.expect(leftovers(this.cache).length === 0, `nothing is left behind, but ${leftovers(this.cache).join(', ')} is`);
		const problems = storeProblems(this.cache, damaged);
		this.expect(problems.length === 0, `the cache is sound, but ${problems.join('; ')}`);
	}

	/** An undisturbed run succeeds and has the very outputs of a run in an empty cache. */
	async expectRight(ended: Ended, set: readonly string[] = []): Promise<void> {
		this.expect(ended.exitCode === 0, `a run succeeds, but it ended with ${ended.signal ?? `exit code ${ended.exitCode}`}`);
		const {digests} = await this.world.clean(set);
		this.expect(isDeepStrictEqual(digestsOf(ended), digests), 'all outputs are those of a clean run');
		await this.#expectReport(set);
	}

	/** A run without --json, which may remember that there is nothing to do: it is right, or says in words what is wrong. */
	async runPlainly(set: readonly string[] = []): Promise<void> {
		const ended = await this.run(['run', ...set.flatMap(value => ['--set', value])]);
		await this.expectNothingWrong(ended, set);
		if (ended.exitCode === 0) {
			await this.#expectReport(set);
		} else {
			this.expect(ended.exitCode === 2 && ended.stderr.startsWith('error '), `an error is told with exit code 2, but it ended with ${ended.signal ?? ended.exitCode}`);
		}
	}

	/** What finished must be right, even in a run that was broken off. */
	async expectNothingWrong(ended: Ended, set: readonly string[] = []): Promise<void> {
		const {digests} = await this.world.clean(set);
		const wrong = Object.entries(digestsOf(ended)).filter(([node, found]) => !isDeepStrictEqual(found, digests[node])).map(([node]) => node);
		this.expect(wrong.length === 0, `no result is wrong, but ${wrong.join(', ')} differ from a clean run`);
		this.expect(!/^\s+at .*:\d+:\d+\)?$/m.test(ended.stderr), 'no stack trace is printed');
	}

	expect(isSo: boolean, what: string): void {
		if (!isSo) {
			throw new Violation(`expected that ${what}`);
		}
	}

	/** What all invocations of the round said. */
	describe(): string {
		return this.#invocations.map(invocation => invocation.describe().trimEnd()).join('\n');
	}

	/** Ends whatever still runs, and removes the cache. */
	async end(): Promise<void> {
		const ends = this.#invocations.map(async invocation => invocation.ended());
		for (const pid of this.#processes()) {
			Invocation.killProcess(pid, 'SIGKILL');
		}

		await Promise.allSettled(ends);
		for (const folder of [this.cache, `${this.cache}.damaged`, this.#reports]) {
			rmSync(folder, {recursive: true, force: true});
		}
	}

	async #expectReport(set: readonly string[]): Promise<void> {
		const {report} = await this.world.clean(set);
		this.expect(this.report() === report, 'the report is that of a clean run');
	}

	#processes(): readonly number[] {
		return hasProc ? readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number).filter(pid => isMarked(pid, this.#name) && isRunning(pid)) : [];
	}
}

function isMarked(pid: number, name: string): boolean {
	try {
		return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${roundVariable}=${name}`);
	} catch {
		// Gone in the meantime, or somebody else's.
		return false;
	}
}
