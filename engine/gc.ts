import {setTimeout} from 'node:timers/promises';
import {planCollection, recentMs, type CollectionPlan, type CollectionRules} from './collection.ts';
import type {Fingerprint} from './digest.ts';
import type {Usage} from './inventory.ts';
import {findLeftovers, removeFiles, type Leftovers, type LeftoverRules} from './leftovers.ts';
import type {RunRecord} from './run-records.ts';
import type {Store} from './store.ts';

export type GcRules = CollectionRules & LeftoverRules & {
	/** What so many of the latest runs used stays. */
	readonly keepRuns: number;
	/** Fingerprints of the fresh nodes of the current params. */
	readonly plan: ReadonlySet<Fingerprint>;
};

/** What a collection would do. */
export type Gc = CollectionPlan & {
	readonly leftovers: Leftovers;
	/** Objects that no result has. */
	readonly strayObjects: {readonly count: number; readonly sizeBytes: number};
};

/** What a collection did. */
export type Collected = {readonly results: number; readonly objects: number; readonly files: number; readonly freedBytes: number};

/** Results that are removed in one transaction: short ones let runs publish in between. */
const batchSize = 100;

/** Records of more runs are forgotten. */
const runsKept = 1000;

/** How long a run may take to say what it uses. */
const startingMs = 60_000;

/** Finds out what a collection would remove. Changes nothing. */
export function planGc(store: Store, rules: GcRules): Gc {
	const strays = store.inventory.unreferencedObjects();
	const live = store.runs.live(rules.nowMs);
	const facts = {
		plan: rules.plan,
		pinned: new Set(store.pins.all().map(({fingerprint}) => fingerprint)),
		live: fingerprintsOf(live),
		leased: store.inventory.leased(),
		lastRuns: fingerprintsOf(store.runs.latest(rules.keepRuns)),
	};
	return {
		...planCollection(store.inventory.results(), facts, rules),
		// A run that goes on may start another worker, from what was compiled when it began.
		leftovers: findLeftovers(store, live.length > 0 ? {...rules, compiledFolders: []} : rules),
		strayObjects: {count: strays.length, sizeBytes: strays.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0)},
	};
}

/**
 * Removes what was planned, except what came into use since. May be killed at any time: what is left then is complete, or goes next time.
 * Runs may go on meanwhile.
 */
export async function collect(store: Store, {remove, leftovers}: Gc, {nowMs}: GcRules): Promise<Collected> {
	let results = 0;
	let objects = 0;
	let freedBytes = 0;
	for (let start = 0; start < remove.length; start += batchSize) {
		const batch = remove.slice(start, start + batchSize).map(({fingerprint}) => fingerprint);
		let removed = store.inventory.remove(batch, {usageNow: () => usageNow(store), publishedBeforeMs: nowMs - recentMs});
		while (removed === undefined) {
			// A run has begun and will say in a moment what it uses.
			await setTimeout(100);
			removed = store.inventory.remove(batch, {usageNow: () => usageNow(store), publishedBeforeMs: nowMs - recentMs});
		}

		results += removed.results;
		objects += removed.digests.length;
		freedBytes += removed.sizeBytes;
		store.inventory.removeFiles(removed.digests, {modifiedBeforeMs: nowMs - recentMs, temporary: store.temporaryFolder('gc')});
	}

	const strays = store.inventory.unreferencedObjects().map(({digest}) => digest);
	const forgotten = store.inventory.forgetUnreferenced(strays);
	objects += forgotten.digests.length;
	freedBytes += forgotten.sizeBytes;
	const unreferenced = [...forgotten.digests, ...leftovers.unreferenced.map(({digest}) => digest)];
	store.inventory.removeFiles(unreferenced, {modifiedBeforeMs: nowMs - recentMs, temporary: store.temporaryFolder('gc')});
	const files = [...leftovers.damaged, ...leftovers.checkpoints, ...leftovers.compiled];
	removeFiles(files);
	store.sweep();
	const oldest = store.runs.latest(runsKept).at(-1);
	if (oldest) {
		store.runs.forgetBefore(oldest.id);
	}

	store.shrink();
	return {results, objects, files: files.length + leftovers.unreferenced.length, freedBytes: freedBytes + leftovers.sizeBytes};
}

/** What must not go now; nothing when a run has begun that has not said what it uses. */
function usageNow(store: Store): Usage | undefined {
	const nowMs = Date.now();
	const live = store.runs.live(nowMs);
	if (live.some(run => isStarting(run, nowMs))) {
		return undefined;
	}

	const used = fingerprintsOf(live);
	const leased = store.inventory.leased();
	const pinned = new Set(store.pins.all().map(({fingerprint}) => fingerprint));
	return {has: fingerprint => used.has(fingerprint) || leased.has(fingerprint) || pinned.has(fingerprint)};
}

/** A process that was killed and whose number another one has looks alive for ever; it must not stop us for ever. */
function isStarting({nodes, startedAt}: RunRecord, nowMs: number): boolean {
	return nodes.length === 0 && Math.abs(nowMs - Date.parse(startedAt)) < startingMs;
}

function fingerprintsOf(runs: readonly RunRecord[]): ReadonlySet<Fingerprint> {
	return new Set(runs.flatMap(({nodes}) => nodes.flatMap(({fingerprint}) => fingerprint ?? [])));
}
