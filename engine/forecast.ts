import {expectedDurations} from './durations.ts';
import type {Node} from './graph.ts';
import {inputOutlines, OutlineReader, recordedOutlines, type Outlines} from './outlines.ts';
import type {Speed} from './pipeline.ts';
import type {AnyStage, Cost} from './stage.ts';
import type {Result, Store} from './store.ts';

/**
 * Where a figure comes from: `measured`, when the stage did the same work here before; `scaled`, from the nearest work that it did here; `calculated`, from what it
 * would do and how fast this machine is; `recorded`, from results of the stage that say nothing of their work.
 */
export type FigureSource = 'measured' | 'scaled' | 'calculated' | 'recorded';

export type Figure = {readonly value: number; readonly source: FigureSource};

/** What a node would cost. */
export type Forecast = {
	readonly node: Node;
	/** Whether its result is there already, so that it costs nothing. */
	readonly isFresh: boolean;
	/** Absent when it is fresh, its stage does not tell, or an input is not known well enough. */
	readonly cost?: Cost;
	/** Milliseconds; absent when nobody knows. */
	readonly durationMs?: Figure;
	/** Largest resident memory of its process in bytes; absent when nobody knows. */
	readonly memoryBytes?: Figure;
};

export type ForecastOptions = {
	readonly store: Store;
	/** The results that are there and would not be computed again. */
	readonly results: ReadonlyMap<Node, Result>;
	/** Whether to tell of all nodes as if there were no results. */
	readonly all: boolean;
	/** Absent: durations are told from what was recorded only. */
	readonly speed: Speed | undefined;
	/** Name and version of what a node computes with. */
	readonly backendOf: (node: Node) => string | null;
	/** Name of this machine. */
	readonly host: string;
};

/** Results of a stage that are compared with what it would do. */
const compared = 40;

/** Results with the same work that are averaged. */
const averaged = 10;

/** Work may be so many times more or less than what was measured for the measurement to count. */
const nearEnough = 8;

/** Two amounts of work that differ by less are the same. */
const sameWithin = 0.02;

/**
 * Tells what nodes would cost, inputs first: each from what its stage declares, and from the sizes of its inputs, which are those of artifacts that
 * exist or what the stages before it declare.
 */
export function forecast(nodes: readonly Node[], options: ForecastOptions): readonly Forecast[] {
	const reader = new OutlineReader(options.store);
	const recorded = expectedDurations(options.store);
	const made = new Map<Node, Outlines>();
	return nodes.map(node => {
		const result = options.results.get(node);
		if (result) {
			made.set(node, reader.ofResult(node, result));
		}

		if (result && !options.all) {
			return {node, isFresh: true};
		}

		const inputs = inputOutlines(node, made, reader);
		const cost = inputs && node.stage.cost?.(inputs, node.params);
		if (!result && cost?.outputs) {
			made.set(node, cost.outputs);
		}

		return {node, isFresh: false, ...(cost && {cost}), ...figuresOf(node, cost, {...options, reader, recorded})};
	});
}

type Tools = ForecastOptions & {readonly reader: OutlineReader; readonly recorded: ReturnType<typeof expectedDurations>};

function figuresOf(node: Node, cost: Cost | undefined, tools: Tools): Pick<Forecast, 'durationMs' | 'memoryBytes'> {
	const {speed, recorded} = tools;
	if (!cost) {
		const durationMs = recorded(node);
		return durationMs === undefined ? {} : {durationMs: {value: durationMs, source: 'recorded'}};
	}

	const calculatedMs = speed && durationOf(cost, speed);
	const calculatedBytes = speed && memoryOf(cost, speed);
	const nearest = nearestResults(node, calculatedMs ?? 0, tools);
	const [first] = nearest;
	if (first && (calculatedMs === undefined || Math.abs(Math.log(first.ratio)) < Math.log(nearEnough))) {
		const isSame = Math.abs(Math.log(first.ratio)) < sameWithin;
		const alike = isSame ? nearest.filter(({ratio}) => Math.abs(Math.log(ratio)) < sameWithin).slice(0, averaged) : [first];
		const value = alike.reduce((sum, {result: {provenance}, ratio}) => sum + (provenance.durationMs * ratio), 0) / alike.length;
		const peak = Math.max(...alike.map(({result: {provenance}}) => provenance.peakMemoryBytes));
		return {
			durationMs: {value, source: isSame ? 'measured' : 'scaled'},
			...(isSame ? {memoryBytes: {value: peak, source: 'measured' as const}} : (calculatedBytes !== undefined && {memoryBytes: {value: calculatedBytes, source: 'calculated' as const}})),
		};
	}

	return {
		...(calculatedMs !== undefined && {durationMs: {value: calculatedMs, source: 'calculated'}}),
		...(calculatedBytes !== undefined && {memoryBytes: {value: calculatedBytes, source: 'calculated'}}),
	};
}

/** Earlier results of a stage on this machine and backend, those with the most similar work first, and how many times their work this one is. */
function nearestResults(node: Node, calculatedMs: number, tools: Tools): ReadonlyArray<{readonly result: Result; readonly ratio: number}> {
	const {store, speed, backendOf, host, reader} = tools;
	const found = store.resultsOf(node.stage.name).slice(0, compared).flatMap(({fingerprint}) => {
		const result = store.recorded(fingerprint);
		if (!speed || result?.ingredients.backend !== backendOf(node) || result.provenance.host !== host) {
			return [];
		}

		const then = recordedCost(node.stage, result, reader);
		const ratio = then ? calculatedMs / durationOf(then, speed) : 0;
		return Number.isFinite(ratio) && ratio > 0 ? [{result, ratio}] : [];
	});
	return found.toSorted((a, b) => Math.abs(Math.log(a.ratio)) - Math.abs(Math.log(b.ratio)));
}

/** What an earlier result must have cost, as the stage tells it today; nothing when its params or inputs are of another time. */
function recordedCost(stage: AnyStage, result: Result, reader: OutlineReader): Cost | undefined {
	const inputs = recordedOutlines(stage, result, reader);
	try {
		return inputs && stage.cost?.(inputs, result.ingredients.params);
	} catch {
		return undefined;
	}
}

/** How long work takes, in milliseconds. */
export function durationOf({work}: Pick<Cost, 'work'>, {secondsPer}: Pick<Speed, 'secondsPer'>): number {
	return 1000 * Object.entries(work).reduce((sum, [kind, amount]) => sum + (amount * (secondsPer[kind] ?? 0)), 0);
}

/** How much memory a process takes at most, in bytes. */
export function memoryOf({memory}: Pick<Cost, 'memory'>, {processBytes}: Pick<Speed, 'processBytes'>): number {
	return Object.values(memory).reduce((sum, bytes) => sum + bytes, processBytes);
}
