import {inputsOf, type Node} from './graph.ts';

/** How long nodes would take. */
export type Estimate = {
	/** From the first start to the last end; nodes of stages without a recorded duration count nothing. */
	readonly durationMs: number;
	/** Stages that never ran here, each once. */
	readonly unknownStages: readonly string[];
};

/** What the nodes run on. */
export type EstimateOptions = {
	/** How many nodes run at a time. */
	readonly jobs: number;
	/** Whether the node's backend tolerates no neighbour. */
	readonly isExclusive: (node: Node) => boolean;
	/** Milliseconds a node would take; nothing when its stage never ran. */
	readonly expectedMs: (node: Node) => number | undefined;
};

/**
 * Plays a run as the scheduler would run it: nodes start when their inputs have ended and there is room, those with the longest way to the
 * end first. Dividing the work by the number of jobs would forget that a chain of nodes cannot be hurried.
 * @param nodes what would run, inputs first
 */
export function estimateRun(nodes: readonly Node[], {jobs, isExclusive, expectedMs}: EstimateOptions): Estimate {
	const durations = new Map(nodes.map(node => [node, expectedMs(node)]));
	const durationOf = (node: Node) => durations.get(node) ?? 0;
	const waiting = new Set(byUrgency(nodes, durationOf));
	/** Node → when it ends. */
	const running = new Map<Node, number>();
	let nowMs = 0;
	const mayStart = (node: Node) =>
		!(isExclusive(node) && [...running.keys()].some(other => isExclusive(other)))
		&& inputsOf(node).every(input => !waiting.has(input) && !running.has(input));
	while (waiting.size > 0 || running.size > 0) {
		for (const node of waiting) {
			if (running.size === jobs) {
				break;
			}

			if (mayStart(node)) {
				waiting.delete(node);
				running.set(node, nowMs + durationOf(node));
			}
		}

		nowMs = Math.min(...running.values());
		for (const [node, endMs] of running) {
			if (endMs <= nowMs) {
				running.delete(node);
			}
		}
	}

	return {durationMs: nowMs, unknownStages: [...new Set([...durations].filter(([, duration]) => duration === undefined).map(([{stage}]) => stage.name))]};
}

/** The longest way to the end first. */
function byUrgency(nodes: readonly Node[], durationOf: (node: Node) => number): readonly Node[] {
	const remainingMs = new Map<Node, number>();
	for (const node of nodes.toReversed()) {
		const total = (remainingMs.get(node) ?? 0) + durationOf(node);
		remainingMs.set(node, total);
		for (const input of inputsOf(node)) {
			remainingMs.set(input, Math.max(remainingMs.get(input) ?? 0, total));
		}
	}

	return nodes.toSorted((a, b) => remainingMs.get(b)! - remainingMs.get(a)!);
}
