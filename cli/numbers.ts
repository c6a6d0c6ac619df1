import type {Outcome} from '../engine/event.ts';
import type {Node} from '../engine/graph.ts';
import {numbersOfResult, typesByKind} from '../engine/numbers.ts';
import type {Store} from '../engine/store.ts';

/** What can be compared between rounds: number and node → value. */
export type Numbers = ReadonlyMap<string, number>;

/** The numbers of all artifacts that have some. */
export function numbersOf(outcomes: ReadonlyMap<Node, Outcome>, store: Store): Numbers {
	const types = typesByKind([...outcomes.keys()]);
	return new Map([...outcomes].flatMap(([{name}, outcome]) => {
		const numbers = 'result' in outcome ? numbersOfResult(outcome.result, store, types) : {};
		return Object.entries(numbers).map(([metric, value]) => [`${metric} ${name}`, value] as const);
	}));
}

/** `62.7 → 64.0 (+1.3)`, or `64.0` for a number that did not move or is new. */
export function formatMove(before: number | undefined, now: number): string {
	const decimals = decimalsOf(Math.max(Math.abs(before ?? 0), Math.abs(now)));
	const text = now.toFixed(decimals);
	if (before === undefined || before.toFixed(decimals) === text) {
		return text;
	}

	const moved = now - before;
	return `${before.toFixed(decimals)} → ${text} (${moved > 0 ? '+' : '−'}${Math.abs(moved).toFixed(decimals)})`;
}

/** Three or four digits that mean something. */
function decimalsOf(size: number): number {
	if (size >= 10) {
		return 1;
	}

	return size >= 1 ? 2 : 4;
}
