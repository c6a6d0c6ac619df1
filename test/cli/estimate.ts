import {rmSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {pipeline} from '../helpers/cli.ts';
import {makeRig} from '../helpers/rig.ts';

test('an estimate tells compute, memory and time per node, the whole, and what is not known', async t => {
	using rig = await makeRig('priced');
	const {exitCode, stdout, stderr} = await pipeline(rig, ['estimate', '--jobs', '2']);
	t.is(exitCode, 0);
	t.is(stderr, '');
	t.is(stdout, [
		'node       compute   memory     time  how known',
		'reading     0 FLOP   5.2 kB    4.0 s  calculated',
		'repeating  12 FLOP  12.0 kB    3.0 s  calculated',
		'counting                     unknown',
		'',
		'3 of 3 nodes would run: 12 FLOP, about 7.0 s, 2 at a time (7.0 s one after the other)',
		'memory    up to 12.0 kB in one process, 17.2 kB in 2 at a time',
		'path      7.0 s that nothing can hurry: reading → repeating → counting',
		'unknown   1 of them, which read results and take next to nothing: counting',
	].join('\n'));
});

test('an estimate says what it takes for granted', async t => {
	using rig = await makeRig('priced');
	rmSync(path.join(rig.folder, 'words'), {recursive: true});
	const {exitCode, stdout} = await pipeline(rig, ['estimate', 'repeating']);
	t.is(exitCode, 0);
	t.regex(stdout, /^assumed {3}ten words are taken for granted$/m);
	t.regex(stdout, /^reading +0 FLOP +6\.0 kB +20 s +calculated$/m);
});

test('an estimate warns of what does not fit, and says what would', async t => {
	using rig = await makeRig('priced');
	const {exitCode, stdout} = await pipeline(rig, ['estimate', '--set', 'repeating.times=1000000000']);
	t.is(exitCode, 0);
	t.regex(stdout, /^repeating .* 11574 days {2}calculated$/m);
	t.regex(stdout, /^warning {3}repeating needs about 2\.0 TB, this machine has [\d.]+ GB: set repeating\.times to at most \d+$/m);
});

test('after a run everything is fresh, and with --all told from what was measured', async t => {
	using rig = await makeRig('priced');
	t.is((await pipeline(rig, ['run'])).exitCode, 0);
	t.regex((await pipeline(rig, ['estimate'])).stdout, /^all 3 nodes are fresh: nothing would run$/m);
	t.regex((await pipeline(rig, ['estimate', '--all'])).stdout, /^repeating +12 FLOP +[\d.]+ MB +[\d.]+ s {2}measured$/m);
});

test('an estimate for machines has the parts of memory and work', async t => {
	using rig = await makeRig('priced');
	const {stdout} = await pipeline(rig, ['estimate', '--json', '--jobs', '1']);
	const {nodes, totals, assumptions, warnings, speed} = JSON.parse(stdout) as {nodes: ReadonlyArray<Record<string, unknown>>; totals: object; assumptions: unknown; warnings: unknown; speed: unknown};
	t.deepEqual(nodes[1], {
		node: 'repeating', stage: 'repeating', fresh: false, flops: 12, work: {copy: 6}, memory: {data: 6000, copies: 1000}, assumptions: [], durationMs: {value: 3000, source: 'calculated'}, memoryBytes: {value: 12_000, source: 'calculated'},
	});
	t.deepEqual(totals, {flops: 12, workMs: 7000, durationMs: 7000, jobs: 1, criticalPath: ['reading', 'repeating', 'counting'], criticalMs: 7000, memoryBytes: 12_000, togetherBytes: 12_000, unknown: ['counting']});
	t.deepEqual([assumptions, warnings], [[], []]);
	t.deepEqual(speed, {secondsPer: {file: 2, copy: 0.5}, processBytes: 5000});
});
