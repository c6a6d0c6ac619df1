import {compareRecords} from './fingerprint.ts';
import type {Node} from './graph.ts';
import {baseName} from './nearest.ts';
import type {Store} from './store.ts';

/** How long a node of a stage took. */
export type RecordedDuration = {readonly nodeName: string; readonly params: Readonly<Record<string, unknown>>; readonly durationMs: number};

/** How many of the nearest results count: what else the machine did evens out. */
const counted = 10;

/**
 * Tells how long nodes would take: as long as the nearest results of their stage took on average. The nearest were made under the node's own name,
 * in whichever variant, with the fewest other params; a preset in the same cache may take a hundred times as long.
 * @returns a function of the node that gives milliseconds, or nothing when its stage never ran
 */
export function expectedDurations(store: Pick<Store, 'durationsOf'>): (node: Node) => number | undefined {
	const byStage = new Map<string, readonly RecordedDuration[]>();
	return node => {
		const recorded = byStage.get(node.stage.name) ?? store.durationsOf(node.stage.name);
		byStage.set(node.stage.name, recorded);
		const distances = recorded.map(({nodeName, params, durationMs}) => ({
			durationMs,
			distance: compareRecords('', params, node.params).length + (baseName(nodeName) === baseName(node.name) ? 0 : otherName),
		}));
		const least = Math.min(...distances.map(({distance}) => distance));
		const nearest = distances.filter(({distance}) => distance === least).slice(0, counted);
		return nearest.length === 0 ? undefined : nearest.reduce((sum, {durationMs}) => sum + durationMs, 0) / nearest.length;
	};
}

/** More than params can differ. */
const otherName = 1e6;
