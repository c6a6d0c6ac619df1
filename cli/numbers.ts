import type {AnyArtifactType} from '../engine/artifact.ts';
import type {Outcome} from '../engine/event.ts';
import type {Node} from '../engine/graph.ts';
import type {Store} from '../engine/store.ts';

/** What can be compared between runs: number and variant → value. */
export type Numbers = ReadonlyMap<string, number>;

/** The numbers of all artifacts that have some. */
export function numbersOf(outcomes: ReadonlyMap<Node, Outcome>, store: Store): Numbers {
	const numbers = new Map<string, number>();
	for (const [{variants, stage}, outcome] of outcomes) {
		for (const [output, type] of Object.entries(stage.outputs as Readonly<Record<string, AnyArtifactType>>)) {
			if ('result' in outcome && type.numbers) {
				for (const [name, value] of Object.entries(type.numbers(type.decode(store.read(outcome.result.outputs[output]!.digest))))) {
					numbers.set([name, ...(variants.size > 0 ? [[...variants].join('+')] : [])].join(' '), value);
				}
			}
		}
	}

	return numbers;
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
