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

/** The chain of nodes that takes longest, inputs first: a run cannot be shorter, however many nodes run at a time. */
export function criticalPath(nodes: readonly Node[], durationOf: (node: Node) => number): readonly Node[] {
	const remainingMs = waysToTheEnd(nodes, durationOf);
	const path: Node[] = [];
	let rest: readonly Node[] = nodes.filter(node => !inputsOf(node).some(input => remainingMs.has(input)));
	while (rest.length > 0) {
		const longest = Math.max(...rest.map(node => remainingMs.get(node)!));
		const next = rest.find(node => remainingMs.get(node) === longest)!;
		path.push(next);
		rest = nodes.filter(node => inputsOf(node).includes(next));
	}

	return path;
}

/** The longest way to the end first. */
function byUrgency(nodes: readonly Node[], durationOf: (node: Node) => number): readonly Node[] {
	const remainingMs = waysToTheEnd(nodes, durationOf);
	return nodes.toSorted((a, b) => remainingMs.get(b)! - remainingMs.get(a)!);
}

/** Node → how long it takes from its start to the end of the last one that depends on it. */
function waysToTheEnd(nodes: readonly Node[], durationOf: (node: Node) => number): ReadonlyMap<Node, number> {
	const wanted = new Set(nodes);
	const remainingMs = new Map<Node, number>();
	for (const node of nodes.toReversed()) {
		const total = (remainingMs.get(node) ?? 0) + durationOf(node);
		remainingMs.set(node, total);
		for (const input of inputsOf(node)) {
			if (wanted.has(input)) {
				remainingMs.set(input, Math.max(remainingMs.get(input) ?? 0, total));
			}
		}
	}

	return remainingMs;
}
