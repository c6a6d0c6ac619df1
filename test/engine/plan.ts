import {readdirSync, rmSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import type {NodeState} from '../../engine/plan.ts';
import {makeRig, type RigOptions} from '../helpers/rig.ts';

type Rig = Awaited<ReturnType<typeof makeRig>>;

/** Node name → what is known of it, with its reason. */
async function planOf(rig: Rig, set: RigOptions['set'] = []) {
	await using project = await rig.open(set);
	const states = await project.plan(project.graph.nodes);
	return Object.fromEntries([...states].map(([node, state]) => [node.name, describe(state)]));
}

function describe(state: NodeState): unknown {
	switch (state.state) {
		case 'fresh': {
			return 'fresh';
		}

		case 'waiting': {
			return `waits for ${state.inputs.map(({name}) => name).join(', ')}`;
		}

		case 'stale': {
			return state.why.reason === 'changed' ? state.why.differences : state.why;
		}
	}
}

test('in an empty cache nodes without inputs never ran and the others wait', async t => {
	using rig = await makeRig();
	t.deepEqual(await planOf(rig), {
		numbers: {reason: 'never-ran'},
		'scaled@single': 'waits for numbers',
		'scaled@double': 'waits for numbers',
		total: 'waits for scaled@single, scaled@double',
	});
});

test('after a run everything is fresh', async t => {
	using rig = await makeRig();
	await rig.run();
	t.deepEqual(await planOf(rig), {numbers: 'fresh', 'scaled@single': 'fresh', 'scaled@double': 'fresh', total: 'fresh'});
});

test('a changed param is named with its old and new value, and what depends on it waits', async t => {
	using rig = await makeRig();
	await rig.run();
	t.deepEqual(await planOf(rig, [['scaled.factor', 3]]), {
		numbers: 'fresh',
		'scaled@single': [{what: 'params.factor', before: 1, now: 3}],
		'scaled@double': 'fresh',
		total: 'waits for scaled@single',
	});
});

test('the comparison is with the nearest earlier result, not with the latest', async t => {
	using rig = await makeRig();
	await rig.run({set: [['numbers.count', 5], ['total.offset', 1]]});
	await rig.run({set: [['numbers.count', 7], ['total.offset', 2]]});
	const {total} = await planOf(rig, [['numbers.count', 5], ['total.offset', 3]]);
	t.deepEqual(total, [{what: 'params.offset', before: 1, now: 3}]);
});

test('of equally near results the latest is compared with', async t => {
	using rig = await makeRig();
	await rig.run({set: [['numbers.count', 3]]});
	await rig.run({set: [['numbers.count', 4]]});
	const {numbers} = await planOf(rig, [['numbers.count', 5]]);
	t.deepEqual(numbers, [{what: 'params.count', before: 4, now: 5}]);
});

test('a lost object is named', async t => {
	using rig = await makeRig();
	rig.edit('numbers.ts', 'maximum: 1000', 'maximum: 10_000');
	const set = [['numbers.count', 9000], ['scaled.factor', 3]] as const;
	await rig.run({set});
	rmSync(path.join(rig.files.cacheFolder, 'objects'), {recursive: true});
	const {numbers, 'scaled@single': scaled, total} = await planOf(rig, set);
	t.deepEqual(numbers, {reason: 'object-missing', outputs: ['values']});
	t.is(scaled, 'waits for numbers');
	t.is(total, 'waits for scaled@single, scaled@double');
});

test('a lost object is told from a changed param however many results there are', async t => {
	using rig = await makeRig();
	rig.edit('numbers.ts', 'maximum: 1000', 'maximum: 10_000');
	const set = [['numbers.count', 9000]] as const;
	await rig.run({set, goals: ['numbers']});
	for (let count = 1; count <= 21; count++) {
		await rig.run({set: [['numbers.count', count]], goals: ['numbers']});
	}

	rmSync(path.join(rig.files.cacheFolder, 'objects'), {recursive: true});
	t.deepEqual((await planOf(rig, set)).numbers, {reason: 'object-missing', outputs: ['values']});
});

test('a stage that changed is named as code', async t => {
	using rig = await makeRig();
	await rig.run();
	rig.edit('scaled.ts', 'Math.round(value * factor)', 'Math.floor(value * factor)');
	const {'scaled@single': scaled} = await planOf(rig);
	t.deepEqual((scaled as Array<{what: string}>).map(({what}) => what), ['code']);
});

test('planning runs nothing and writes no object', async t => {
	using rig = await makeRig();
	await planOf(rig);
	t.deepEqual(readdirSync(rig.files.cacheFolder).filter(name => !name.startsWith('index.sqlite')), []);
});
