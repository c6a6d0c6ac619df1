import {inputsOf, type Node} from '../graph.ts';
import type {NodeState, Planner} from '../plan.ts';
import type {Result, Store} from '../store.ts';
import {inParallel} from './in-parallel.ts';
import type {SharedLocation} from './location.ts';
import {openCache} from './open-cache.ts';
import {fetchResult, findResult, type Ends} from './transfer.ts';
import {RefusedError} from './verified.ts';
import {wantedOf} from './wanted.ts';

/** What came of a node. */
export type PullOutcome =
	| {readonly outcome: 'fresh'}
	/** Of a dry run, what would be fetched; its bytes count what may be here already. */
	| {readonly outcome: 'fetched'; readonly sizeBytes: number}
	/** The shared cache does not have its result. */
	| {readonly outcome: 'missing'}
	/** The shared cache has something else in the place of its result. */
	| {readonly outcome: 'refused'; readonly message: string}
	/** Its inputs have no result, so nobody knows what to ask for. */
	| {readonly outcome: 'waiting'};

export type PullOptions = {
	/** Finds out what would be fetched, and fetches nothing. */
	readonly isDryRun: boolean;
	readonly signal: AbortSignal;
	readonly onOutcome: (node: Node, outcome: PullOutcome) => void;
};

export type PullReport = ReadonlyMap<Node, PullOutcome>;

type PullContext = PullOptions & {readonly planner: Planner; readonly store: Store; readonly location: SharedLocation};

/** How many results are fetched at a time. */
const fetchedAtATime = 8;

/**
 * Fetches the results of stale nodes, inputs first: a fingerprint is known when the bytes of the inputs are.
 * @throws {UserError} when the shared cache cannot be used; the reason of the signal when it is aborted
 */
export async function pullNodes(nodes: readonly Node[], {planner, store, location, isDryRun, signal, onOutcome}: PullContext): Promise<PullReport> {
	const cache = await openCache(location);
	const results = new Map<Node, Result>();
	const outcomes = new Map<Node, PullOutcome>();
	const settle = (node: Node, outcome: PullOutcome) => {
		outcomes.set(node, outcome);
		onOutcome(node, outcome);
	};

	const pull = async (node: Node, ends: Ends) => {
		const state = planner.stateOf(node, results);
		if (state.state === 'fresh') {
			results.set(node, state.result);
			settle(node, {outcome: 'fresh'});
		} else if (state.state === 'stale') {
			const {result, ...outcome} = await attempt(node, state, ends, isDryRun);
			if (result) {
				results.set(node, result);
			}

			settle(node, outcome);
		}
	};

	try {
		let ready: readonly Node[];
		do {
			ready = nodes.filter(node => !outcomes.has(node) && inputsOf(node).every(input => results.has(input)));
			await inParallel(ready, {concurrency: fetchedAtATime, signal}, async (node, end) => pull(node, {cache, store, signal: end}));
		} while (ready.length > 0);
	} finally {
		cache.close();
	}

	for (const node of nodes.filter(node => !outcomes.has(node))) {
		settle(node, {outcome: 'waiting'});
	}

	return outcomes;
}

type Stale = Extract<NodeState, {state: 'stale'}>;

type Attempt = PullOutcome & {readonly result?: Result};

async function attempt(node: Node, {fingerprint, ingredients}: Stale, ends: Ends, isDryRun: boolean): Promise<Attempt> {
	const wanted = wantedOf(node, fingerprint, ingredients);
	try {
		if (isDryRun) {
			const result = await findResult(wanted, ends);
			return result ? {outcome: 'fetched', sizeBytes: Object.values(result.outputs).reduce((sum, {sizeBytes}) => sum + sizeBytes, 0), result} : {outcome: 'missing'};
		}

		const fetched = await fetchResult(wanted, ends);
		return fetched ? {outcome: 'fetched', sizeBytes: fetched.arrivedBytes, result: fetched.result} : {outcome: 'missing'};
	} catch (error) {
		if (error instanceof RefusedError) {
			return {outcome: 'refused', message: error.message};
		}

		throw error;
	}
}
