import type {CodeHistory} from './code-history.ts';
import type {StageCode} from './compile-stages.ts';
import type {Digest} from './digest.ts';
import type {FileChange} from './code-map.ts';
import type {Difference, Ingredients} from './fingerprint.ts';
import {sourcesOf, type Node} from './graph.ts';
import {nearestResult} from './nearest.ts';
import type {Result, Store} from './store.ts';

/** The result that an input's bytes came from. */
export type Maker = {readonly node: string; readonly output: string; readonly startedAt: string};

/** A difference with what is known about both sides. */
export type ExplainedDifference = Difference & {
	/** For `code`: what changed in which file; absent when the earlier code was not recorded. */
	readonly files?: readonly FileChange[];
	/** For `input …`: what made the earlier bytes; absent when that result is gone, and for folders. */
	readonly madeBefore?: Maker;
	/** For `input …`: what made the present bytes. */
	readonly madeNow?: Maker;
};

/** A node compared with the nearest earlier result of its stage. */
export type Explanation = {readonly since: Result; readonly differences: readonly ExplainedDifference[]};

/** Compares with every result of the stage that the cache holds; nothing when there is none. */
export function explain(node: Node, ingredients: Ingredients, {store, history, code}: {readonly store: Store; readonly history: CodeHistory; readonly code: StageCode}): Explanation | undefined {
	const results = store.resultsOf(node.stage.name).map(({fingerprint}) => store.recorded(fingerprint)).filter(result => result !== undefined);
	const nearest = nearestResult(results, node, ingredients);
	return nearest && {
		since: nearest.since,
		differences: nearest.differences.map(difference => {
			if (difference.what === 'code') {
				const files = history.changes(nearest.since.ingredients.code, code);
				return {...difference, ...(files && {files})};
			}

			return difference.what.startsWith('input ') ? {...difference, ...makersOf(difference, node, store)} : difference;
		}),
	};
}

function makersOf({what, before, now}: Difference, node: Node, store: Store): Pick<ExplainedDifference, 'madeBefore' | 'madeNow'> {
	const [input = '', variant] = what.slice('input '.length).split('.');
	const declared = node.inputs[input];
	const sources = declared ? sourcesOf(declared).filter(({variants}) => variant === undefined || variants.has(variant)) : [];
	const names = new Set(sources.map(({name}) => name));
	const [madeBefore, madeNow] = [makerOf(before, names, store), makerOf(now, names, store)];
	return {...(madeBefore && {madeBefore}), ...(madeNow && {madeNow})};
}

/** Equal bytes may have several makers: preferably the node that is wired there. */
function makerOf(digest: unknown, names: ReadonlySet<string>, store: Store): Maker | undefined {
	const makers = typeof digest === 'string' ? store.resultsWith(digest as Digest) : [];
	const maker = makers.find(({result}) => names.has(result.nodeName)) ?? makers[0];
	return maker && {node: maker.result.nodeName, output: maker.output, startedAt: maker.result.provenance.startedAt};
}
