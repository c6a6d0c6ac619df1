import {stripVTControlCharacters} from 'node:util';
import test from 'ava';
import {formatMove} from '../../cli/numbers.ts';
import {numbers as toy} from '../fixtures/toy/numbers.ts';
import type {Running} from '../../cli/reporter.ts';
import {screenLines} from '../../cli/watch-screen.ts';
import {initialState, type WatchState} from '../../cli/watch-state.ts';

const planned = {fileCount: 12, changed: 'losses/poincare.ts', durationMs: 84.2, at: new Date(2026, 0, 2, 14, 3, 9)};

function screen(state: Partial<WatchState>, columns = 100, rows = 40): readonly string[] {
	return screenLines({...initialState([]), planned, ...state}, {columns, rows}).map(line => stripVTControlCharacters(line));
}

const blankNode: Omit<Running['node'], 'name'> = {index: 0, stage: toy, seed: null, inputs: {}, params: {}, paramsText: '{}', variants: new Set()};

/** A node that started so long ago. */
function running(name: string, ageMs: number): Running {
	const node = {...blankNode, name};
	return {node, startedMs: performance.now() - ageMs, expectedMs: undefined, step: {event: 'step', node, done: 12, total: 48, unit: 'epoch', resumedFrom: 0, memoryBytes: 3e8}, reportedMs: 0, isElsewhere: false};
}

test('before anything is known, it says what is watched', t => {
	t.deepEqual(screen({planned: undefined}), ['watching  all goals', '', 'all 0 nodes are fresh']);
});

test('it shows what runs, what is stale and why, and how numbers moved', t => {
	const lines = screen({
		isRunning: true,
		nodeCount: 9,
		doneCount: 3,
		running: new Map([['optimization@positive', running('optimization@positive', 60_000)]]),
		pending: new Map([['metrics@positive', 'stale: params.batch 8 → 16'], ['table', 'waits for metrics@positive']]),
		numbers: {
			first: new Map([['Acc@1 negative', 60], ['FID negative', 41]]),
			before: new Map([['Acc@1 negative', 62.7], ['FID negative', 41]]),
			now: new Map([['FID negative', 41], ['Acc@1 negative', 64]]),
		},
		texts: ['a table\nof two lines'],
	});
	t.deepEqual(lines, [
		'watching  all goals · 12 files · losses/poincare.ts changed at 14:03:09, re-planned in 84 ms',
		'',
		'running   optimization@positive  ━━━━━─────────────── 12/48 epochs  1 min 00 s · 3 min 00 s left · …',
		'stale     metrics@positive       params.batch 8 → 16',
		'waiting   table                  waits for metrics@positive',
		'3 of 9 nodes',
		'',
		'Acc@1 negative  62.7 → 64.0 (+1.3), since the start 60.0 → 64.0 (+4.0)',
		'FID negative    41.0',
		'',
		'a table',
		'of two lines',
	]);
});

test('it names a few of many stale nodes', t => {
	const pending = new Map(Array.from({length: 18}, (_, index) => [`node-${index}`, 'stale: code changed'] as const));
	t.deepEqual(screen({pending, nodeCount: 20}).slice(2), [
		...[0, 1, 2, 3, 4, 5].map(index => `stale     node-${index}  code changed`),
		'          and 12 more',
		'18 of 20 nodes are not fresh',
	]);
});

test('errors of code, types and nodes are on top, each with its first lines', t => {
	const long = Array.from({length: 20}, (_, line) => `line ${line}`).join('\n');
	const lines = screen({problem: 'It does not compile:\n  a.ts:1:2: Unexpected "="', types: ['b.ts:3:4: Wrong.\n    wrong();'], failed: new Map([['numbers', long]])});
	t.deepEqual(lines, [
		'watching  all goals · 12 files · losses/poincare.ts changed at 14:03:09, re-planned in 84 ms',
		'error     It does not compile:',
		'            a.ts:1:2: Unexpected "="',
		'types     b.ts:3:4: Wrong.',
		'              wrong();',
		'          The last good pipeline goes on.',
		...Array.from({length: 12}, (_, line) => `line ${line}`),
		'          … 8 more lines',
		'',
		'all 0 nodes are fresh',
	]);
});

test('it fits the terminal', t => {
	const lines = screen({texts: [Array.from({length: 50}, (_, line) => `row ${line}`).join('\n')], note: 'stopping'}, 30, 8);
	t.deepEqual(lines, [
		'watching  all goals · 12 file…',
		'',
		'all 0 nodes are fresh',
		'',
		'row 0',
		'row 1',
		'… 48 more lines',
	]);
});

test('checking types, and a checker that ended, are said', t => {
	t.deepEqual(screen({types: 'checking'}).slice(2), ['checking types; what is stale starts when they are right', 'all 0 nodes are fresh']);
	t.deepEqual(screen({types: 'unavailable'}).slice(2), ['the type checker ended; types are not checked any more', 'all 0 nodes are fresh']);
});

test('a number says how it moved', t => {
	t.is(formatMove(undefined, 64), '64.0');
	t.is(formatMove(64, 64.001), '64.0');
	t.is(formatMove(64, 62.7), '64.0 → 62.7 (−1.3)');
	t.is(formatMove(1.5, 1.25), '1.50 → 1.25 (−0.25)');
	t.is(formatMove(0, 0.5), '0.0000 → 0.5000 (+0.5000)');
});
