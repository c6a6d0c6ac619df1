import type {Node} from './graph.ts';
import type {PlainError} from './protocol.ts';
import type {Reason} from './plan.ts';
import type {Result} from './store.ts';

/** How a node ended in a run. */
export type Outcome =
	| {readonly outcome: 'ran'; readonly result: Result}
	/** Found in the cache, or in the shared one. */
	| {readonly outcome: 'reused'; readonly result: Result; readonly from?: 'shared'}
	| {readonly outcome: 'failed'; readonly error: PlainError; readonly log: string}
	/** Something upstream did not end in a result. */
	| {readonly outcome: 'skipped'; readonly because: readonly Node[]}
	| {readonly outcome: 'cancelled'};

/** What happens during a run, in order. */
export type RunEvent =
	/** Another process computes the node; this one waits for its result. */
	| {readonly event: 'elsewhere'; readonly node: Node; readonly pid: number}
	/** `startedMs`, by `performance.now()`, where an earlier graph's run had started it, and it goes on. */
	| {readonly event: 'started'; readonly node: Node; readonly why: Reason; readonly expectedMs: number | undefined; readonly startedMs?: number}
	/** `resumedFrom` of the units were done when the node went on from a checkpoint; 0 when it began anew. */
	| {readonly event: 'step'; readonly node: Node; readonly done: number; readonly total: number; readonly unit: string; readonly resumedFrom: number; readonly memoryBytes: number}
	| {readonly event: 'line'; readonly node: Node; readonly line: string}
	/** An object turned out to be damaged; what made it runs again. */
	| {readonly event: 'damaged'; readonly node: Node; readonly digest: string}
	| {readonly event: 'finished'; readonly node: Node; readonly outcome: Outcome; readonly durationMs: number}
	/** Something about the shared cache that the user should know; the run goes on. */
	| {readonly event: 'shared'; readonly message: string}
	/** Everything is computed; what is left are results on their way to the shared cache. */
	| {readonly event: 'sending'; readonly results: number};

/** Receives events while a run goes on. */
export type Listener = (event: RunEvent) => void;
