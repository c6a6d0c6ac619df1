import {execFileSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import {hostname} from 'node:os';
import process from 'node:process';
import {setTimeout} from 'node:timers/promises';
import {BoundedLog} from './bounded-log.ts';
import type {LoadedPipeline} from './code.ts';
import type {Digest, Fingerprint} from './digest.ts';
import type {Listener, Outcome} from './event.ts';
import type {Ingredients} from './fingerprint.ts';
import {inputsOf, type InputRef, type Node} from './graph.ts';
import type {NodeState, Planner} from './plan.ts';
import type {ArtifactSource, InputSource, Job, PlainError} from './protocol.ts';
import type {Result, Store} from './store.ts';
import type {WorkerPool} from './worker-pool.ts';

export type RunOptions = {
	readonly loaded: LoadedPipeline;
	readonly store: Store;
	readonly planner: Planner;
	readonly pool: WorkerPool;
	/** How many nodes run at a time. */
	readonly jobs: number;
	/** Whether the node's backend tolerates no neighbour. */
	readonly isExclusive: (node: Node) => boolean;
	/** Name of the backend the node computes with. */
	readonly backendOf: (node: Node) => string | null;
	readonly listener: Listener;
	/** Aborted by the first Ctrl-C. */
	readonly signal: AbortSignal;
};

/** How often leases are renewed. */
const renewEveryMs = 5000;

/** How often a node that another process computes is looked up. */
const pollEveryMs = 250;

/** For the order of nodes that never ran. */
const unknownDurationMs = 1000;

type Stale = Extract<NodeState, {state: 'stale'}>;

/**
 * Brings nodes up to date: whatever is fresh is reused, the rest runs in workers, inputs before dependents, independent nodes at the
 * same time. A node that fails stops only what depends on it.
 */
export async function runNodes(nodes: readonly Node[], options: RunOptions): Promise<ReadonlyMap<Node, Outcome>> {
	return new Scheduler(nodes, options).run();
}

class Scheduler {
	readonly #options: RunOptions;
	readonly #pending: Set<Node>;
	readonly #results = new Map<Node, Result>();
	readonly #outcomes = new Map<Node, Outcome>();
	readonly #running = new Map<Node, {readonly fingerprint: Fingerprint; readonly promise: Promise<void>}>();
	readonly #elsewhere = new Set<Node>();
	/** Node and digest: a node that finds the same object damaged twice fails. */
	readonly #healed = new Set<string>();
	#commit: string | null | undefined;
	#renewalError: Error | undefined;

	constructor(nodes: readonly Node[], options: RunOptions) {
		this.#options = options;
		this.#pending = new Set(byUrgency(nodes, options.store));
	}

	async run(): Promise<ReadonlyMap<Node, Outcome>> {
		const {pool} = this.#options;
		const renewal = setInterval(() => {
			this.#renewLeases();
		}, renewEveryMs);
		try {
			while (this.#pending.size > 0 || this.#running.size > 0) {
				if (this.#renewalError !== undefined) {
					throw this.#renewalError;
				}

				if (this.#advance()) {
					continue;
				}

				if (this.#running.size === 0 && this.#elsewhere.size === 0) {
					throw new Error(`Internal error: expected progress, but ${this.#pending.size} nodes wait for nothing`);
				}

				await this.#wait();
			}
		} catch (error) {
			// The cache cannot be used any more: nothing may go on behind the caller's back.
			pool.kill();
			await Promise.allSettled([...this.#running.values()].map(async ({promise}) => promise));
			throw error;
		} finally {
			clearInterval(renewal);
		}

		return this.#outcomes;
	}

	#renewLeases(): void {
		try {
			this.#options.store.renewLeases(Date.now());
		} catch (error) {
			this.#renewalError = error as Error;
		}
	}

	/** Decides what can be decided now. @returns whether anything was. */
	#advance(): boolean {
		let hasAdvanced = false;
		for (const node of this.#pending) {
			const outcome = this.#decide(node);
			if (outcome === 'started') {
				this.#pending.delete(node);
				hasAdvanced = true;
			} else if (outcome) {
				this.#finish(node, outcome, 0);
				hasAdvanced = true;
			}
		}

		return hasAdvanced;
	}

	#decide(node: Node): Outcome | 'started' | undefined {
		const inputs = inputsOf(node);
		const broken = inputs.filter(input => this.#outcomes.has(input) && !this.#results.has(input));
		if (broken.length > 0) {
			const isCancelled = broken.every(input => this.#outcomes.get(input)?.outcome === 'cancelled');
			return isCancelled ? {outcome: 'cancelled'} : {outcome: 'skipped', because: broken};
		}

		if (inputs.some(input => !this.#results.has(input))) {
			return this.#options.signal.aborted && this.#running.size === 0 ? {outcome: 'cancelled'} : undefined;
		}

		const state = this.#options.planner.stateOf(node, this.#results);
		if (state.state === 'fresh') {
			return {outcome: 'reused', result: state.result};
		}

		if (this.#options.signal.aborted) {
			return {outcome: 'cancelled'};
		}

		if (state.state !== 'stale' || !this.#hasRoomFor(node, state.fingerprint) || !this.#reserve(node, state.fingerprint)) {
			return undefined;
		}

		// Another process may have published between our look-up and the lease.
		const published = this.#options.store.find(state.fingerprint);
		if (published) {
			this.#options.store.release(state.fingerprint);
			return {outcome: 'reused', result: published};
		}

		return this.#start(node, state);
	}

	#hasRoomFor(node: Node, fingerprint: Fingerprint): boolean {
		const {jobs, isExclusive} = this.#options;
		const running = [...this.#running];
		return running.length < jobs
			&& !running.some(([, other]) => other.fingerprint === fingerprint)
			&& !(isExclusive(node) && running.some(([other]) => isExclusive(other)));
	}

	/** Makes sure that no other process computes the node. */
	#reserve(node: Node, fingerprint: Fingerprint): boolean {
		const holder = this.#options.store.lease(fingerprint, Date.now());
		if (holder && !this.#elsewhere.has(node)) {
			this.#options.listener({event: 'elsewhere', node, pid: holder.pid});
		}

		if (holder) {
			this.#elsewhere.add(node);
			return false;
		}

		this.#elsewhere.delete(node);
		return true;
	}

	#start(node: Node, state: Stale): 'started' {
		const {listener, store} = this.#options;
		listener({event: 'started', node, why: state.why, expectedMs: store.meanDurationMs(node.stage.name)});
		const startedMs = performance.now();
		const promise = (async () => {
			const outcome = await this.#compute(node, state);
			store.release(state.fingerprint);
			this.#running.delete(node);
			if (outcome) {
				this.#finish(node, outcome, performance.now() - startedMs);
			} else {
				this.#pending.add(node);
			}
		})();
		this.#running.set(node, {fingerprint: state.fingerprint, promise});
		return 'started';
	}

	/** @returns nothing when the node has to wait for a damaged input to be made again. */
	async #compute(node: Node, {fingerprint, ingredients}: Stale): Promise<Outcome | undefined> {
		const {store, pool, listener, loaded, signal} = this.#options;
		const startedAt = new Date();
		const log = new BoundedLog();
		let folder: string | undefined;
		try {
			folder = store.makeTemporaryFolder(`${fingerprint}`);
			const reply = await pool.run(this.#jobOf(node, ingredients, folder), {
				onStep({done, total, unit, memoryBytes}) {
					listener({event: 'step', node, done, total, unit, memoryBytes});
				},
				onLine(line) {
					log.add(line);
					listener({event: 'line', node, line});
				},
			}, signal);
			switch (reply.type) {
				case 'failed': {
					if (reply.damaged && this.#heal(node, reply.damaged)) {
						return undefined;
					}

					return {outcome: 'failed', error: reply.error, log: log.toString()};
				}

				case 'done': {
					const provenance = {
						startedAt: startedAt.toISOString(),
						durationMs: Date.now() - startedAt.getTime(),
						peakMemoryBytes: reply.peakMemoryBytes,
						host: hostname(),
						node: process.version,
						commit: this.#currentCommit(),
						modules: loaded.codeOf(node.stage).modules,
						log: log.toString(),
					};
					store.publish({fingerprint, nodeName: node.name, ingredients, provenance}, reply.outputs);
					return {outcome: 'ran', result: store.find(fingerprint)!};
				}

				default: {
					return {outcome: 'cancelled'};
				}
			}
		} catch (error) {
			return {outcome: 'failed', error: plain(error), log: log.toString()};
		} finally {
			if (folder !== undefined) {
				rmSync(folder, {recursive: true, force: true});
			}
		}
	}

	#jobOf(node: Node, ingredients: Ingredients, folder: string): Job {
		return {
			stageFile: this.#options.loaded.codeOf(node.stage).file,
			inputs: Object.fromEntries(Object.entries(node.inputs).map(([name, input]) => [name, this.#sourceOf(input)])),
			backend: this.#options.backendOf(node),
			ingredients,
			folder,
		};
	}

	#sourceOf(input: InputRef): InputSource {
		switch (input.ref) {
			case 'artifact': {
				return {source: 'artifact', artifact: this.#locate(input)};
			}

			case 'each': {
				return {source: 'each', variants: Object.fromEntries(Object.entries(input.variants).map(([variant, ref]) => [variant, this.#locate(ref)]))};
			}

			case 'folder': {
				return {source: 'files', files: this.#options.planner.folder(input.path).files};
			}
		}
	}

	#locate({node, output}: {readonly node: Node; readonly output: string}): ArtifactSource {
		const {digest} = this.#results.get(node)!.outputs[output]!;
		return {digest, ...this.#options.store.locate(digest)};
	}

	/** Sets a damaged object aside and runs what made it again. @returns whether that is worth a try. */
	#heal(node: Node, digest: Digest): boolean {
		const key = `${node.id} ${digest}`;
		if (this.#healed.has(key)) {
			return false;
		}

		this.#healed.add(key);
		// Another node may have found it first, and it may even be made again already.
		if (this.#options.store.isIntact(digest)) {
			return true;
		}

		this.#options.store.setAside(digest);
		this.#options.listener({event: 'damaged', node, digest});
		for (const [maker, result] of this.#results) {
			if (Object.values(result.outputs).some(artifact => artifact.digest === digest)) {
				this.#results.delete(maker);
				this.#outcomes.delete(maker);
				this.#pending.add(maker);
			}
		}

		return true;
	}

	#finish(node: Node, outcome: Outcome, durationMs: number): void {
		this.#pending.delete(node);
		this.#elsewhere.delete(node);
		this.#outcomes.set(node, outcome);
		if (outcome.outcome === 'ran' || outcome.outcome === 'reused') {
			this.#results.set(node, outcome.result);
		}

		this.#options.listener({event: 'finished', node, outcome, durationMs});
	}

	async #wait(): Promise<void> {
		const promises = [...this.#running.values()].map(async ({promise}) => promise);
		const timer = new AbortController();
		const polled = this.#elsewhere.size > 0 ? [pause(pollEveryMs, timer.signal)] : [];
		await Promise.race([...promises, ...polled]);
		timer.abort();
	}

	#currentCommit(): string | null {
		if (this.#commit === undefined) {
			this.#commit = commitOf(this.#options.loaded.root);
		}

		return this.#commit;
	}
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
	try {
		await setTimeout(ms, undefined, {signal});
	} catch {
		// Something else ended the wait first.
	}
}

/** Nodes in the order in which they should start: the longest way to the end first, so that no core idles in the end. */
function byUrgency(nodes: readonly Node[], store: Store): readonly Node[] {
	const remainingMs = new Map<Node, number>(nodes.map(node => [node, 0]));
	for (const node of nodes.toReversed()) {
		const total = remainingMs.get(node)! + (store.meanDurationMs(node.stage.name) ?? unknownDurationMs);
		remainingMs.set(node, total);
		for (const input of inputsOf(node)) {
			remainingMs.set(input, Math.max(remainingMs.get(input) ?? 0, total));
		}
	}

	return nodes.toSorted((a, b) => remainingMs.get(b)! - remainingMs.get(a)!);
}

/** The commit the code is at, with `+` when files differ from it; `null` outside a repository. */
function commitOf(root: string): string | null {
	try {
		const git = (...args: string[]) => execFileSync('git', args, {cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}).trim();
		return git('rev-parse', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
	} catch {
		return null;
	}
}

function plain(error: unknown): PlainError {
	if (!(error instanceof Error)) {
		return {name: 'Error', message: String(error)};
	}

	const {code, hint, facts} = error as Error & Partial<PlainError>;
	return {name: error.name, message: error.message, stack: error.stack, code, hint, facts};
}
