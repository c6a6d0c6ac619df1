import test from 'ava';
import {dayMs, planCollection, type CollectionFacts, type CollectionRules} from '../../engine/collection.ts';
import type {Digest, Fingerprint} from '../../engine/digest.ts';
import type {HeldResult} from '../../engine/inventory.ts';

const nowMs = 1000 * dayMs;

/** A result that is so many days old, with objects by name and size. */
function result(name: string, ageDays: number, objects: Readonly<Record<string, number>>): HeldResult {
	return {fingerprint: name as Fingerprint, nodeName: name, publishedMs: nowMs - (ageDays * dayMs), objects: Object.entries(objects).map(([digest, sizeBytes]) => ({digest: digest as Digest, sizeBytes}))};
}

const nothing: ReadonlySet<Fingerprint> = new Set();
const no: CollectionFacts = {plan: nothing, pinned: nothing, live: nothing, leased: nothing, lastRuns: nothing};
const only = (name: string): ReadonlySet<Fingerprint> => new Set([name as Fingerprint]);
const rules: CollectionRules = {nowMs, keepDays: 7, maxSizeBytes: undefined};

function plan(results: readonly HeldResult[], facts: Partial<CollectionFacts> = {}, changed: Partial<CollectionRules> = {}) {
	const {remove, keep, freedBytes, keptBytes} = planCollection(results, {...no, ...facts}, {...rules, ...changed});
	return {remove: remove.map(({nodeName}) => nodeName), keep: keep.map(({result: {nodeName}, reason}) => `${nodeName} ${reason}`), freedBytes, keptBytes};
}

test('what is older than the days to keep goes', t => {
	t.deepEqual(plan([result('old', 8, {x: 10}), result('young', 6, {y: 5})]), {remove: ['old'], keep: ['young young'], freedBytes: 10, keptBytes: 5});
});

for (const [fact, reason] of [['plan', 'plan'], ['pinned', 'pinned'], ['live', 'live'], ['leased', 'leased'], ['lastRuns', 'last-runs']] as const) {
	test(`an old result stays for ${fact}`, t => {
		t.deepEqual(plan([result('old', 8, {x: 10})], {[fact]: only('old')}), {remove: [], keep: [`old ${reason}`], freedBytes: 0, keptBytes: 10});
	});
}

test('what was published within the hour stays whatever the rules', t => {
	t.deepEqual(plan([result('new', 0.5 / 24, {x: 10}), result('older', 2 / 24, {y: 1})], {}, {keepDays: 0, maxSizeBytes: 0}), {remove: ['older'], keep: ['new recent'], freedBytes: 1, keptBytes: 10});
});

test('an object goes with the last result that has it', t => {
	t.deepEqual(plan([result('old', 8, {shared: 10, own: 1}), result('young', 1, {shared: 10})]), {remove: ['old'], keep: ['young young'], freedBytes: 1, keptBytes: 10});
	t.deepEqual(plan([result('one', 8, {shared: 10}), result('two', 9, {shared: 10})]), {remove: ['one', 'two'], keep: [], freedBytes: 10, keptBytes: 0});
});

test('a limit of size takes the oldest first and no more than it must', t => {
	const results = [result('a', 1, {a: 10}), result('b', 3, {b: 10}), result('c', 2, {c: 10})];
	t.deepEqual(plan(results, {}, {maxSizeBytes: 20}), {remove: ['b'], keep: ['a young', 'c young'], freedBytes: 10, keptBytes: 20});
	t.deepEqual(plan(results, {}, {maxSizeBytes: 19}), {remove: ['b', 'c'], keep: ['a young'], freedBytes: 20, keptBytes: 10});
});

test('a limit of size takes neither pins nor the plan nor what runs use', t => {
	const results = [result('plan', 9, {a: 10}), result('pinned', 9, {b: 10}), result('live', 9, {c: 10}), result('last', 9, {d: 10})];
	const facts = {plan: only('plan'), pinned: only('pinned'), live: only('live'), lastRuns: only('last')};
	t.deepEqual(plan(results, facts, {maxSizeBytes: 0}), {remove: ['last'], keep: ['plan plan', 'pinned pinned', 'live live'], freedBytes: 10, keptBytes: 30});
});
