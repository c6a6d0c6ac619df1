import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import test from 'ava';
import {CancelledError, describeError, UserError} from '../../engine/error.ts';
import {threadsFor} from '../helpers/threads.ts';

/** As compiled stages are: one module, whose default export has the functions. */
const stageModule = `
	import {setTimeout} from 'node:timers/promises';
	export default {threads: {
		double: async ({value, waitMs = 0}) => (await setTimeout(waitMs), 2 * value),
		countForEver: ({counter}) => { for (;;) Atomics.add(counter, 0, 1); },
		refuse() { throw Object.assign(new Error('It is wrong'), {name: 'UserError', code: 'wrong', hint: 'Mend it.', facts: {value: 3}}); },
		fail: value => value === 2 ? undefined.oops : value,
		give: value => value === 1 ? () => value : value,
		exit: () => process.exit(3),
		async throwLater() { setImmediate(() => { throw new TypeError('late'); }); await new Promise(() => {}); },
	}};
`;

let stageFile: string;

test.before(() => {
	// A stage lies in the node_modules folder of its project.
	const folder = path.join(mkdtempSync(path.join(tmpdir(), 'threads-')), 'node_modules');
	mkdirSync(folder);
	stageFile = path.join(folder, 'stage.mjs');
	writeFileSync(stageFile, stageModule);
});

test.after.always(() => {
	rmSync(path.dirname(path.dirname(stageFile)), {recursive: true, force: true});
});

const names = ['countForEver', 'double', 'exit', 'fail', 'give', 'refuse', 'throwLater'] as const;

type Functions = Readonly<Record<(typeof names)[number], (job: unknown) => unknown>>;

async function makePool(options: {readonly size?: number; readonly signal?: AbortSignal} = {}) {
	const pool = await threadsFor(stageFile, {size: 2, ...options});
	return {
		threads: pool.calling(Object.fromEntries(names.map(name => [name, () => undefined])) as unknown as Functions),
		[Symbol.asyncDispose]: async () => pool[Symbol.asyncDispose](),
	};
}

/** What arrives, and the error that ends it. */
async function collect(results: AsyncIterable<unknown>): Promise<{readonly values: readonly unknown[]; readonly error?: Error}> {
	const values: unknown[] = [];
	try {
		for await (const value of results) {
			values.push(value);
		}
	} catch (error) {
		return {values, error: error as Error};
	}

	return {values};
}

for (const size of [1, 2, 3]) {
	test(`results come in the order of the jobs, with at most ${size} threads`, async t => {
		await using pool = await makePool({size});
		const jobs = Array.from({length: 20}, (_, value) => ({value, waitMs: value % 3 === 0 ? 5 : 0}));
		t.deepEqual(await collect(pool.threads.double(jobs)), {values: jobs.map(({value}) => 2 * value)});
		t.deepEqual(await collect(pool.threads.double([])), {values: []});
	});
}

test('jobs are taken a few ahead of the result that is waited for', async t => {
	await using pool = await makePool({size: 2});
	let taken = 0;
	const jobs = function * () {
		for (let value = 0; value < 50; value++) {
			taken++;
			yield {value};
		}
	};

	let results = 0;
	for await (const _ of pool.threads.double(jobs())) {
		results++;
		t.true(taken <= results + 4, `${taken} jobs for ${results} results`);
		await setTimeout(1);
	}

	t.is(results, 50);
});

test('a job that fails throws its error in its place, and the threads go on', async t => {
	await using pool = await makePool();
	const {values, error} = await collect(pool.threads.fail([0, 1, 2, 3]));
	t.deepEqual(values, [0, 1]);
	t.true(error instanceof Error);
	t.regex(error!.stack!, /^TypeError: Cannot read properties of undefined .*\n.*stage\.mjs/);
	t.deepEqual(await collect(pool.threads.double([{value: 1}])), {values: [2]});
});

test('an error that users can mend arrives as it was thrown', async t => {
	await using pool = await makePool();
	const {error} = await collect(pool.threads.refuse([0]));
	t.true(error instanceof UserError);
	t.is((error as UserError).code, 'wrong');
	t.is(describeError(error), 'It is wrong\n  value  3\nMend it.');
});

test('a job or a result that cannot be copied fails in its place', async t => {
	await using pool = await makePool();
	t.like(await collect(pool.threads.give([0, 1, 2])), {values: [0], error: {message: '() => value could not be cloned.'}});
	t.like(await collect(pool.threads.give([0, Symbol('job'), 2])), {values: [0], error: {message: 'Symbol(job) could not be cloned.'}});
	t.deepEqual(await collect(pool.threads.give([0, 2])), {values: [0, 2]});
});

const deaths = [
	['exit', 'it ended with exit code 3'],
	['throwLater', 'TypeError: late'],
] as const;

for (const [name, reason] of deaths) {
	test(`a thread that dies fails all: ${name}`, async t => {
		await using pool = await makePool();
		const {error} = await collect(pool.threads[name]([0]));
		t.is(describeError(error), `A thread of stage "threaded" died while it computed "${name}"\n  reason  ${reason}\nIf the machine was short of memory, try --jobs 1. Running again carries on from what is done.`);
		t.is((await collect(pool.threads.double([{value: 1}]))).error, error);
	});
}

test('cancelling ends threads that never look up', async t => {
	const controller = new AbortController();
	const counter = new Int32Array(new SharedArrayBuffer(4));
	await using pool = await makePool({signal: controller.signal});
	const counting = collect(pool.threads.countForEver([{counter}, {counter}, {counter}]));
	while (Atomics.load(counter, 0) === 0) {
		await setTimeout(1);
	}

	controller.abort();
	t.true((await counting).error instanceof CancelledError);
	await pool[Symbol.asyncDispose]();
	const last = Atomics.load(counter, 0);
	await setTimeout(20);
	t.is(Atomics.load(counter, 0), last);
	t.true((await collect(pool.threads.double([{value: 1}]))).error instanceof CancelledError);
});

test('no thread outlives the stage', async t => {
	const counter = new Int32Array(new SharedArrayBuffer(4));
	{
		await using pool = await makePool();
		void collect(pool.threads.countForEver([{counter}, {counter}]));
		while (Atomics.load(counter, 0) === 0) {
			await setTimeout(1);
		}
	}

	const last = Atomics.load(counter, 0);
	await setTimeout(20);
	t.is(Atomics.load(counter, 0), last);
});
