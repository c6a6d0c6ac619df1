import type {Digest, Fingerprint} from './digest.ts';
import type {HeldResult} from './inventory.ts';

/** Why a result stays, the strongest reason first. Only the last two give way to a limit of size. */
export const reasonsToKeep = ['plan', 'pinned', 'live', 'leased', 'recent', 'last-runs', 'young'] as const;

export type ReasonToKeep = (typeof reasonsToKeep)[number];

/** What is known of the results besides their age. */
export type CollectionFacts = {
	/** Fresh nodes of the current params. */
	readonly plan: ReadonlySet<Fingerprint>;
	readonly pinned: ReadonlySet<Fingerprint>;
	/** Of runs that go on. */
	readonly live: ReadonlySet<Fingerprint>;
	readonly leased: ReadonlySet<Fingerprint>;
	/** Of the latest runs. */
	readonly lastRuns: ReadonlySet<Fingerprint>;
};

export type CollectionRules = {
	readonly nowMs: number;
	readonly keepDays: number;
	/** Absent: no limit. */
	readonly maxSizeBytes: number | undefined;
};

/** What would go and what stays. */
export type CollectionPlan = {
	readonly remove: readonly HeldResult[];
	readonly keep: ReadonlyArray<{readonly result: HeldResult; readonly reason: ReasonToKeep}>;
	/** Of the objects that only removed results have. */
	readonly freedBytes: number;
	readonly keptBytes: number;
};

export const dayMs = 24 * 60 * 60 * 1000;

/** What was published this lately stays whatever the rules: a run may be about to record that it uses it. */
export const recentMs = 60 * 60 * 1000;

/** Decides what goes by the rules, then by size, the oldest first. */
export function planCollection(results: readonly HeldResult[], facts: CollectionFacts, rules: CollectionRules): CollectionPlan {
	const references = new References(results);
	const reasons = new Map(results.map(result => [result, reasonToKeep(result, facts, rules)]));
	const remove = results.filter(result => reasons.get(result) === undefined);
	for (const result of remove) {
		references.drop(result);
	}

	const yielding = results.filter(result => isYielding(reasons.get(result))).toSorted((a, b) => a.publishedMs - b.publishedMs);
	for (const result of yielding) {
		if (references.sizeBytes <= (rules.maxSizeBytes ?? Number.POSITIVE_INFINITY)) {
			break;
		}

		references.drop(result);
		reasons.set(result, undefined);
		remove.push(result);
	}

	return {
		remove,
		keep: results.flatMap(result => {
			const reason = reasons.get(result);
			return reason === undefined ? [] : [{result, reason}];
		}),
		freedBytes: references.freedBytes,
		keptBytes: references.sizeBytes,
	};
}

function reasonToKeep({fingerprint, publishedMs}: HeldResult, facts: CollectionFacts, {nowMs, keepDays}: CollectionRules): ReasonToKeep | undefined {
	const holds: Record<ReasonToKeep, boolean> = {
		plan: facts.plan.has(fingerprint),
		pinned: facts.pinned.has(fingerprint),
		live: facts.live.has(fingerprint),
		leased: facts.leased.has(fingerprint),
		recent: nowMs - publishedMs <= recentMs,
		'last-runs': facts.lastRuns.has(fingerprint),
		young: nowMs - publishedMs <= keepDays * dayMs,
	};
	return reasonsToKeep.find(reason => holds[reason]);
}

function isYielding(reason: ReasonToKeep | undefined): boolean {
	return reason === 'last-runs' || reason === 'young';
}

/** How many results have an object: it goes with the last of them. */
class References {
	readonly #counts = new Map<Digest, number>();
	sizeBytes = 0;
	freedBytes = 0;

	constructor(results: readonly HeldResult[]) {
		for (const {digest, sizeBytes} of results.flatMap(({objects}) => objects)) {
			const count = this.#counts.get(digest) ?? 0;
			this.#counts.set(digest, count + 1);
			this.sizeBytes += count === 0 ? sizeBytes : 0;
		}
	}

	drop({objects}: HeldResult): void {
		for (const {digest, sizeBytes} of objects) {
			const count = this.#counts.get(digest)! - 1;
			this.#counts.set(digest, count);
			if (count === 0) {
				this.sizeBytes -= sizeBytes;
				this.freedBytes += sizeBytes;
			}
		}
	}
}
