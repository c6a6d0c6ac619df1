import {rmSync} from 'node:fs';
import {jobOf, type ComputationTools} from './computation.ts';
import type {Digest} from './digest.ts';
import {UserError} from './error.ts';
import type {Node} from './graph.ts';
import type {PlainError} from './protocol.ts';
import type {Result} from './store.ts';

/** One output, as it was and as it is when it is computed again. */
export type RecomputedOutput = {readonly output: string; readonly was: Digest; readonly now: Digest};

/** What computing a node again came to. */
export type Recomputation =
	| {readonly node: Node; readonly result: Result; readonly outputs: readonly RecomputedOutput[]}
	| {readonly node: Node; readonly result: Result; readonly error: PlainError};

export type RecomputeTools = Pick<ComputationTools, 'loaded' | 'store' | 'planner' | 'pool' | 'backendOf'>;

/**
 * Computes a node once more from its recorded inputs and compares the bytes. Publishes nothing.
 * @param results of the node and of its inputs
 * @throws {UserError} `input-damaged` when an input is not what it was
 */
export async function recompute(node: Node, results: ReadonlyMap<Node, Result>, tools: RecomputeTools, signal: AbortSignal): Promise<Recomputation> {
	const {store, planner, pool} = tools;
	const result = results.get(node)!;
	// Another name than a run of the same process would take.
	const folder = store.temporaryFolder(`${result.fingerprint}-again`);
	try {
		const reply = await pool.run(jobOf(node, {fingerprint: result.fingerprint, ingredients: planner.ingredientsOf(node, results), folder}, tools, results), {
			onStep: () => undefined,
			onLine: () => undefined,
		}, signal);
		switch (reply.type) {
			case 'done': {
				return {node, result, outputs: Object.entries(result.outputs).map(([output, {digest}]) => ({output, was: digest, now: reply.outputs[output]!.digest}))};
			}

			case 'failed': {
				if (reply.damaged) {
					throw new UserError('input-damaged', `An input of "${node.name}" is damaged or missing: object ${reply.damaged}`, {hint: 'Mend the cache first: pipeline verify --heal'});
				}

				return {node, result, error: reply.error};
			}

			default: {
				return {node, result, error: {name: 'CancelledError', message: 'It was stopped'}};
			}
		}
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}
