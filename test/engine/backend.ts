import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import type {UserError} from '../../engine/error.ts';
import {makeRig} from '../helpers/rig.ts';

/*
The toy's middle stage computes with a library that has three backends:
	fast      optional, exclusive
	strange   optional
	plain     part of the project
*/
async function makeComputingRig() {
	const rig = await makeRig();
	writeFileSync(path.join(rig.folder, 'runtime.ts'), `
		import {existsSync} from 'node:fs';
		import type {Runtime} from '../../../engine/stage.ts';

		let live = 0;
		export const leak = () => { live += 2; };
		export const library: Runtime = {
			name: 'library',
			backends: [
				{name: 'fast', package: '@fake/fast', optional: true, exclusive: true},
				{name: 'strange', package: 'fake-strange', optional: true},
				{name: 'plain', package: 'fake-plain'},
			],
			async use(backend) {
				if (existsSync(${JSON.stringify(path.join(rig.folder, 'broken-'))} + backend)) {
					throw new Error('no driver for ' + backend);
				}

				(globalThis as {used?: string}).used = backend;
			},
			liveValues: () => live,
		};
	`);
	rig.edit('scaled.ts', 'import {numberList}', 'import {leak, library} from \'./runtime.ts\';\nimport {numberList}');
	rig.edit('scaled.ts', 'seeded: true,', 'runtime: library,');
	rig.edit('scaled.ts', '({values}, {factor}) => ({', '({values}, {factor}, {backend, log}) => (leak(), log([(globalThis as {used?: string}).used, \'as\', backend].join(\' \')), {');
	add(rig.folder, 'fake-plain', '1.0.0');
	return rig;
}

function add(folder: string, name: string, version: string): void {
	const target = path.join(folder, 'node_modules', name);
	mkdirSync(target, {recursive: true});
	writeFileSync(path.join(target, 'package.json'), JSON.stringify({name, version}));
}

const markBroken = (folder: string, backend: string) => {
	writeFileSync(path.join(folder, `broken-${backend}`), '');
};

type Rig = Awaited<ReturnType<typeof makeComputingRig>>;

/** Runs and tells what the middle stage computed with. */
async function used(rig: Rig, backend?: string) {
	await using project = await rig.open([], backend);
	const outcomes = await project.run({nodes: project.graph.nodes, jobs: 2, listener: () => undefined, signal: new AbortController().signal, command: 'test'});
	const outcome = [...outcomes].find(([{name}]) => name === 'scaled@double')![1];
	return outcome.outcome === 'ran' || outcome.outcome === 'reused' ? `${outcome.outcome}: ${outcome.result.provenance.log.split('\n')[0]}` : outcome;
}

test('the first backend that is installed is used, and its version is known to the stage', async t => {
	using rig = await makeComputingRig();
	t.is(await used(rig), 'ran: plain as plain 1.0.0');
	add(rig.folder, 'fake-strange', '2.0.0');
	t.is(await used(rig), 'ran: strange as strange 2.0.0');
	add(rig.folder, '@fake/fast', '3.0.0');
	t.is(await used(rig), 'ran: fast as fast 3.0.0');
});

test('an optional backend that does not work here is passed over', async t => {
	using rig = await makeComputingRig();
	add(rig.folder, '@fake/fast', '3.0.0');
	markBroken(rig.folder, 'fast');
	t.is(await used(rig), 'ran: plain as plain 1.0.0');
});

test('a backend is used when it is asked for', async t => {
	using rig = await makeComputingRig();
	add(rig.folder, '@fake/fast', '3.0.0');
	t.is(await used(rig, 'plain'), 'ran: plain as plain 1.0.0');
	t.is(await used(rig, 'fast'), 'ran: fast as fast 3.0.0');
	t.is(await used(rig, 'plain'), 'reused: plain as plain 1.0.0');
});

test('another version of the backend makes results stale', async t => {
	using rig = await makeComputingRig();
	await used(rig);
	add(rig.folder, 'fake-plain', '1.0.1');
	t.is(await used(rig), 'ran: plain as plain 1.0.1');
});

test('an unknown backend is refused with the known ones', async t => {
	using rig = await makeComputingRig();
	const error = await t.throwsAsync<UserError>(used(rig, 'fsat'), {name: 'UserError', message: 'There is no backend "fsat"'});
	t.deepEqual(error.facts, {known: 'fast, strange, plain'});
});

test('a backend that is not installed is refused with how to install it', async t => {
	using rig = await makeComputingRig();
	const error = await t.throwsAsync<UserError>(used(rig, 'fast'), {name: 'UserError', message: 'The backend "fast" cannot be used here: the package @fake/fast is not installed'});
	t.is(error.hint, 'Install it: npm install --no-save @fake/fast');
});

test('a backend that does not work is refused with the reason, until it works', async t => {
	using rig = await makeComputingRig();
	add(rig.folder, '@fake/fast', '3.0.0');
	markBroken(rig.folder, 'fast');
	const error = await t.throwsAsync<UserError>(used(rig, 'fast'), {name: 'UserError', message: 'The backend "fast" cannot be used here: no driver for fast'});
	t.is(error.hint, 'Leave out --backend to use the best one that works.');

	rmSync(path.join(rig.folder, 'broken-fast'));
	t.is(await used(rig, 'fast'), 'ran: fast as fast 3.0.0');
});

test('a stage that leaks is warned about', async t => {
	using rig = await makeComputingRig();
	const {outcomes} = await rig.run();
	const outcome = outcomes.get('scaled@single')!;
	t.is(outcome.outcome === 'ran' ? outcome.result.provenance.log.split('\n')[1] : outcome.outcome, 'warning: the stage leaks 2 tensors');
});

test('nodes with an exclusive backend run one at a time', async t => {
	using rig = await makeComputingRig();
	add(rig.folder, '@fake/fast', '3.0.0');
	let running = 0;
	let most = 0;
	await rig.run({
		jobs: 4,
		onEvent(event) {
			if (event.event === 'started' || event.event === 'finished') {
				const isComputing = event.node.name.startsWith('scaled');
				running += isComputing ? (event.event === 'started' ? 1 : -1) : 0;
				most = Math.max(most, running);
			}
		},
	});
	t.is(most, 1);
});

test('results depend on the device where the backend says so, and an emulated one is used only when it is asked for', async t => {
	using rig = await makeComputingRig();
	const deviceFile = path.join(rig.folder, 'device.json');
	const setDevice = (name: string, isEmulated: boolean) => {
		writeFileSync(deviceFile, JSON.stringify({name, isEmulated}));
	};

	rig.edit('runtime.ts', 'import {existsSync}', 'import {existsSync, readFileSync}');
	rig.edit('runtime.ts', 'optional: true, exclusive: true}', 'optional: true, exclusive: true, dependsOnDevice: true}');
	rig.edit('runtime.ts', '(globalThis as {used?: string}).used = backend;', `(globalThis as {used?: string}).used = backend;
				return backend === 'fast' ? JSON.parse(readFileSync(${JSON.stringify(deviceFile)}, 'utf8')) : undefined;`);
	add(rig.folder, '@fake/fast', '3.0.0');

	// No GPU but a processor that plays one: left alone, unless somebody insists.
	setDevice('soft, driver 1', true);
	t.is(await used(rig), 'ran: plain as plain 1.0.0');
	t.is(await used(rig, 'fast'), 'ran: fast as fast 3.0.0, soft, driver 1');

	// Another device: its own results, without anybody telling.
	setDevice('card, driver 7', false);
	t.is(await used(rig, 'fast'), 'ran: fast as fast 3.0.0, card, driver 7');
	setDevice('card, driver 8', false);
	t.is(await used(rig, 'fast'), 'ran: fast as fast 3.0.0, card, driver 8');
	setDevice('card, driver 7', false);
	t.is(await used(rig, 'fast'), 'reused: fast as fast 3.0.0, card, driver 7');
});
