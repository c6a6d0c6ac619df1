import type {AnyArtifactType} from './artifact.ts';
import {compareRecords, type Difference} from './fingerprint.ts';
import type {Node} from './graph.ts';
import type {NodeState} from './plan.ts';
import type {RunRecord} from './run-records.ts';
import type {Result, Store} from './store.ts';

/** The numbers that one node's artifacts tell. */
export type NodeNumbers = {
	readonly node: string;
	/** The node's name without its variants: the same for all variants. */
	readonly group: string;
	/** Variants that the node belongs to alone; empty when it is shared or compares them. */
	readonly variants: readonly string[];
	/** `gone`: its result was removed from the cache. Only fresh nodes have numbers. */
	readonly state: 'fresh' | 'gone' | 'stale';
	readonly numbers: Readonly<Record<string, number>>;
};

/** One side of a comparison: params and numbers by variant; under an empty name what is shared, or all of a single variant. */
export type Side = {
	readonly params: Readonly<Record<string, unknown>>;
	/** Variant → `group.metric` → number, or why there is none. */
	readonly numbers: Readonly<Record<string, Readonly<Record<string, number | 'gone' | 'stale'>>>>;
};

export type ParamDifference = Difference & {readonly variant: string};

export type NumberDifference = {
	readonly variant: string;
	readonly metric: string;
	readonly a: number;
	readonly b: number;
	/** From a to b. */
	readonly difference: number;
	/** Difference divided by the size of a; absent when a is zero. */
	readonly relative: number | undefined;
};

/** What changed from one side to the other. */
export type Comparison = {
	readonly params: readonly ParamDifference[];
	readonly numbers: readonly NumberDifference[];
	/** How many numbers are the same. */
	readonly equalNumbers: number;
	/** Names of variants and numbers, as `group.metric@variant`, that one side lacks, or that are stale or gone there. */
	readonly onlyInA: readonly string[];
	readonly onlyInB: readonly string[];
};

/** Artifact types of a pipeline by their kind. */
export function typesByKind(nodes: readonly Node[]): ReadonlyMap<string, AnyArtifactType> {
	return new Map(nodes.flatMap(({stage}) => Object.values(stage.outputs as Record<string, AnyArtifactType>).map(type => [type.kind, type] as const)));
}

/** Numbers of nodes of the current graph that can have any. */
export function numbersOfNodes(states: ReadonlyMap<Node, NodeState>, store: Store, variantCount: number): readonly NodeNumbers[] {
	const types = typesByKind([...states.keys()]);
	return [...states].filter(([{stage}]) => Object.values(stage.outputs as Record<string, AnyArtifactType>).some(type => type.numbers)).map(([{name, variants}, state]) => ({
		node: name,
		group: groupOf(name),
		variants: variants.size === variantCount ? [] : [...variants],
		...(state.state === 'fresh' ? {state: 'fresh', numbers: numbersOfResult(state.result, store, types)} : {state: 'stale', numbers: {}}),
	}));
}

/** Numbers of the nodes of a recorded run, as far as their results are still there and the pipeline still knows their kinds. */
export function numbersOfRun({nodes}: RunRecord, store: Store, types: ReadonlyMap<string, AnyArtifactType>): readonly NodeNumbers[] {
	return nodes.flatMap(({name, fingerprint}): readonly NodeNumbers[] => {
		if (fingerprint === undefined) {
			return [];
		}

		const node = {node: name, group: groupOf(name), variants: variantsIn(name)};
		const result = store.find(fingerprint);
		if (!result) {
			return [{...node, state: 'gone', numbers: {}}];
		}

		const numbers = numbersOfResult(result, store, types);
		return Object.keys(numbers).length === 0 ? [] : [{...node, state: 'fresh', numbers}];
	});
}

/** The numbers that the artifacts of a result tell. */
export function numbersOfResult({outputs}: Result, store: Store, types: ReadonlyMap<string, AnyArtifactType>): Record<string, number> {
	const withNumbers = Object.entries(outputs).flatMap(([output, {kind, digest}]) => {
		const type = types.get(kind);
		return type?.numbers ? [{output, numbers: type.numbers(type.decode(store.read(digest)))}] : [];
	});
	// An output is named where several have numbers.
	return Object.fromEntries(withNumbers.flatMap(({output, numbers}) => Object.entries(numbers).map(([metric, value]) => [withNumbers.length > 1 ? `${output}.${metric}` : metric, value])));
}

/** One side from all of a run or graph, or from one of its variants. */
export function sideOf(nodes: readonly NodeNumbers[], params: Readonly<Record<string, unknown>>, variant?: string): Side {
	const numbers: Record<string, Record<string, number | 'gone' | 'stale'>> = {};
	for (const {group, variants, state, numbers: own} of nodes) {
		for (const column of columnsOf(variants, variant)) {
			const entries: ReadonlyArray<readonly [string, number | 'gone' | 'stale']> = state === 'fresh' ? Object.entries(own).map(([metric, value]) => [`${group}.${metric}`, value] as const) : [[group, state]];
			numbers[column] = {...numbers[column], ...Object.fromEntries(entries)};
		}
	}

	return {numbers, params: variant === undefined ? params : {'': params[variant]}};
}

/** Where a node's numbers stand: under its variants, or, of one variant, all under the same empty name. */
function columnsOf(variants: readonly string[], only: string | undefined): readonly string[] {
	if (variants.length === 0) {
		return [''];
	}

	if (only === undefined) {
		return variants;
	}

	return variants.includes(only) ? [''] : [];
}

/** What differs in params and in numbers. */
export function compareSides(a: Side, b: Side): Comparison {
	const common = Object.keys(a.params).filter(variant => variant in b.params);
	const numbers = namesOf(a, b).flatMap(({variant, metric}) => differenceOf(variant, metric, a, b));
	return {
		params: common.flatMap(variant => compareRecords('', a.params[variant] as Record<string, unknown>, b.params[variant] as Record<string, unknown>).map(difference => ({variant, ...difference}))),
		numbers: numbers.filter(({difference}) => difference !== 0),
		equalNumbers: numbers.filter(({difference}) => difference === 0).length,
		onlyInA: missingIn(b, a),
		onlyInB: missingIn(a, b),
	};
}

/** How a number is named with its variant. */
export function fullName(metric: string, variant: string): string {
	return variant === '' ? metric : `${metric}@${variant}`;
}

function differenceOf(variant: string, metric: string, a: Side, b: Side): readonly NumberDifference[] {
	const [before, now] = [a.numbers[variant]?.[metric], b.numbers[variant]?.[metric]];
	if (typeof before !== 'number' || typeof now !== 'number') {
		return [];
	}

	const difference = now - before;
	return [{variant, metric, a: before, b: now, difference, relative: before === 0 ? undefined : difference / Math.abs(before)}];
}

function namesOf(...sides: readonly Side[]): ReadonlyArray<{readonly variant: string; readonly metric: string}> {
	const names = new Map(sides.flatMap(({numbers}) => Object.entries(numbers).flatMap(([variant, own]) => Object.keys(own).map(metric => [fullName(metric, variant), {variant, metric}] as const))));
	return [...names.values()];
}

/** What one side has and another has not; what is not a number is named with the reason. */
function missingIn(side: Side, other: Side): readonly string[] {
	const variants = Object.keys(other.params).filter(variant => !(variant in side.params)).map(variant => `variant ${variant}`);
	const numbers = namesOf(other).filter(({variant, metric}) => typeof other.numbers[variant]![metric] === 'number' && typeof side.numbers[variant]?.[metric] !== 'number');
	return [...variants, ...numbers.map(({variant, metric}) => fullName(metric, variant))];
}

function groupOf(name: string): string {
	return name.replace(/@[^#]*/, '');
}

/** Variants as they stand in the name of a node. */
function variantsIn(name: string): readonly string[] {
	return /@([^#]*)/.exec(name)?.[1]?.split('+') ?? [];
}
