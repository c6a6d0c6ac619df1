import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {layeredDag} from '../../../bench/layered-dag.ts';
import {Contestant} from '../../../bench/peers/contestant.ts';
import {make} from '../../../bench/peers/make.ts';
import {ours} from '../../../bench/peers/ours.ts';
import {commonFiles, outputFile, sourceFile, type Peer} from '../../../bench/peers/peer.ts';

const limitMs = 100_000;
const dag = layeredDag(3);

function contestant(t: ExecutionContext, peer: Peer): Contestant {
	const folder = mkdtempSync(path.join(tmpdir(), 'contestant-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true});
	});
	return new Contestant(peer, dag, {home: '/nowhere', jobs: 1, folder: path.join(folder, 'project')});
}

/** A peer whose build system is a line of shell. */
function scripted(script: string): Peer {
	return {
		...make,
		write: () => ({
			files: commonFiles(dag),
			command: ['sh', '-c', script],
			outputs: [outputFile(dag.last)],
			leaf: sourceFile('leaf'),
			state: ['state'],
		}),
	};
}

const copyLeaf = `cat ${sourceFile('leaf')} > ${outputFile(dag.last)}`;

test('every kind of run of our engine does what it should', async t => {
	const it = contestant(t, ours);
	for (const kind of ['cold', 'nothing', 'leaf'] as const) {
		t.regex(await it.measure(kind, limitMs), /^\d+ ms$/, kind);
	}

	t.is(it.problem, undefined);
	t.deepEqual(Object.values(it.measured).map(({ms}) => ms.length), [1, 1, 1]);
});

test('a cold run finds neither outputs nor state', async t => {
	const it = contestant(t, scripted(`[ ! -e state ] && [ ! -e ${outputFile(dag.last)} ] && touch state && ${copyLeaf}`));
	t.regex(await it.measure('cold', limitMs), /ms$/);
	t.regex(await it.measure('cold', limitMs), /ms$/);
});

test('a warm-up is not counted', async t => {
	const it = contestant(t, scripted(copyLeaf));
	await it.measure('cold', limitMs);
	await it.warmUp(limitMs);
	t.deepEqual(it.measured.nothing.ms, []);
	t.false(it.isOut);
});

test('a run that makes no output is no result', async t => {
	const it = contestant(t, scripted('true'));
	t.is(await it.measure('cold', limitMs), '1 outputs missing');
	t.true(it.isOut);
	t.deepEqual(it.measured.cold, {ms: [], problem: '1 outputs missing'});
});

test('a change that is not seen is no result', async t => {
	const it = contestant(t, scripted(`[ -e ${outputFile(dag.last)} ] || ${copyLeaf}`));
	await it.measure('cold', limitMs);
	t.is(await it.measure('leaf', limitMs), 'change not seen');
});

test('a run that has nothing to do leaves the outputs as they are', async t => {
	const it = contestant(t, scripted(`echo again >> ${outputFile(dag.last)}`));
	await it.measure('cold', limitMs);
	t.is(await it.measure('nothing', limitMs), 'output changed');
});

test('a failure is told with the last lines of the log', async t => {
	const it = contestant(t, scripted('echo one; echo two >&2; exit 3'));
	t.is(await it.measure('cold', limitMs), 'ended with exit code 3\none\ntwo');
	t.is(it.problem, 'failed');
});

test('a run over the limit is killed with all it started', async t => {
	const it = contestant(t, scripted('sleep 1000 & wait'));
	t.is(await it.measure('cold', 200), '> 0.2 s');
	t.is(it.problem, '> 0.2 s');
});
