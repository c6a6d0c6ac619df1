import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {setTimeout} from 'node:timers/promises';
import test from 'ava';
import type {Digest} from '../../engine/digest.ts';
import {recall, remember} from '../../engine/memo.ts';
import type {ProjectOptions} from '../../engine/project.ts';
import {Store} from '../../engine/store.ts';
import {makeRig, type RigOptions} from '../helpers/rig.ts';

/** Large enough for object files. */
const set: NonNullable<RigOptions['set']> = [['numbers.count', 9000]];

/** What is compiled from files that are too young for the clock of the file system is not kept. */
async function settled(): Promise<void> {
	await setTimeout(100);
}

/** A toy whose run with nothing to do is remembered. */
async function remembered() {
	const rig = await makeRig();
	rig.edit('numbers.ts', 'maximum: 1000', 'maximum: 10_000');
	await settled();
	await using project = await rig.open(set);
	const outcomes = await project.run({nodes: project.needed(project.find([])), jobs: 2, signal: new AbortController().signal, command: 'test', listener: () => undefined});
	remember(project, outcomes, {goals: [], printed: 'the table'});
	return {
		rig,
		digest: [...outcomes.values()].flatMap(outcome => ('result' in outcome ? [outcome.result] : []))[0]!.outputs.values!.digest,
		recalled(options: Partial<ProjectOptions> = {}, goals: readonly string[] = []) {
			using store = new Store(rig.files.cacheFolder);
			return recall(store, {...project.options, ...options}, goals).memo;
		},
		[Symbol.dispose](): void {
			rig[Symbol.dispose]();
		},
	};
}

test('a run after which everything is fresh is remembered with what it printed', async t => {
	using toy = await remembered();
	const {printed, nodes, reports} = toy.recalled()!;
	t.is(printed, 'the table');
	t.is(nodes, 4);
	t.deepEqual(Object.keys(reports), ['totals.json']);
});

test('other goals, other params and another backend are another run', async t => {
	using toy = await remembered();
	t.is(toy.recalled({}, ['numbers']), undefined);
	t.is(toy.recalled({overrides: []}), undefined);
	t.is(toy.recalled({overrides: [...set, ['total.offset', 5]]}), undefined);
	t.is(toy.recalled({overrides: [...set, ['extends', 'x']]}), undefined);
	t.is(toy.recalled({backend: 'wasm'}), undefined);
	t.is(toy.recalled({paramsFile: '/nowhere/params.json'}), undefined);
	t.not(toy.recalled(), undefined);
});

test('an edit of the params file ends the memory, and undoing it brings it back', async t => {
	using toy = await remembered();
	toy.rig.edit('params.json', '"offset": 0', '"offset": 7');
	t.is(toy.recalled(), undefined);
	toy.rig.edit('params.json', '"offset": 7', '"offset": 0');
	t.not(toy.recalled(), undefined);
});

test('a run whose params list values for sweeps is remembered, and other values are other params', async t => {
	using rig = await makeRig();
	rig.edit('params.json', '"seed": 0,', '"seed": 0, "sweep": {"scaled.factor": [1, 2]},');
	await settled();
	await using project = await rig.open();
	const outcomes = await project.run({nodes: project.needed(project.find([])), jobs: 2, signal: new AbortController().signal, command: 'test', listener: () => undefined});
	remember(project, outcomes, {goals: [], printed: ''});
	t.not(recall(project.store, project.options, []).memo, undefined);
	rig.edit('params.json', '[1, 2]', '[1, 3]');
	t.is(recall(project.store, project.options, []).memo, undefined);
});

test('an edit of the code ends the memory', async t => {
	using toy = await remembered();
	toy.rig.edit('helpers.ts', 'value * value', 'value * value * 1');
	t.is(toy.recalled(), undefined);
});

test('a deleted object file ends the memory', async t => {
	using toy = await remembered();
	rmSync(path.join(toy.rig.files.cacheFolder, 'objects', toy.digest.slice(0, 2), toy.digest.slice(2)));
	t.is(toy.recalled(), undefined);
});

test('an object that was set aside ends the memory', async t => {
	using toy = await remembered();
	{
		using store = new Store(toy.rig.files.cacheFolder);
		store.setAside(toy.digest);
	}

	t.is(toy.recalled(), undefined);
});

test('a run that was cancelled is not remembered', async t => {
	using rig = await makeRig();
	await settled();
	await using project = await rig.open();
	const outcomes = await project.run({nodes: project.needed(project.find([])), jobs: 2, signal: AbortSignal.abort(), command: 'test', listener: () => undefined});
	remember(project, outcomes, {goals: [], printed: ''});
	t.is(recall(project.store, project.options, []).memo, undefined);
});

test('what was removed while the run went on is not taken for fresh', async t => {
	using rig = await makeRig();
	await settled();
	await using project = await rig.open();
	const outcomes = await project.run({
		nodes: project.needed(project.find([])),
		jobs: 1,
		signal: new AbortController().signal,
		command: 'test',
		listener(event) {
			if (event.event === 'finished' && event.node.name === 'total') {
				project.store.setAside('f'.repeat(32) as Digest);
			}
		},
	});
	remember(project, outcomes, {goals: [], printed: ''});
	t.is(recall(project.store, project.options, []).memo, undefined);
});

test('a change in an input folder ends the memory', async t => {
	using rig = await makeRig();
	const folder = path.join(rig.folder, 'texts');
	rig.edit('numbers.ts', 'inputs: {}', 'inputs: {texts: files}');
	rig.edit('numbers.ts', '{defineStage}', '{defineStage, files}');
	rig.edit('pipeline.ts', 'add(numbers, {}, params.numbers)', 'add(numbers, {texts: folder(\'${TOY_TEXTS:-texts}\')}, params.numbers)'); // eslint-disable-line no-template-curly-in-string -- what paths of folders may hold
	rig.edit('pipeline.ts', 'variant({add, params})', 'variant({add, folder, params})');
	mkdirSync(folder);
	writeFileSync(path.join(folder, 'a.txt'), 'one');
	await settled();
	await using project = await rig.open();
	const outcomes = await project.run({nodes: project.needed(project.find([])), jobs: 1, signal: new AbortController().signal, command: 'test', listener: () => undefined});
	remember(project, outcomes, {goals: [], printed: ''});
	t.not(recall(project.store, project.options, []).memo, undefined);

	process.env.TOY_TEXTS = rig.folder;
	t.is(recall(project.store, project.options, []).memo, undefined, 'the variable that names the folder counts');
	delete process.env.TOY_TEXTS;
	t.not(recall(project.store, project.options, []).memo, undefined);

	writeFileSync(path.join(folder, 'a.txt'), 'two');
	t.is(recall(project.store, project.options, []).memo, undefined);
	rmSync(folder, {recursive: true});
	t.is(recall(project.store, project.options, []).memo, undefined);
});
