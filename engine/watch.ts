import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {stampOf} from './bundle.cjs';
import type {Fingerprint} from './digest.ts';
import type {Outcome, RunEvent} from './event.ts';
import {FileWatch, type Changes} from './file-watch.ts';
import type {Node} from './graph.ts';
import {KeptBuilds} from './kept-builds.ts';
import {paramsFiles} from './params-file.ts';
import type {NodeState} from './plan.ts';
import {Project, type ProjectOptions, type Round} from './project.ts';
import type {PublishedReport} from './reports.ts';
import {TypeChecker, type TypeCheck} from './type-checker.ts';
import {Store} from './store.ts';
import {WorkerPool} from './worker-pool.ts';

export type WatchOptions = ProjectOptions & {
	/** As for `Project.find`. */
	readonly goals: readonly string[];
	readonly jobs: number;
	readonly reportsFolder: string;
	/** Compiled type checker; absent when types do not matter. */
	readonly checkerFile?: string | undefined;
	readonly listener: (event: WatchEvent) => void;
	/** Aborted by the first Ctrl-C. */
	readonly signal: AbortSignal;
};

/** A pipeline as it is now. */
export type Plan = {
	readonly project: Project;
	/** The goals and all they need. */
	readonly nodes: readonly Node[];
	readonly states: ReadonlyMap<Node, NodeState>;
};

/** What happens while a pipeline is watched. */
export type WatchEvent =
	/** The pipeline was loaded; what is stale starts at once, or when its types turn out to be right. */
	| {readonly event: 'planned'; readonly plan: Plan; readonly fileCount: number; readonly changed: readonly string[]; readonly durationMs: number; readonly awaitsTypes: boolean}
	/** The pipeline, its params or its inputs cannot be used; the last good pipeline goes on. */
	| {readonly event: 'broken'; readonly error: unknown; readonly changed: readonly string[]}
	| {readonly event: 'types'; readonly check: TypeCheck}
	/** What was planned starts; what ran before and is still wanted is started in it again. */
	| {readonly event: 'started'; readonly plan: Plan}
	| {readonly event: 'run'; readonly run: RunEvent}
	/** Every node that was started has ended. */
	| {readonly event: 'completed'; readonly plan: Plan; readonly outcomes: ReadonlyMap<Node, Outcome>; readonly reports: readonly PublishedReport[]; readonly durationMs: number};

/** A file that vanished may be about to be written again. */
const graceMs = 250;

/** Keeps goals up to date while their code, params and inputs are edited. */
export class Watcher {
	readonly #options: WatchOptions;
	/** The cache and the workers outlive every graph. */
	#store: Store | undefined;
	#pool: WorkerPool | undefined;
	#builds: KeptBuilds | undefined;
	#files: FileWatch | undefined;
	#checker: TypeChecker | undefined;
	#changes: Changes | undefined;
	/** What the last pipeline that could be loaded was made from. */
	#sources: readonly string[] = [];
	#dataFolders: readonly string[] = [];
	#dataFiles: readonly string[] = [];
	/** Counts changes, so that the verdict on an older state is known for one. */
	#generation = 0;
	/** Whether code changed since the types were last right. */
	#isUnchecked = false;
	/** What starts when its types are right. */
	#candidate: Plan | undefined;
	#verdict: {readonly generation: number; readonly check: TypeCheck} | undefined;
	#round: Round | undefined;
	/** Rounds that a later one took over from. */
	readonly #replaced = new WeakSet<Round>();
	/** What the last round ended with, by node; empty while one goes on. */
	#completed: ReadonlyMap<string, Fingerprint> = new Map();
	readonly #rounds: Array<Promise<void>> = [];
	#fatal: {readonly error: unknown} | undefined;
	#wake: () => void = () => undefined;

	constructor(options: WatchOptions) {
		this.#options = options;
	}

	/** Watches until the signal is aborted. @throws {UserError} when the cache cannot be used (any more). */
	async run(): Promise<void> {
		const {signal, pipelineFile, cacheFolder, reportsFolder, workerFile, checkerFile} = this.#options;
		const wake = () => {
			this.#wake();
		};

		signal.addEventListener('abort', wake);
		using store = new Store(cacheFolder);
		this.#store = store;
		await using pool = new WorkerPool(workerFile, {yields: true});
		this.#pool = pool;
		await using builds = new KeptBuilds();
		this.#builds = builds;
		await using checker = checkerFile === undefined ? undefined : await TypeChecker.start(pipelineFile, checkerFile);
		this.#checker = checker;
		await using files = await FileWatch.start({
			root: path.dirname(pipelineFile),
			ignored: [cacheFolder, reportsFolder],
			onChange: changes => {
				this.#note(changes);
			},
		});
		this.#files = files;
		try {
			await this.#watch();
		} finally {
			signal.removeEventListener('abort', wake);
			await Promise.all(this.#rounds);
		}

		if (this.#fatal) {
			throw this.#fatal.error;
		}
	}

	/** Ends every worker at once. */
	kill(): void {
		this.#pool?.kill();
	}

	async #watch(): Promise<void> {
		const {signal} = this.#options;
		this.#note({files: [], sinceMs: performance.now()});
		while (!signal.aborted && !this.#fatal) {
			if (this.#changes) {
				await this.#replan(this.#changes);
			} else if (this.#verdict) {
				await this.#hear(this.#verdict);
			} else {
				await new Promise<void>(resolve => {
					this.#wake = resolve;
				});
			}
		}
	}

	#note({files, sinceMs}: Changes): void {
		const earlier = this.#changes;
		this.#changes = earlier ? {files: [...new Set([...earlier.files, ...files])], sinceMs: earlier.sinceMs} : {files, sinceMs};
		this.#wake();
	}

	async #replan({files: changed, sinceMs}: Changes): Promise<void> {
		this.#changes = undefined;
		this.#candidate = undefined;
		this.#generation += 1;
		this.#isUnchecked ||= changed.some(file => !this.#isData(file));
		const plan = await this.#plan(changed);
		// A later change makes it pointless to start this one.
		if (!plan || this.#changes) {
			return;
		}

		const isFirst = this.#round === undefined;
		const mustCheck = this.#checker !== undefined && (isFirst || this.#isUnchecked);
		const awaitsTypes = mustCheck && !isFirst;
		this.#options.listener({event: 'planned', plan, fileCount: this.#sources.length, changed, durationMs: performance.now() - sinceMs, awaitsTypes});
		if (mustCheck) {
			void this.#check();
		}

		if (this.#isDone(plan)) {
			return;
		}

		if (awaitsTypes) {
			this.#candidate = plan;
		} else {
			await this.#start(plan);
		}
	}

	/** Whether the last round ended with the very results that are wanted: a comment was edited, or a file saved as it was. */
	#isDone({states}: Plan): boolean {
		return states.size === this.#completed.size && [...states].every(([{name}, state]) => state.state === 'fresh' && this.#completed.get(name) === state.result.fingerprint);
	}

	/** Loads the pipeline and looks up what is fresh; says what is wrong where that fails. */
	async #plan(changed: readonly string[]): Promise<Plan | undefined> {
		const {goals} = this.#options;
		try {
			const project = await this.#load();
			const nodes = project.needed(project.find(goals));
			this.#dataFolders = [...new Set(nodes.flatMap(node => Object.values(node.inputs)).flatMap(input => (input.ref === 'folder' ? [input.path] : [])))];
			this.#dataFiles = [...new Set(nodes.flatMap(node => Object.values(node.inputs)).flatMap(input => (input.ref === 'file' ? [input.path] : [])))];
			this.#follow(project.loaded.files, false);
			return {project, nodes, states: await project.plan(nodes)};
		} catch (error) {
			this.#follow(this.#sources, true);
			this.#options.listener({event: 'broken', error, changed});
			return undefined;
		}
	}

	async #load(): Promise<Project> {
		try {
			return await Project.open({...this.#options, store: this.#store!, pool: this.#pool!, builds: this.#builds!});
		} catch (error) {
			if (![...this.#sources, this.#options.paramsFile].some(file => stampOf(file) === 'missing')) {
				throw error;
			}

			await setTimeout(graceMs);
			return Project.open({...this.#options, store: this.#store!, pool: this.#pool!, builds: this.#builds!});
		}
	}

	#follow(sources: readonly string[], isEverySource: boolean): void {
		this.#sources = sources;
		this.#files!.follow({files: [this.#options.pipelineFile, ...sources, ...paramsFiles(this.#options.paramsFile), ...this.#dataFiles], folders: this.#dataFolders, isEverySource});
	}

	/** Whether a file says nothing about types. */
	#isData(file: string): boolean {
		return [...paramsFiles(this.#options.paramsFile), ...this.#dataFiles].includes(file) || this.#dataFolders.some(folder => file === folder || file.startsWith(`${folder}${path.sep}`));
	}

	async #check(): Promise<void> {
		const generation = this.#generation;
		this.#verdict = {generation, check: await this.#checker!.check()};
		this.#wake();
	}

	/** Starts what was planned when its types are right. */
	async #hear({generation, check}: {readonly generation: number; readonly check: TypeCheck}): Promise<void> {
		this.#verdict = undefined;
		if (generation !== this.#generation) {
			return;
		}

		const candidate = this.#candidate;
		this.#candidate = undefined;
		this.#options.listener({event: 'types', check});
		this.#isUnchecked = check.check === 'wrong';
		if (candidate && check.check !== 'wrong') {
			await this.#start(candidate);
		}
	}

	/** Runs a plan; what is being computed goes on where the plan wants it, and is cancelled where it does not. */
	async #start(plan: Plan): Promise<void> {
		const {jobs, signal, listener, goals} = this.#options;
		const earlier = this.#round;
		const startedMs = performance.now();
		const begin = () => {
			listener({event: 'started', plan});
			this.#completed = new Map();
		};

		if (!earlier) {
			begin();
		}

		try {
			const round = await plan.project.begin({
				nodes: plan.nodes,
				jobs,
				signal,
				command: ['watch', ...goals].join(' '),
				listener(run) {
					listener({event: 'run', run});
				},
				...(earlier && {adopt: () => {
					begin();
					this.#replaced.add(earlier);
					return earlier.handOver();
				}}),
			});
			this.#round = round;
			this.#rounds.push(this.#finish(round, plan, startedMs));
		} catch (error) {
			listener({event: 'broken', error, changed: []});
		}
	}

	async #finish(round: Round, plan: Plan, startedMs: number): Promise<void> {
		const {listener, reportsFolder} = this.#options;
		try {
			const outcomes = await round.outcomes;
			if (!this.#replaced.has(round)) {
				this.#completed = new Map([...outcomes].flatMap(([{name}, outcome]) => ('result' in outcome ? [[name, outcome.result.fingerprint] as const] : [])));
				listener({event: 'completed', plan, outcomes, reports: this.#publish(plan, outcomes, reportsFolder), durationMs: performance.now() - startedMs});
			}
		} catch (error) {
			this.#fatal ??= {error};
			this.#wake();
		}
	}

	/** A reports folder that cannot be written is no reason to stop. */
	#publish({project}: Plan, outcomes: ReadonlyMap<Node, Outcome>, folder: string): readonly PublishedReport[] {
		try {
			return project.publish(outcomes, folder);
		} catch (error) {
			this.#options.listener({event: 'broken', error, changed: []});
			return [];
		}
	}
}
