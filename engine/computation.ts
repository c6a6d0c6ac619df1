import {rmSync} from 'node:fs';
import {hostname} from 'node:os';
import process from 'node:process';
import {BoundedLog} from './bounded-log.ts';
import {checkpointFile, discardCheckpoint} from './checkpoint.ts';
import type {LoadedPipeline} from './code.ts';
import type {Digest, Fingerprint} from './digest.ts';
import type {RunEvent} from './event.ts';
import type {InputRef, Node} from './graph.ts';
import type {NodeState, Planner} from './plan.ts';
import {toPlainError, type ArtifactSource, type InputSource, type Job, type PlainError} from './protocol.ts';
import type {SharedAccess} from './shared/access.ts';
import type {Result, Store} from './store.ts';
import type {WorkerPool} from './worker-pool.ts';

/** How the computing of one node ended. */
export type ComputationEnd =
	/** Computed and published. */
	| {readonly end: 'ran'; readonly result: Result}
	/** Computed by another machine and published here. */
	| {readonly end: 'fetched'; readonly result: Result}
	| {readonly end: 'failed'; readonly error: PlainError; readonly log: string}
	/** An input turned out to be damaged or gone. */
	| {readonly end: 'damaged'; readonly digest: Digest; readonly error: PlainError; readonly log: string}
	| {readonly end: 'cancelled'};

/** What tells of a computation while it goes on. */
export type ProgressEvent = Extract<RunEvent, {event: 'step' | 'line'}>;

/** What a computation needs around it. */
export type ComputationTools = {
	readonly loaded: LoadedPipeline;
	readonly store: Store;
	readonly planner: Planner;
	readonly pool: WorkerPool;
	/** Milliseconds a node computes before its first checkpoint, and at least between two. */
	readonly checkpointAfterMs: number;
	/** Name of the backend the node computes with. */
	readonly backendOf: (node: Node) => string | null;
	/** The commit the code is at. */
	readonly commit: () => Promise<string | null>;
	/** The cache shared with other machines; `undefined` when there is none. */
	readonly shared: SharedAccess | undefined;
};

/** What is needed to tell a worker what to do. */
export type JobTools = Pick<ComputationTools, 'backendOf' | 'loaded' | 'planner' | 'store'> & {readonly checkpointAfterMs?: number};

export type Stale = Extract<NodeState, {state: 'stale'}>;

/** One node that is being computed in a worker, from its lease to its publication. It may outlive the graph it was started for. */
export class Computation {
	/** What is computed; a later graph may call it by another node. */
	readonly fingerprint: Fingerprint;
	readonly startedMs = performance.now();
	/** Never rejects. */
	readonly ended: Promise<ComputationEnd>;
	/** The node of the current graph. */
	node: Node;
	/** Who wants to know. */
	listener: (event: ProgressEvent) => void;
	readonly #controller = new AbortController();

	constructor(node: Node, state: Stale, {tools, inputs, listener}: {readonly tools: ComputationTools; readonly inputs: ReadonlyMap<Node, Result>; readonly listener: (event: ProgressEvent) => void}) {
		this.node = node;
		this.fingerprint = state.fingerprint;
		this.listener = listener;
		this.ended = this.#compute(state, tools, inputs);
	}

	/** Whether it was told to stop. */
	get isCancelled(): boolean {
		return this.#controller.signal.aborted;
	}

	/** Lets the stage stop at its next step. */
	cancel(): void {
		this.#controller.abort();
	}

	async #compute({fingerprint, ingredients}: Stale, tools: ComputationTools, inputs: ReadonlyMap<Node, Result>): Promise<ComputationEnd> {
		const {store, pool, commit, shared} = tools;
		const startedAt = new Date();
		const log = new BoundedLog();
		const folder = store.temporaryFolder(fingerprint);
		let mayHoldFiles = true;
		try {
			const fetched = await shared?.fetch(this.node, fingerprint, ingredients);
			if (fetched) {
				return {end: 'fetched', result: fetched};
			}

			// Git looks while the stage computes.
			const committed = commit();
			const reply = await pool.run(jobOf(this.node, {fingerprint, ingredients, folder}, tools, inputs), {
				onStep: ({type: _, ...step}) => {
					this.listener({event: 'step', node: this.node, ...step});
				},
				onLine: line => {
					log.add(line);
					this.listener({event: 'line', node: this.node, line});
				},
			}, this.#controller.signal);
			switch (reply.type) {
				case 'failed': {
					const {error, damaged} = reply;
					return damaged ? {end: 'damaged', digest: damaged, error, log: log.toString()} : {end: 'failed', error, log: log.toString()};
				}

				case 'done': {
					const provenance = {
						startedAt: startedAt.toISOString(),
						durationMs: reply.earlierMs + performance.now() - this.startedMs,
						peakMemoryBytes: reply.peakMemoryBytes,
						host: hostname(),
						node: process.version,
						commit: await committed,
						log: log.toString(),
					};
					const {name: nodeName} = this.node;
					shared?.announce(fingerprint);
					store.publish({fingerprint, nodeName, ingredients, provenance}, reply.outputs);
					discardCheckpoint(store.folder, fingerprint);
					mayHoldFiles = Object.values(reply.outputs).some(output => 'file' in output);
					await shared?.send(fingerprint);
					return {end: 'ran', result: {fingerprint, nodeName, ingredients, provenance, outputs: Object.fromEntries(Object.entries(reply.outputs).map(([name, {digest, kind, sizeBytes}]) => [name, {digest, kind, sizeBytes}]))}};
				}

				default: {
					return {end: 'cancelled'};
				}
			}
		} catch (error) {
			return {end: 'failed', error: toPlainError(error), log: log.toString()};
		} finally {
			if (mayHoldFiles) {
				removeLeftovers(folder);
			}
		}
	}
}

function removeLeftovers(folder: string): void {
	try {
		rmSync(folder, {recursive: true, force: true, maxRetries: 3});
	} catch {
		// The next run sweeps them; the node ended as it ended.
	}
}

/** What a worker is told to compute a node; without an interval, it neither looks for a checkpoint nor leaves one. */
export function jobOf(node: Node, {fingerprint, ingredients, folder}: Pick<Stale, 'fingerprint' | 'ingredients'> & {readonly folder: string}, {loaded, store, planner, backendOf, checkpointAfterMs}: JobTools, inputs: ReadonlyMap<Node, Result>): Job {
	const locate = ({node: source, output}: {readonly node: Node; readonly output: string}): ArtifactSource => {
		const {digest} = inputs.get(source)!.outputs[output]!;
		return {digest, ...store.locate(digest)};
	};

	const sourceOf = (input: InputRef): InputSource => {
		switch (input.ref) {
			case 'artifact': {
				return {source: 'artifact', artifact: locate(input)};
			}

			case 'each': {
				return {source: 'each', variants: Object.fromEntries(Object.entries(input.variants).map(([variant, ref]) => [variant, locate(ref)]))};
			}

			case 'folder': {
				return {source: 'files', files: planner.folder(input.path).files};
			}

			case 'file': {
				return {source: 'file', file: planner.inputFile(input.path).file};
			}
		}
	};

	return {
		stageFile: loaded.codeOf(node.stage).file,
		inputs: Object.fromEntries(Object.entries(node.inputs).map(([name, input]) => [name, sourceOf(input)])),
		backend: backendOf(node),
		ingredients,
		folder,
		...(checkpointAfterMs !== undefined && {checkpoint: {file: checkpointFile(store.folder, fingerprint), afterMs: checkpointAfterMs}}),
	};
}
