import {chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {makeRig} from '../helpers/rig.ts';

const all = ['numbers', 'scaled@double', 'scaled@single', 'total'];

test('everything runs once, then everything is reused', async t => {
	using rig = await makeRig();
	const first = await rig.run();
	t.deepEqual(first.ran, all);
	t.deepEqual(first.goals, {report: {single: 30, double: 60}});

	const second = await rig.run();
	t.deepEqual(second.ran, []);
	t.deepEqual(second.reused, all);
	t.deepEqual(second.goals, first.goals);
});

test('a computed result tells of its outputs what a reused one tells', async t => {
	using rig = await makeRig();
	const outputsOfRun = async () => {
		const told: unknown[] = [];
		await rig.run({onEvent(event) {
			if (event.event === 'finished' && 'result' in event.outcome) {
				told.push([event.node.name, event.outcome.result.outputs]);
			}
		}});
		return told;
	};

	const ran = await outputsOfRun();
	t.deepEqual(ran, await outputsOfRun());
	t.deepEqual(ran[0], ['numbers', {values: {digest: 'd31a6121ef5792d77767a0b62b85d531', kind: 'number-list', sizeBytes: 12}}]);
});

test('a changed param runs its stage and what its bytes reach', async t => {
	using rig = await makeRig();
	await rig.run();

	const changed = await rig.run({set: [['scaled.factor', 3]]});
	t.deepEqual(changed.ran, ['scaled@single', 'total']);
	t.deepEqual(changed.reused, ['numbers', 'scaled@double']);
	t.deepEqual(changed.goals, {report: {single: 90, double: 60}});

	// Back again: the earlier results are still there.
	t.deepEqual((await rig.run()).ran, []);
});

test('variants whose params are equal share a node', async t => {
	using rig = await makeRig();
	const {ran} = await rig.run({set: [['scaled.factor', 2]]});
	t.deepEqual(ran, ['numbers', 'scaled', 'total']);
});

test('an upstream rerun with equal bytes stops there', async t => {
	using rig = await makeRig();
	await rig.run();
	rig.edit('helpers.ts', 'return value * value;', 'return value ** 2;');

	const {ran, reused} = await rig.run();
	t.deepEqual(ran, ['numbers']);
	t.deepEqual(reused, ['scaled@double', 'scaled@single', 'total']);
});

test('a comment, a type, white space or an unused helper makes nothing stale', async t => {
	using rig = await makeRig();
	await rig.run();
	rig.edit('scaled.ts', '/** Every number times a factor', '/** Each number, multiplied');
	rig.edit('numbers.ts', 'const values: number[] = [];', 'const values: Array<number> = [];\n\n');
	rig.edit('helpers.ts', 'value ** 3', 'value * value * value');

	t.deepEqual((await rig.run()).ran, []);
});

test('rewording a param or widening its range makes nothing stale', async t => {
	using rig = await makeRig();
	await rig.run();
	rig.edit('numbers.ts', 'maximum: 1000, description: \'How many numbers.\'', 'maximum: 2000, description: \'Their count.\'');

	t.deepEqual((await rig.run()).ran, []);
});

test('a real edit runs the stage and what its changed bytes reach', async t => {
	using rig = await makeRig();
	await rig.run();
	rig.edit('total.ts', 'sum + value', 'sum + value + 1');

	const {ran, reused, goals} = await rig.run();
	t.deepEqual(ran, ['total']);
	t.deepEqual(reused, ['numbers', 'scaled@double', 'scaled@single']);
	t.deepEqual(goals, {report: {single: 35, double: 65}});
});

test('a stage that is added to a pipeline runs, and nothing else does', async t => {
	using rig = await makeRig();
	await rig.run();
	// Compiled code is kept only when its files are older than the compilation.
	await rig.run();
	writeFileSync(path.join(rig.folder, 'halved.ts'), readFileSync(path.join(rig.folder, 'scaled.ts'), 'utf8').replaceAll('scaled', 'halved'));
	rig.edit('pipeline.ts', 'import {total}', 'import {halved} from \'./halved.ts\';\nimport {total}');
	rig.edit('pipeline.ts', 'return {products:', 'add(halved, {values}, {factor: 0.5});\n\t\treturn {products:');

	const {ran, reused} = await rig.run({goals: ['halved']});
	t.deepEqual(ran, ['halved']);
	t.deepEqual(reused, ['numbers']);
});

test('the seed makes only stages that draw random numbers stale', async t => {
	using rig = await makeRig();
	await rig.run();

	const {ran} = await rig.run({set: [['seed', 1]]});
	t.deepEqual(ran, ['scaled@double', 'scaled@single']);
});

test('the order of keys in params.json does not matter', async t => {
	using rig = await makeRig();
	await rig.run();
	const params = JSON.parse(readFileSync(rig.files.paramsFile, 'utf8')) as Record<string, unknown>;
	writeFileSync(rig.files.paramsFile, JSON.stringify(Object.fromEntries(Object.entries(params).toReversed())));

	t.deepEqual((await rig.run()).ran, []);
});

test('a failing stage stops only what depends on it', async t => {
	using rig = await makeRig();
	rig.edit('scaled.ts', 'Math.round(value * factor)', 'factor === 2 ? fail() : Math.round(value * factor)');
	rig.edit('scaled.ts', '/** Every', 'function fail(): never {\n\tthrow new RangeError(\'two is too much\');\n}\n\n/** Every');

	const {ran, failed, skipped, outcomes} = await rig.run();
	t.deepEqual(ran, ['numbers', 'scaled@single']);
	t.deepEqual(failed, ['scaled@double']);
	t.deepEqual(skipped, ['total']);
	const outcome = outcomes.get('scaled@double');
	t.is(outcome?.outcome === 'failed' && outcome.error.message, 'two is too much');
	t.regex(outcome?.outcome === 'failed' ? outcome.error.stack ?? '' : '', /scaled\.ts:\d+/, 'the stack trace names the source file');
});

test('a worker that is killed fails its node with the signal, and the next run carries on', async t => {
	using rig = await makeRig();
	rig.edit('scaled.ts', 'run: ({values}, {factor}) => ({', 'run: ({values}, {factor}) => factor === 2 ? process.kill(process.pid, \'SIGKILL\') as never : ({');

	const {ran, failed, skipped, outcomes} = await rig.run();
	t.deepEqual(ran, ['numbers', 'scaled@single']);
	t.deepEqual(failed, ['scaled@double']);
	t.deepEqual(skipped, ['total']);
	const outcome = outcomes.get('scaled@double');
	t.is(outcome?.outcome === 'failed' && outcome.error.message, 'Its worker process was killed by SIGKILL');

	rig.edit('scaled.ts', 'factor === 2 ? process.kill(process.pid, \'SIGKILL\') as never : ({', '({');
	t.deepEqual((await rig.run()).goals, {report: {single: 30, double: 60}});
});

test('a result that is no number fails the node', async t => {
	using rig = await makeRig();
	rig.edit('total.ts', 'sum + value, offset)', 'Number.NaN, offset)');

	const {failed, outcomes} = await rig.run();
	t.deepEqual(failed, ['total']);
	const outcome = outcomes.get('total');
	t.is(outcome?.outcome === 'failed' && outcome.error.message, 'Output "report" of stage "total" holds 2 numbers that are not finite');
});

test('a cancelled run keeps what is done', async t => {
	using rig = await makeRig();
	const controller = new AbortController();
	const {ran, cancelled} = await rig.run({
		signal: controller.signal,
		onEvent(event) {
			if (event.event === 'finished' && event.node.name === 'numbers') {
				controller.abort();
			}
		},
	});
	t.deepEqual(ran, ['numbers']);
	t.deepEqual(cancelled, ['scaled@double', 'scaled@single', 'total']);

	const next = await rig.run();
	t.deepEqual(next.reused, ['numbers']);
	t.deepEqual(next.ran, ['scaled@double', 'scaled@single', 'total']);
});

test('cancelling stops a stage at its next step', async t => {
	using rig = await makeRig();
	rig.edit('numbers.ts', 'values.push(square(index));', 'values.push(square(index));\n\t\t\tawait new Promise(resolve => { setTimeout(resolve, 30); });');
	const controller = new AbortController();
	const {ran, cancelled} = await rig.run({
		set: [['numbers.count', 1000]],
		signal: controller.signal,
		onEvent(event) {
			if (event.event === 'step') {
				controller.abort();
			}
		},
	});
	t.deepEqual(ran, []);
	t.deepEqual(cancelled, all);
});

/** Makes the list of numbers too long for the database, so that it becomes a file. */
const large = [['numbers.count', 9000]] as const;

async function makeLargeRig() {
	const rig = await makeRig();
	rig.edit('numbers.ts', 'maximum: 1000', 'maximum: 10_000');
	await rig.run({set: large});
	const folder = path.join(rig.files.cacheFolder, 'objects');
	const objects = readdirSync(folder, {recursive: true, encoding: 'utf8'}).map(file => path.join(folder, file)).filter(file => statSync(file).isFile());
	return {rig, objects};
}

test('a deleted object makes exactly its nodes stale', async t => {
	const {rig, objects} = await makeLargeRig();
	using _ = rig;
	// The numbers are also the products of factor 1: one object, two nodes.
	t.is(objects.length, 2);
	const numbers = objects.find(file => readFileSync(file, 'utf8').startsWith('[0,1,4'))!;
	rmSync(numbers);

	const {ran, reused} = await rig.run({set: large});
	t.deepEqual(ran, ['numbers']);
	t.deepEqual(reused, ['scaled@double', 'scaled@single', 'total']);
});

test('a damaged object is set aside and made again, never served', async t => {
	const {rig, objects} = await makeLargeRig();
	using _ = rig;
	for (const file of objects) {
		const bytes = readFileSync(file);
		bytes[100]! ^= 1;
		chmodSync(file, 0o644);
		writeFileSync(file, bytes);
	}

	// Another offset, so that the total has to read the products.
	const {outcomes, events, goals} = await rig.run({set: [...large, ['total.offset', 1]]});
	t.true(events.some(({event}) => event === 'damaged'));
	t.true([...outcomes.values()].every(({outcome}) => outcome === 'ran' || outcome === 'reused'));
	const sum = (8999 * 9000 * 17_999) / 6;
	t.deepEqual(goals, {report: {single: sum + 1, double: (2 * sum) + 1}});
	t.is(readdirSync(path.join(rig.files.cacheFolder, 'damaged')).length, 2);
});

test('objects are read-only', async t => {
	const {rig, objects} = await makeLargeRig();
	using _ = rig;
	t.true(objects.every(file => (statSync(file).mode & 0o222) === 0));
});

test('of two runs on one cache, one computes each node', async t => {
	using rig = await makeRig();
	rig.edit('numbers.ts', 'values.push(square(index));', 'values.push(square(index));\n\t\t\tawait new Promise(resolve => { setTimeout(resolve, 60); });');
	// In this process both runs have the same pid; a lease of the same process is no obstacle, so the second is another process.
	const {execa} = await import('execa');
	const command = [path.join(import.meta.dirname, '../../bin/pipeline.cjs'), 'run', '--json', '--pipeline', rig.files.pipelineFile];
	const results = await Promise.all([execa('node', command), execa('node', command)]);
	const outcomes = results.flatMap(({stdout}) => stdout.split('\n').map(line => JSON.parse(line) as {event: string; node: string; outcome: {outcome: string}}))
		.filter(({event}) => event === 'finished');
	for (const name of all) {
		t.deepEqual(outcomes.filter(({node}) => node === name).map(({outcome}) => outcome.outcome).toSorted(), ['ran', 'reused'], `${name}`);
	}
});
