import test from 'ava';
import {logHalved, withinMemory} from '../../attacks/memory.ts';
import {UserError} from '../../engine/error.ts';
import {batchInMemory, isOutOfMemory} from '../../tensors/out-of-memory.ts';

const param = '"optimization.microBatch"';

/** An attempt that fits with at most so many things. */
const fitting = (most: number, message: string) => {
	const sizes: number[] = [];
	return {
		sizes,
		async attempt(size: number) {
			sizes.push(size);
			if (size > most) {
				throw new Error(message);
			}

			return `done with ${size}`;
		},
	};
};

for (const message of ['OOM when allocating tensor with shape[25,32,1024,1024]', 'Cannot enlarge memory arrays', 'Array buffer allocation failed']) {
	test(`"${message}" halves the size until it fits, and each half is heard of`, async t => {
		const {sizes, attempt} = fitting(6, message);
		const lines: string[] = [];
		t.deepEqual(await withinMemory(25, attempt, {onHalved: logHalved(line => lines.push(line), 'latents'), param}), {value: 'done with 4', size: 4});
		t.deepEqual(sizes, [25, 13, 7, 4]);
		t.deepEqual(lines, [13, 7, 4].map(size => `warning: out of memory, going on with ${size} latents at a time`));
	});
}

test('what fits at once is tried once', async t => {
	const {sizes, attempt} = fitting(25, 'OOM when allocating');
	t.is((await withinMemory(25, attempt, {onHalved: () => t.fail(), param})).size, 25);
	t.deepEqual(sizes, [25]);
});

test('one thing that does not fit is a user error that keeps its cause', async t => {
	const {attempt} = fitting(0, 'OOM when allocating tensor\nwith a trace');
	const error = await t.throwsAsync<UserError>(async () => withinMemory(2, attempt, {onHalved: () => undefined, param}), {name: 'UserError', message: 'There is not enough memory for a single image'});
	t.is(error?.code, 'out-of-memory');
	t.deepEqual(error?.facts, {reason: 'OOM when allocating tensor'});
	t.true(error?.cause instanceof Error);
});

for (const message of ['Aborted(). Build with -sASSERTIONS for more info.', 'memory access out of bounds']) {
	test(`"${message}" is the end of the backend: half as much is not tried, but named`, async t => {
		const {sizes, attempt} = fitting(6, message);
		const error = await t.throwsAsync<UserError>(async () => withinMemory(25, attempt, {onHalved: () => t.fail(), param}), {name: 'UserError', message: 'There is not enough memory for 25 images at a time'});
		t.deepEqual(sizes, [25]);
		t.is(error?.hint, 'Set "optimization.microBatch" to 13 or less: "pipeline estimate" tells how many fit. Running again carries on from what is done.');
	});
}

test('a training step that does not fit names its batch', async t => {
	const error = await t.throwsAsync<UserError>(async () => batchInMemory(128, async () => {
		throw new Error('OOM when allocating tensor');
	}), {name: 'UserError', message: 'There is not enough memory for a training step with 128 images'});
	t.regex(error?.hint ?? '', /^Set "batchSize" of this training lower/);
	await t.throwsAsync(async () => batchInMemory(128, async () => {
		throw new Error('The loss is NaN');
	}), {message: 'The loss is NaN'});
});

test('every other error is thrown on at once', async t => {
	const {sizes, attempt} = fitting(0, 'The loss of latent 0 became NaN');
	await t.throwsAsync(async () => withinMemory(4, attempt, {onHalved: () => t.fail(), param}), {message: 'The loss of latent 0 became NaN'});
	t.deepEqual(sizes, [4]);
	t.false(isOutOfMemory(new UserError('x', 'out of memory')));
});
