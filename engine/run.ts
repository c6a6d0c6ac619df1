import {Computation, type ComputationEnd, type ComputationTools, type Stale} from './computation.ts';
import type {Digest, Fingerprint} from './digest.ts';
import {databaseDamaged} from './disk-error.ts';
import type {Listener, Outcome} from './event.ts';
import {inputsOf, type Node} from './graph.ts';
import {renewEveryMs} from './leases.ts';
import {SortedQueue} from './sorted-queue.ts';
import type {Result, Store} from './store.ts';

export type RunOptions = ComputationTools & {
	/** How many nodes run at a time. */
	readonly jobs: number;
	/** Whether the node's backend tolerates no neighbour. */
	readonly isExclusive: (node: Node) => boolean;
	readonly listener: Listener;
	/** Aborted by the first Ctrl-C. */
	readonly signal: AbortSignal;
	/** What a scheduler of an earlier graph was computing; goes on where it is still wanted, and is cancelled where it is not. */
	readonly adopted?: readonly Computation[];
};

/** How often a node that another process computes is looked up. */
const pollEveryMs = 250;

/** For the order of nodes that never ran. */
const unknownDurationMs = 1000;

type Ready = {readonly node: Node; readonly state: Stale};

/**
 * Brings nodes up to date: whatever is fresh is reused, the rest runs in workers, inputs before dependents, independent nodes at the
 * same time. A node that fails stops only what depends on it.
 */
export class Scheduler {
	readonly #options: RunOptions;
	readonly #nodes: readonly Node[];
	readonly #dependents: ReadonlyMap<Node, readonly Node[]>;
	readonly #results = new Map<Node, Result>();
	readonly #outcomes = new Map<Node, Outcome>();
	/** For nodes without an outcome: how many of their inputs have no result. */
	readonly #blockers = new Map<Node, number>();
	/** Nodes whose inputs have results, and of which nothing else is known. */
	readonly #undecided: SortedQueue<Node>;
	/** Stale nodes that wait for room. */
	readonly #ready: SortedQueue<Ready>;
	/** Without a node: one that no node of this graph wants, and that has been told to stop. */
	readonly #running = new Map<Fingerprint, {readonly computation: Computation; node: Node | undefined}>();
	/** Nodes that wait for another one with the same fingerprint. */
	readonly #twins = new Map<Fingerprint, Node[]>();
	/** Nodes that another process computes; looked up again and again. */
	readonly #elsewhere = new Set<Node>();
	/** Nodes of which it was told that another process computes them. */
	readonly #announced = new Set<Node>();
	/** Node and digest: a node that finds the same object damaged twice fails. */
	readonly #healed = new Set<string>();
	readonly #ended: Array<{readonly computation: Computation; readonly end: ComputationEnd}> = [];
	#wake: () => void = () => undefined;
	#isHandedOver = false;
	#renewalError: Error | undefined;

	constructor(nodes: readonly Node[], options: RunOptions) {
		const urgency = remainingMs(nodes, options.store);
		this.#options = options;
		this.#nodes = nodes;
		this.#dependents = dependentsOf(nodes);
		this.#undecided = new SortedQueue(node => urgency.get(node)!);
		this.#ready = new SortedQueue(({node}) => urgency.get(node)!);
		for (const computation of options.adopted ?? []) {
			this.#running.set(computation.fingerprint, {computation, node: undefined});
			this.#watch(computation);
		}
	}

	async run(): Promise<ReadonlyMap<Node, Outcome>> {
		const {pool, signal} = this.#options;
		const renewal = setInterval(() => {
			this.#renewLeases();
		}, renewEveryMs);
		const wake = () => {
			this.#wake();
		};

		signal.addEventListener('abort', wake);
		try {
			this.#enqueue();
			this.#advance();
			this.#cancelUnwanted();
			while (this.#outcomes.size < this.#nodes.length || this.#running.size > 0) {
				await this.#wait();
				// What ended since is the successor's to take in.
				if (this.#isHandedOver) {
					break;
				}

				if (this.#renewalError !== undefined) {
					throw this.#renewalError;
				}

				this.#settle();
				this.#advance();
			}
		} catch (error) {
			// The cache cannot be used any more: nothing may go on behind the caller's back.
			pool.kill();
			await Promise.allSettled([...this.#running.values()].map(async ({computation}) => computation.ended));
			throw error;
		} finally {
			clearInterval(renewal);
			signal.removeEventListener('abort', wake);
		}

		return this.#outcomes;
	}

	/** Ends the run without ending what is being computed, for a scheduler that goes on with it at once: it renews their leases. */
	handOver(): readonly Computation[] {
		this.#isHandedOver = true;
		this.#wake();
		return [...this.#running.values()].map(({computation}) => computation);
	}

	#renewLeases(): void {
		try {
			this.#options.store.leases.renew();
		} catch (error) {
			this.#renewalError = error as Error;
			this.#wake();
		}
	}

	/** Finds out what every node waits for. */
	#enqueue(): void {
		this.#undecided.clear();
		this.#ready.clear();
		this.#twins.clear();
		this.#elsewhere.clear();
		this.#blockers.clear();
		const running = new Set([...this.#running.values()].map(({node}) => node));
		for (const node of this.#nodes) {
			if (!this.#outcomes.has(node) && !running.has(node)) {
				const blockers = inputsOf(node).filter(input => !this.#results.has(input)).length;
				this.#blockers.set(node, blockers);
				if (blockers === 0) {
					this.#undecided.add(node);
				}
			}
		}
	}

	/** Decides what can be decided now, and starts what there is room for. */
	#advance(): void {
		do {
			for (let node = this.#undecided.take(); node; node = this.#undecided.take()) {
				this.#decide(node);
			}

			if (!this.#options.signal.aborted) {
				this.#startReady();
			}
			// What others published in the meantime may have made more nodes ready.
		} while (this.#undecided.size > 0);

		if (this.#options.signal.aborted) {
			this.#stop();
		}
	}

	#startReady(): void {
		const held: Ready[] = [];
		while (this.#ready.size > 0 && this.#running.size < this.#options.jobs) {
			const next = this.#ready.take()!;
			if (this.#hasRoomFor(next.node)) {
				this.#startUnlessElsewhere(next);
			} else {
				held.push(next);
			}
		}

		for (const next of held) {
			this.#ready.add(next);
		}
	}

	#decide(node: Node): void {
		const state = this.#options.planner.stateOf(node, this.#results);
		switch (state.state) {
			case 'fresh': {
				this.#finish(node, {outcome: 'reused', result: state.result}, 0);
				break;
			}

			case 'stale': {
				const running = this.#running.get(state.fingerprint);
				if (!running) {
					this.#ready.add({node, state});
				} else if (running.node === undefined && !running.computation.isCancelled) {
					this.#adopt(running, node, state);
				} else {
					this.#twins.set(state.fingerprint, [...this.#twins.get(state.fingerprint) ?? [], node]);
				}

				break;
			}

			case 'waiting': {
				throw new Error(`Internal error: expected the inputs of "${node.name}" to have results`);
			}
		}
	}

	#hasRoomFor(node: Node): boolean {
		const {isExclusive} = this.#options;
		return !isExclusive(node) || ![...this.#running.values()].some(({computation}) => isExclusive(computation.node));
	}

	/** Starts a node, unless another process computes it or has just published it, or a node with the same fingerprint was started. */
	#startUnlessElsewhere({node, state}: Ready): void {
		const {store, listener} = this.#options;
		const {fingerprint} = state;
		if (this.#running.has(fingerprint)) {
			this.#decide(node);
			return;
		}

		const holder = store.leases.take(fingerprint);
		if (holder) {
			this.#elsewhere.add(node);
			if (!this.#announced.has(node)) {
				this.#announced.add(node);
				listener({event: 'elsewhere', node, pid: holder.pid});
			}

			return;
		}

		this.#announced.delete(node);
		// Another process may have published between our look-up and the lease.
		const published = store.findWhole(fingerprint, node.stage.outputs as object);
		if (published) {
			store.leases.release(fingerprint);
			this.#finish(node, {outcome: 'reused', result: published}, 0);
			return;
		}

		listener({event: 'started', node, why: state.why, expectedMs: store.meanDurationMs(node.stage.name)});
		this.#blockers.delete(node);
		const computation = new Computation(node, state, {tools: this.#options, inputs: this.#results, listener});
		this.#running.set(fingerprint, {computation, node});
		this.#watch(computation);
	}

	#adopt(running: {readonly computation: Computation; node: Node | undefined}, node: Node, state: Stale): void {
		const {listener, store} = this.#options;
		running.node = node;
		running.computation.node = node;
		running.computation.listener = listener;
		this.#blockers.delete(node);
		listener({event: 'started', node, why: state.why, expectedMs: store.meanDurationMs(node.stage.name), startedMs: running.computation.startedMs});
	}

	#cancelUnwanted(): void {
		for (const {computation, node} of this.#running.values()) {
			if (node === undefined) {
				computation.cancel();
			}
		}
	}

	#watch(computation: Computation): void {
		void (async () => {
			this.#ended.push({computation, end: await computation.ended});
			this.#wake();
		})();
	}

	/** Takes in what has ended since it was last looked at. */
	#settle(): void {
		for (const {computation, end} of this.#ended.splice(0)) {
			const {fingerprint, startedMs} = computation;
			const node = this.#running.get(fingerprint)?.node;
			this.#running.delete(fingerprint);
			if (end.end !== 'ran') {
				this.#options.store.leases.release(fingerprint);
			}

			if (node) {
				this.#settleNode(node, end, performance.now() - startedMs);
			}

			for (const twin of this.#twins.get(fingerprint) ?? []) {
				this.#undecided.add(twin);
			}

			this.#twins.delete(fingerprint);
		}

		for (const node of this.#elsewhere) {
			this.#undecided.add(node);
		}

		// Each is queued once: it would end twice otherwise, and its dependents would start before their other inputs have results.
		this.#elsewhere.clear();
	}

	#settleNode(node: Node, end: ComputationEnd, durationMs: number): void {
		switch (end.end) {
			case 'ran': {
				this.#finish(node, {outcome: 'ran', result: end.result}, durationMs);
				break;
			}

			case 'fetched': {
				this.#finish(node, {outcome: 'reused', result: end.result, from: 'shared'}, durationMs);
				break;
			}

			case 'failed': {
				if (end.error.code === 'database-damaged') {
					// No other node could be published either, nor would its failure say what to do about all of them.
					throw databaseDamaged(this.#options.store.folder, end.error);
				}

				this.#finish(node, {outcome: 'failed', error: end.error, log: end.log}, durationMs);
				break;
			}

			case 'damaged': {
				if (!this.#heal(node, end.digest)) {
					this.#finish(node, {outcome: 'failed', error: end.error, log: end.log}, durationMs);
				}

				break;
			}

			case 'cancelled': {
				this.#finish(node, {outcome: 'cancelled'}, durationMs);
				break;
			}
		}
	}

	/** Sets a damaged object aside and runs what made it again. @returns whether that is worth a try. */
	#heal(node: Node, digest: Digest): boolean {
		const key = `${node.index} ${digest}`;
		if (this.#healed.has(key)) {
			return false;
		}

		this.#healed.add(key);
		// Another node may have found it first, and it may even be made again already.
		if (!this.#options.store.isIntact(digest)) {
			this.#options.store.setAside(digest);
			this.#options.planner.known.distrust();
			this.#options.listener({event: 'damaged', node, digest});
			for (const [maker, result] of this.#results) {
				if (Object.values(result.outputs).some(artifact => artifact.digest === digest)) {
					this.#results.delete(maker);
					this.#outcomes.delete(maker);
				}
			}
		}

		this.#enqueue();
		return true;
	}

	/** Ends a node, and with it what depends on it when it has no result. */
	#finish(node: Node, outcome: Outcome, durationMs: number): void {
		this.#end(node, outcome, durationMs);
		const withoutResult = [node];
		for (let ended = withoutResult.pop(); ended; ended = withoutResult.pop()) {
			const hasResult = this.#results.has(ended);
			for (const dependent of this.#dependents.get(ended)!) {
				const blockers = this.#blockers.get(dependent);
				if (blockers === undefined) {
					continue;
				}

				if (!hasResult) {
					this.#end(dependent, this.#outcomeWithoutInputs(dependent), 0);
					withoutResult.push(dependent);
				} else if (blockers === 1) {
					this.#blockers.set(dependent, 0);
					this.#undecided.add(dependent);
				} else {
					this.#blockers.set(dependent, blockers - 1);
				}
			}
		}
	}

	#end(node: Node, outcome: Outcome, durationMs: number): void {
		this.#elsewhere.delete(node);
		this.#blockers.delete(node);
		this.#outcomes.set(node, outcome);
		if (outcome.outcome === 'ran' || outcome.outcome === 'reused') {
			this.#results.set(node, outcome.result);
		}

		this.#options.listener({event: 'finished', node, outcome, durationMs});
	}

	#outcomeWithoutInputs(node: Node): Outcome {
		const because = inputsOf(node).filter(input => this.#outcomes.has(input) && !this.#results.has(input));
		const isCancelled = because.every(input => this.#outcomes.get(input)?.outcome === 'cancelled');
		return isCancelled ? {outcome: 'cancelled'} : {outcome: 'skipped', because};
	}

	/** Lets what runs stop at its next step, and ends what has not started. */
	#stop(): void {
		for (const {computation} of this.#running.values()) {
			computation.cancel();
		}

		const running = new Set([...this.#running.values()].map(({node}) => node));
		for (const node of this.#nodes) {
			if (!this.#outcomes.has(node) && this.#blockers.get(node) === 0 && !running.has(node)) {
				this.#finish(node, {outcome: 'cancelled'}, 0);
			}
		}

		this.#ready.clear();
		this.#undecided.clear();
	}

	async #wait(): Promise<void> {
		if (this.#ended.length > 0 || this.#isHandedOver) {
			return;
		}

		if (this.#running.size === 0 && this.#elsewhere.size === 0) {
			throw new Error(`Internal error: expected progress, but ${this.#nodes.length - this.#outcomes.size} nodes wait for nothing`);
		}

		await new Promise<void>(resolve => {
			const timer = this.#elsewhere.size > 0 ? setTimeout(resolve, pollEveryMs) : undefined;
			this.#wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}
}

function dependentsOf(nodes: readonly Node[]): ReadonlyMap<Node, readonly Node[]> {
	const dependents = new Map<Node, Node[]>(nodes.map(node => [node, []]));
	for (const node of nodes) {
		for (const input of inputsOf(node)) {
			dependents.get(input)?.push(node);
		}
	}

	return dependents;
}

/** The longest way from a node to the end, by recorded durations: what has the longest way starts first, so that no core idles in the end. */
function remainingMs(nodes: readonly Node[], store: Store): ReadonlyMap<Node, number> {
	const durations = new Map<string, number>();
	const remaining = new Map<Node, number>(nodes.map(node => [node, 0]));
	for (const node of nodes.toReversed()) {
		const {name} = node.stage;
		const duration = durations.get(name) ?? store.meanDurationMs(name) ?? unknownDurationMs;
		durations.set(name, duration);
		const total = remaining.get(node)! + duration;
		remaining.set(node, total);
		for (const input of inputsOf(node)) {
			remaining.set(input, Math.max(remaining.get(input) ?? 0, total));
		}
	}

	return remaining;
}
