import {rmSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {durationOf, memoryOf, type Forecast} from '../../engine/forecast.ts';
import {makeRig} from '../helpers/rig.ts';

type Rig = Awaited<ReturnType<typeof makeRig>>;

async function forecastOf(rig: Rig, {set = [], all = false}: {readonly set?: ReadonlyArray<readonly [string, unknown]>; readonly all?: boolean} = {}): Promise<Readonly<Record<string, Forecast>>> {
	await using project = await rig.open(set);
	const {forecasts} = await project.forecast(project.needed(project.find([])), {all, signal: new AbortController().signal});
	return Object.fromEntries(forecasts.map(forecast => [forecast.node.name, forecast]));
}

test('time is work at the measured speed, and memory that of the process with what is declared', t => {
	const speed = {secondsPer: {multiply: 0.001, move: 0.5}, processBytes: 1000};
	t.is(durationOf({work: {multiply: 3000, move: 2}}, speed), 4000);
	t.is(memoryOf({memory: {weights: 20, data: 3}}, speed), 1023);
});

test('sizes go from stage to stage before anything runs', async t => {
	using rig = await makeRig('priced');
	const {reading, repeating, counting} = await forecastOf(rig);
	// Two files, at 2 seconds each.
	t.deepEqual(reading?.durationMs, {value: 4000, source: 'calculated'});
	t.deepEqual(reading?.memoryBytes, {value: 5200, source: 'calculated'});
	// Each of two words three times, at half a second.
	t.deepEqual(repeating?.durationMs, {value: 3000, source: 'calculated'});
	t.deepEqual(repeating?.memoryBytes, {value: 12_000, source: 'calculated'});
	t.is(repeating?.cost?.flops, 12);
	t.deepEqual([counting?.cost, counting?.durationMs, counting?.isFresh], [undefined, undefined, false]);
});

test('a folder that is missing is made good by what the stage takes for granted', async t => {
	using rig = await makeRig('priced');
	rmSync(path.join(rig.folder, 'words'), {recursive: true});
	const {reading, repeating} = await forecastOf(rig);
	t.deepEqual(reading?.cost?.assumptions, ['ten words are taken for granted']);
	t.deepEqual(reading?.durationMs, {value: 20_000, source: 'calculated'});
	t.deepEqual(repeating?.durationMs, {value: 15_000, source: 'calculated'});
});

test('what ran costs nothing, and is measured when all is asked for', async t => {
	using rig = await makeRig('priced');
	const {outcomes} = await rig.run();
	const fresh = await forecastOf(rig);
	t.true(Object.values(fresh).every(({isFresh, cost, durationMs}) => isFresh && cost === undefined && durationMs === undefined));

	const {repeating, counting} = await forecastOf(rig, {all: true});
	const outcome = outcomes.get('repeating')!;
	t.is(outcome.outcome, 'ran');
	if (outcome.outcome === 'ran') {
		t.deepEqual(repeating?.durationMs, {value: outcome.result.provenance.durationMs, source: 'measured'});
		t.deepEqual(repeating?.memoryBytes, {value: outcome.result.provenance.peakMemoryBytes, source: 'measured'});
	}

	// It tells nothing of its work: what was recorded is all there is.
	t.is(counting?.durationMs?.source, 'recorded');
});

test('other params with the same work count as measured, with similar work in proportion, and with quite other work not at all', async t => {
	using rig = await makeRig('priced');
	const {outcomes} = await rig.run();
	const outcome = outcomes.get('repeating')!;
	const measuredMs = outcome.outcome === 'ran' ? outcome.result.provenance.durationMs : Number.NaN;
	const same = await forecastOf(rig, {set: [['repeating.separator', ', ']]});
	t.deepEqual(same.repeating?.durationMs, {value: measuredMs, source: 'measured'});
	t.true(same.reading?.isFresh);

	const twice = await forecastOf(rig, {set: [['repeating.times', 6]]});
	t.deepEqual(twice.repeating?.durationMs, {value: 2 * measuredMs, source: 'scaled'});
	t.deepEqual(twice.repeating?.memoryBytes, {value: 18_000, source: 'calculated'});

	const manyTimes = await forecastOf(rig, {set: [['repeating.times', 3000]]});
	t.deepEqual(manyTimes.repeating?.durationMs, {value: 3_000_000, source: 'calculated'});
});

test('what a stage costs and what an artifact looks like from afar are no part of the code', async t => {
	using rig = await makeRig('priced');
	const digests = async () => {
		await using project = await rig.open();
		return project.graph.nodes.map(({stage}) => project.loaded.codeOf(stage).digest);
	};

	const before = await digests();
	rig.edit('stages.ts', 'work: {copy: count * times}', 'work: {copy: 7 * count * times}');
	rig.edit('stages.ts', '?? 10', '?? 11');
	rig.edit('list.ts', 'count: list.length', 'count: list.length + 0');
	t.deepEqual(await digests(), before);
});

test('an estimate leaves nothing in the cache', async t => {
	using rig = await makeRig('priced');
	await forecastOf(rig);
	await using project = await rig.open();
	t.deepEqual(['reading', 'repeating', 'counting', 'fixed-speed'].flatMap(stage => project.store.resultsOf(stage)), []);
});
