import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {readCheckpoint, type writeCheckpoint} from '../../engine/checkpoint.ts';
import {Checkpointer, type CheckpointerOptions} from '../../engine/checkpointer.ts';

/** A place for a checkpoint with a clock that goes on only by hand. */
function makePlace(t: ExecutionContext, {afterMs = 1000, write}: {readonly afterMs?: number; readonly write?: typeof writeCheckpoint} = {}) {
	const folder = mkdtempSync(path.join(tmpdir(), 'checkpointer-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true, force: true});
	});
	const file = path.join(folder, 'checkpoints', 'fingerprint');
	const lines: string[] = [];
	const clock = {nowMs: 100};
	const options: CheckpointerOptions = {
		temporaryFile: path.join(folder, 'temporary'),
		log: line => lines.push(line),
		clock: () => clock.nowMs,
		...(write ? {write} : {}),
	};
	return {folder, file, lines, clock, begin: () => new Checkpointer({file, afterMs}, options)};
}

const at = (done: number) => ({done, total: 10, unit: 'step'});

test('a stage without a checkpoint starts from the beginning', t => {
	const {begin, lines} = makePlace(t);
	const checkpointer = begin();
	t.is(checkpointer.resumed, undefined);
	t.is(checkpointer.earlierMs, 0);
	t.deepEqual(lines, []);
});

test('a stage goes on from its last checkpoint, and its log says so', async t => {
	const {begin, lines} = makePlace(t);
	const checkpointer = begin();
	await checkpointer.save(at(3), () => ({weights: new Float32Array([3])}));
	await checkpointer.save(at(4), async () => ({weights: new Float32Array([4])}));

	t.deepEqual(begin().resumed?.state, {weights: new Float32Array([4])});
	t.deepEqual(lines, ['resumed from step 4 of 10']);
});

test('the time of all processes that took part is added up', async t => {
	const {begin, clock, file} = makePlace(t);
	const first = begin();
	clock.nowMs += 700;
	await first.save(at(1), () => 'first');
	// What was computed after the checkpoint is lost and does not count.
	clock.nowMs += 5000;

	const second = begin();
	t.is(second.earlierMs, 700);
	clock.nowMs += 40;
	await second.save(at(2), () => 'second');
	t.is(begin().earlierMs, 740);
	t.like(readCheckpoint(file), {checkpoint: {done: 2, computedMs: 740}});
});

test('the first checkpoint is due after a while, the next after as long again', async t => {
	const {begin, clock} = makePlace(t);
	const checkpointer = begin();
	clock.nowMs += 999;
	t.false(checkpointer.isDue());
	clock.nowMs += 1;
	t.true(checkpointer.isDue());
	await checkpointer.save(at(1), () => 'state');
	t.false(checkpointer.isDue());
	clock.nowMs += 1000;
	t.true(checkpointer.isDue());
});

test('saving takes at most a fiftieth of the time', async t => {
	const {begin, clock} = makePlace(t);
	const checkpointer = begin();
	await checkpointer.save(at(1), () => {
		clock.nowMs += 300;
		return 'state';
	});
	clock.nowMs += 14_999;
	t.false(checkpointer.isDue());
	clock.nowMs += 1;
	t.true(checkpointer.isDue());
});

test('a full disk is reported once and stops nothing', async t => {
	const {begin, lines, folder, file} = makePlace(t, {
		write() {
			throw Object.assign(new Error('no space left on device'), {code: 'ENOSPC'});
		},
	});
	const checkpointer = begin();
	await checkpointer.save(at(1), () => 'state');
	await checkpointer.save(at(2), () => 'state');
	t.deepEqual(lines, [`warning: no checkpoint could be saved: The disk of the cache folder "${folder}" is full; the stage goes on without`]);
	t.deepEqual(readCheckpoint(file), {found: 'nothing'});
});

test('a state that cannot be saved is an error of the stage', async t => {
	const checkpointer = makePlace(t).begin();
	await t.throwsAsync(async () => checkpointer.save(at(1), () => Symbol('no value')), {message: 'Symbol(no value) could not be cloned.'});
});

test('a damaged checkpoint is reported and not used, and the next one replaces it', async t => {
	const {begin, lines, file} = makePlace(t);
	await begin().save(at(1), () => 'state');
	writeFileSync(file, 'pipeline checkpoint');

	const checkpointer = begin();
	t.is(checkpointer.resumed, undefined);
	t.is(checkpointer.earlierMs, 0);
	t.deepEqual(lines, ['warning: the checkpoint is damaged; the stage starts from the beginning']);

	await checkpointer.save(at(2), () => 'new state');
	t.is(begin().resumed?.state, 'new state');
});
