import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {cacheFolder} from '../../engine/code.ts';
import {rank, tableText} from '../../examples/word-count/rank.ts';
import {wordsOf} from '../../examples/word-count/words.ts';
import {pipeline} from '../helpers/cli.ts';

const examples = path.join(import.meta.dirname, '../../examples');

/** A copy of the example beside it, so that its imports resolve. */
function copyExample() {
	const folder = mkdtempSync(path.join(examples, 'rig-'));
	for (const name of ['pipeline.ts', 'params.json', 'rank.ts', 'word-counts.ts', 'words.ts', 'stages', 'texts']) {
		cpSync(path.join(examples, 'word-count', name), path.join(folder, name), {recursive: true});
	}

	return {
		folder,
		[Symbol.dispose](): void {
			rmSync(cacheFolder(folder), {recursive: true, force: true});
			rmSync(folder, {recursive: true, force: true});
		},
	};
}

type Event = {readonly event: string; readonly node: string; readonly outcome: {readonly outcome: string}};

/** Nodes by outcome, and what the example warns of. */
async function runExample(example: {readonly folder: string}) {
	const {stdout, stderr, exitCode} = await pipeline(example, ['run', '--json', '--jobs', '1']);
	const events = stdout.split('\n').map(line => JSON.parse(line) as Event);
	const named = (wanted: string) => events.filter(({event, outcome}) => event === 'finished' && outcome.outcome === wanted).map(({node}) => node).toSorted();
	return {exitCode, stderr, warnings: events.filter(({event}) => event === 'warning'), ran: named('ran'), reused: named('reused')};
}

const all = ['count@harbour', 'count@mountain', 'ranking'];
const quiet = {exitCode: 0, stderr: '', warnings: []};

test('the example runs, reuses, and runs what follows from an edited text', async t => {
	using example = copyExample();
	t.deepEqual(await runExample(example), {...quiet, ran: all, reused: []});
	const report = path.join(example.folder, 'reports/words.txt');
	t.is(readFileSync(report, 'utf8'), `\
word      harbour  mountain  total
light           3         2      5
water           3         2      5
boats           4         0      4
path            0         4      4
somebody        2         2      4
town            2         2      4
wall            2         2      4
counts          3         0      3
`);

	// Nothing changed.
	t.deepEqual(await runExample(example), {...quiet, ran: [], reused: all});

	// One more word in one text.
	const text = path.join(example.folder, 'texts/mountain/path.txt');
	const before = readFileSync(text, 'utf8');
	writeFileSync(text, before.replace('The path', 'The steep path'));
	t.deepEqual(await runExample(example), {...quiet, ran: ['count@mountain', 'ranking'], reused: ['count@harbour']});

	// Other bytes with the same words: what is counted is the same, so the table is.
	writeFileSync(text, before.replace('The path', 'The  steep, path'));
	t.deepEqual(await runExample(example), {...quiet, ran: ['count@mountain'], reused: ['count@harbour', 'ranking']});
});

test('a word is letters, with apostrophes and hyphens inside', t => {
	t.deepEqual(wordsOf('“Don’t — stop!” said the look-out, 3 times; -à bientôt-'), ['don’t', 'stop', 'said', 'the', 'look-out', 'times', 'à', 'bientôt']);
	t.deepEqual(wordsOf(' \n'), []);
});

test('words rank by their total, then by their letters, and any word counts', t => {
	const table = rank([['a', {constructor: 1, sea: 2}], ['b', {sea: 1, air: 1, zoo: 1}]], 3);
	t.deepEqual(table, [
		{word: 'sea', counts: {a: 2, b: 1}, total: 3},
		{word: 'air', counts: {a: 0, b: 1}, total: 1},
		{word: 'constructor', counts: {a: 1, b: 0}, total: 1},
	]);
	t.is(tableText(rank([['a', {}]], 3)), 'word  total');
});
