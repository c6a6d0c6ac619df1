import {existsSync} from 'node:fs';
import {hostname} from 'node:os';
import path from 'node:path';
import {chooseBackend, type ChosenBackend} from './backend.ts';
import {sweepCheckpoints} from './checkpoint.ts';
import {defaultCheckpointAfterMs} from './checkpointer.ts';
import {cacheFolder, loadPipeline, type LoadedPipeline} from './code.ts';
import {CodeHistory} from './code-history.ts';
import {commitOf} from './commit.ts';
import {UserError} from './error.ts';
import type {Listener, Outcome} from './event.ts';
import {explain, type Explanation} from './explain.ts';
import type {Ingredients} from './fingerprint.ts';
import {allGoals, allReports, buildGraph, delivered, inputsOf, neededFor, type Graph, type Node} from './graph.ts';
import type {DigestedFolder} from './files.ts';
import type {Forecast} from './forecast.ts';
import type {KeptBuilds} from './kept-builds.ts';
import {KnownResults} from './known-results.ts';
import {loadVariants, type Variant} from './params.ts';
import {similarName} from './suggestion.ts';
import {planSweep, type Sweep, type SweepRequest} from './sweep.ts';
import type {Speed} from './pipeline.ts';
import {Planner, type NodeState} from './plan.ts';
import type {Recomputation} from './recompute.ts';
import {publishReports, type PublishedReport} from './reports.ts';
import type {Computation} from './computation.ts';
import {Scheduler} from './run.ts';
import {RunRecorder} from './run-recorder.ts';
import {SharedAccess} from './shared/access.ts';
import type {SharedLocation} from './shared/location.ts';
import type {PullOptions, PullReport} from './shared/pull.ts';
import type {AnyStage} from './stage.ts';
import {Store} from './store.ts';
import {validParamsFile} from './valid-params.ts';
import {WorkerPool} from './worker-pool.ts';

/** What identifies an experiment on this machine. Paths are absolute. */
export type ProjectOptions = {
	readonly pipelineFile: string;
	readonly paramsFile: string;
	/** `--set` overrides: key path and value. */
	readonly overrides?: ReadonlyArray<readonly [path: string, value: unknown]>;
	readonly cacheFolder: string;
	/** Compiled worker. */
	readonly workerFile: string;
	/** Name of a backend, or absent for the best one that works. */
	readonly backend?: string | undefined;
	/** The cache, where it is open already; the project closes it. */
	readonly store?: Store;
	/** Workers, where they outlive the graph; the project ends them. */
	readonly pool?: WorkerPool;
	/** For a pipeline that is opened whenever it changes; whoever made them ends them. */
	readonly builds?: KeptBuilds;
	/** Milliseconds a node computes before its first checkpoint, and at least between two; 5 seconds when absent. */
	readonly checkpointAfterMs?: number | undefined;
	/** A cache behind the local one that other machines use too. */
	readonly shared?: SharedLocation | undefined;
	/** A sweep, whose points take the place of the variants. */
	readonly sweep?: SweepRequest | undefined;
	/** Folders that were hashed just now. */
	readonly folders?: ReadonlyMap<string, DigestedFolder> | undefined;
};

export type RunProjectOptions = {
	readonly nodes: readonly Node[];
	readonly jobs: number;
	readonly listener: Listener;
	readonly signal: AbortSignal;
	/** For the record of the run. */
	readonly command: string;
	/** Gives what a run of an earlier graph, with the same cache and workers, was computing; called when this run is ready to go on with it. */
	readonly adopt?: () => readonly Computation[];
};

/** What nodes would cost, and what it was told by. */
export type ForecastReport = {
	/** Inputs first. */
	readonly forecasts: readonly Forecast[];
	/** Absent when nothing would run, or the pipeline does not measure. */
	readonly speed: Speed | undefined;
	/** Absent when no node needs one. */
	readonly backend: ChosenBackend | undefined;
};

/** A run that goes on. */
export type Round = {
	readonly outcomes: Promise<ReadonlyMap<Node, Outcome>>;
	/** As in `Scheduler`. */
	readonly handOver: () => readonly Computation[];
};

/** A pipeline with its params, its cache and the means to run it. */
export class Project implements AsyncDisposable {
	readonly loaded: LoadedPipeline;
	readonly variants: readonly Variant[];
	graph: Graph;
	readonly store: Store;
	readonly options: ProjectOptions;
	/** What the latest plan went by besides code and params; absent before there is one. */
	basis: {readonly removals: number; readonly planner: Planner} | undefined;
	readonly #pool: WorkerPool;
	readonly #wish: string | undefined;
	readonly #checkpointAfterMs: number;
	readonly #shared: SharedLocation | undefined;
	readonly #sweep: Sweep | undefined;
	#backend: ChosenBackend | undefined;

	private constructor(loaded: LoadedPipeline, {variants, sweep}: {readonly variants: readonly Variant[]; readonly sweep: Sweep | undefined}, options: ProjectOptions) {
		const {cacheFolder, workerFile, backend, store, pool, shared, checkpointAfterMs = defaultCheckpointAfterMs} = options;
		this.options = options;
		this.loaded = loaded;
		this.variants = variants;
		this.#sweep = sweep;
		this.graph = buildGraph(loaded.pipeline, variants, loaded.root, sweep && {paths: sweep.paths, failed: []});
		this.store = store ?? new Store(cacheFolder);
		this.#pool = pool ?? new WorkerPool(workerFile);
		this.#wish = backend;
		this.#checkpointAfterMs = checkpointAfterMs;
		this.#shared = shared;
	}

	/** @throws {UserError} for everything that is wrong with the pipeline, its params or its cache. */
	static async open(options: ProjectOptions): Promise<Project> {
		const loaded = await loadPipeline(options.pipelineFile, options.builds);
		const valid = validParamsFile(path.join(cacheFolder(loaded.root), 'valid-params.txt'));
		const source = {file: options.paramsFile, overrides: options.overrides ?? []};
		const sweep = options.sweep && planSweep(loaded.pipeline.params, source, options.sweep);
		const variants = loadVariants(loaded.pipeline.params, {...source, points: sweep?.points}, valid);
		return new Project(loaded, {variants, sweep}, options);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#pool[Symbol.asyncDispose]();
		this.store.close();
	}

	/** Key paths of the params that are swept; none outside a sweep. */
	get sweptPaths(): readonly string[] {
		return this.#sweep?.paths ?? [];
	}

	/** Wires the analysis of a sweep again without points that failed. The nodes of the others keep their fingerprints. */
	leaveOut(names: ReadonlySet<string>): void {
		const failed = this.variants.filter(({name}) => names.has(name));
		const others = this.variants.filter(({name}) => !names.has(name));
		this.graph = buildGraph(this.loaded.pipeline, others, this.loaded.root, {paths: this.sweptPaths, failed});
	}

	/** The backend that was chosen; absent before `plan`, and when no node needs one. */
	get backend(): ChosenBackend | undefined {
		return this.#backend;
	}

	/**
	 * The nodes that names stand for: a goal, deliverables on request, a stage, a node, or a node and a variant as in `optimization@positive`. No name: all goals,
	 * and of those on request what the params ask for.
	 * @throws {UserError} `goal-unknown` with the nearest name
	 */
	find(names: readonly string[]): readonly Node[] {
		const {nodes} = this.graph;
		const goals = allGoals(this.graph);
		if (names.length === 0) {
			const {goals: more = []} = this.variants[0]!.source as {readonly goals?: readonly string[]};
			// The graph of a sweep has goals of its own.
			return [...new Set([...delivered(this.graph)!, ...(this.#sweep ? [] : more.flatMap(name => this.find([name])))])];
		}

		return [...new Set(names.flatMap(name => {
			const [stage, variant] = name.split('@');
			const found = nodes.filter(node => node.name === name || node.name.split(/[@#]/)[0] === name || node.stage.name === name
				|| (variant !== undefined && node.variants.has(variant) && (node.stage.name === stage || node.name.split(/[@#]/)[0] === stage)));
			const goal = goals[name]?.node;
			const onRequest = delivered(this.graph, name);
			if (onRequest) {
				return onRequest;
			}

			if (found.length === 0 && !goal) {
				throw unknownGoal(name, [...Object.keys(goals), ...Object.keys(this.graph.onRequest ?? {}), ...nodes.map(node => node.name.split(/[@#]/)[0]!)]);
			}

			return goal ? [goal] : found;
		}))];
	}

	/** Goals and all they need, inputs first. */
	needed(goals: readonly Node[]): readonly Node[] {
		return neededFor(this.graph, goals);
	}

	/** What is fresh and what is stale. Chooses the backend and hashes input folders first. */
	async plan(nodes: readonly Node[]): Promise<ReadonlyMap<Node, NodeState>> {
		const planner = await this.#planner(nodes);
		return planner.plan(nodes);
	}

	/**
	 * What nodes would cost, before anything runs. Folders and files that they read may be missing: then the nodes that depend on them count as those that run.
	 * @param options.all whether to tell of all nodes as if there were no results
	 */
	async forecast(nodes: readonly Node[], {all, signal}: {readonly all: boolean; readonly signal: AbortSignal}): Promise<ForecastReport> {
		const [{forecast}, {measureSpeed}] = await Promise.all([import('./forecast.ts'), import('./speed.ts')]);
		const known = withoutMissing(nodes);
		const measuring = this.loaded.pipeline.speed as AnyStage | undefined;
		// What measures may need a backend though no node does.
		const planner = await this.#planner(known, [...nodes, ...(measuring ? [{stage: measuring}] : [])]);
		const results = new Map([...planner.plan(known)].flatMap(([node, state]) => (state.state === 'fresh' ? [[node, state.result] as const] : [])));
		const mayRun = all || nodes.some(node => !results.has(node));
		const speed = mayRun ? await measureSpeed({loaded: this.loaded, store: this.store, pool: this.#pool, backend: this.#backend, signal}) : undefined;
		const forecasts = forecast(nodes, {store: this.store, results, all, speed, backendOf: node => (node.stage.runtime ? `${this.#backend!.name} ${this.#backend!.version}` : null), host: hostname()});
		return {forecasts, speed, backend: this.#backend};
	}

	/** Compares a stale node with the nearest earlier result of its stage; nothing when there is none. */
	explain(node: Node, ingredients: Ingredients): Explanation | undefined {
		return explain(node, ingredients, {store: this.store, history: new CodeHistory(this.store), code: this.loaded.codeOf(node.stage)});
	}

	/** Brings nodes up to date. */
	async run(options: RunProjectOptions): Promise<ReadonlyMap<Node, Outcome>> {
		const {outcomes} = await this.begin(options);
		return outcomes;
	}

	/** Begins to bring nodes up to date. */
	async begin({nodes, jobs, listener, signal, command, adopt}: RunProjectOptions): Promise<Round> {
		const planner = await this.#planner(nodes);
		if (!adopt && !this.store.isReadOnly) {
			// Otherwise what this process left there is in use.
			this.store.sweep();
			sweepCheckpoints(this.store);
		}

		const record = new RunRecorder(this.store.runs, nodes, {command, params: Object.fromEntries(this.variants.map(({name, params}) => [name, params]))});
		const shared = this.#shared && new SharedAccess(this.#shared, {store: this.store, signal, listener});
		let commit: Promise<string | null> | undefined;
		const scheduler = new Scheduler(nodes, {
			loaded: this.loaded,
			store: this.store,
			planner,
			pool: this.#pool,
			jobs,
			checkpointAfterMs: this.#checkpointAfterMs,
			listener: event => {
				record.note(event);
				listener(event);
				if (event.event === 'finished' && event.outcome.outcome === 'ran') {
					planner.history.remember(this.loaded.codeOf(event.node.stage));
				}
			},
			signal,
			isExclusive: node => Boolean(node.stage.runtime && this.#backend?.exclusive),
			backendOf: node => (node.stage.runtime ? this.#backend!.name : null),
			commit: async () => {
				commit ??= commitOf(this.loaded.root);
				return commit;
			},
			shared,
			adopted: adopt?.() ?? [],
		});
		let handedOver: readonly Computation[] = [];
		return {
			outcomes: ending(scheduler.run(), {record, planner, shared, handedOver: () => handedOver}),
			handOver() {
				handedOver = scheduler.handOver();
				return handedOver;
			},
		};
	}

	/** Brings what the shared cache has of stale nodes into the local one. Nothing runs. */
	async pull(nodes: readonly Node[], location: SharedLocation, options: PullOptions): Promise<PullReport> {
		const planner = await this.#planner(nodes);
		const {pullNodes} = await import('./shared/pull.ts');
		return pullNodes(nodes, {planner, store: this.store, location, ...options});
	}

	/**
	 * Computes fresh nodes once more, one after the other, and compares the bytes; the cache stays as it is.
	 * @throws {UserError} `node-stale` when one has no result
	 */
	async * recompute(nodes: readonly Node[], signal: AbortSignal): AsyncIterable<Recomputation> {
		const {recompute} = await import('./recompute.ts');
		const needed = this.needed(nodes);
		const planner = await this.#planner(needed);
		const states = planner.plan(needed);
		const results = new Map([...states].flatMap(([node, state]) => (state.state === 'fresh' ? [[node, state.result] as const] : [])));
		const stale = nodes.filter(node => !results.has(node));
		if (stale.length > 0) {
			throw new UserError('node-stale', `There is no up-to-date result of ${stale.map(({name}) => name).join(', ')} to compare with`, {hint: `Run it first: pipeline run ${stale.map(({name}) => name).join(' ')}`});
		}

		const tools = {loaded: this.loaded, store: this.store, planner, pool: this.#pool, backendOf: (node: Node) => (node.stage.runtime ? this.#backend!.name : null)};
		for (const node of nodes) {
			yield await recompute(node, results, tools, signal);
		}
	}

	/** Copies the reports whose nodes have a result to a folder. */
	publish(outcomes: ReadonlyMap<Node, Outcome>, folder: string): readonly PublishedReport[] {
		return publishReports(allReports(this.graph), outcomes, this.store, folder);
	}

	/** Ends every worker at once. */
	kill(): void {
		this.#pool.kill();
	}

	/** @param all nodes that the backend is chosen for, where not only those that are planned */
	async #planner(nodes: readonly Node[], all: ReadonlyArray<Pick<Node, 'stage'>> = nodes): Promise<Planner> {
		this.#backend = await chooseBackend(all, this.#wish, {loaded: this.loaded, store: this.store, pool: this.#pool});
		const backend = this.#backend && `${this.#backend.name} ${this.#backend.version}`;
		const {folders, pipelineFile, paramsFile, sweep} = this.options;
		const removals = this.store.removals();
		const planner = new Planner(this.loaded, this.store, {
			backendOf: node => (node.stage.runtime ? backend! : null),
			known: new KnownResults(this.store, JSON.stringify([pipelineFile, paramsFile, sweep !== undefined]), removals),
			folders,
		});
		planner.scanFiles(nodes);
		this.basis = {removals, planner};
		return planner;
	}
}

/** Nodes that depend on no folder or file that is missing. */
function withoutMissing(nodes: readonly Node[]): readonly Node[] {
	const missing = new Set<Node>();
	for (const node of nodes) {
		const isMissing = Object.values(node.inputs).some(input => (input.ref === 'folder' || input.ref === 'file') && !existsSync(input.path));
		if (isMissing || inputsOf(node).some(input => missing.has(input))) {
			missing.add(node);
		}
	}

	return nodes.filter(node => !missing.has(node));
}

/** What has to happen when a run has ended; its access to the shared cache is needed while a computation goes on, even in a later run. */
async function ending(run: Promise<ReadonlyMap<Node, Outcome>>, {record, planner, shared, handedOver}: {readonly record: RunRecorder; readonly planner: Planner; readonly shared: SharedAccess | undefined; readonly handedOver: () => readonly Computation[]}): Promise<ReadonlyMap<Node, Outcome>> {
	await using access = shared;
	let outcomes: ReadonlyMap<Node, Outcome>;
	try {
		outcomes = await run;
		planner.known.save([...outcomes].flatMap(([node, outcome]) => ('result' in outcome ? [[planner.lineageOf(node), outcome.result] as const] : [])));
	} finally {
		record.finish();
	}

	await Promise.all(handedOver().map(async computation => computation.ended));
	await access?.finish();
	return outcomes;
}

function unknownGoal(name: string, known: readonly string[]): UserError {
	const unique = [...new Set(known)];
	const similar = similarName(name, unique);
	return new UserError('goal-unknown', `There is no goal, stage or node "${name}"`, {hint: `${similar === undefined ? '' : `Did you mean "${similar}"? `}All of them: ${unique.join(', ')}; NAME@VARIANT for one variant`});
}
