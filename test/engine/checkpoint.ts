import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {checkpointFile, decodeCheckpoint, discardCheckpoint, encodeCheckpoint, readCheckpoint, sweepCheckpoints, writeCheckpoint, type Checkpoint} from '../../engine/checkpoint.ts';
import type {Fingerprint} from '../../engine/digest.ts';
import {Store} from '../../engine/store.ts';

const checkpointOf = (state: unknown): Checkpoint => ({done: 3, total: 10, unit: 'step', computedMs: 1234.5, state});

function bytesOf(state: unknown): Uint8Array {
	return Uint8Array.from(encodeCheckpoint(checkpointOf(state)).flatMap(chunk => [...chunk]));
}

function stateIn(bytes: Uint8Array): unknown {
	const found = decodeCheckpoint(bytes);
	return found.found === 'checkpoint' ? found.checkpoint.state : found;
}

function makeFolder(t: ExecutionContext): string {
	const folder = mkdtempSync(path.join(tmpdir(), 'checkpoint-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true, force: true});
	});
	return folder;
}

test('a checkpoint says where it was taken', t => {
	t.deepEqual(decodeCheckpoint(bytesOf({weights: 1})), {found: 'checkpoint', checkpoint: checkpointOf({weights: 1})});
});

test('numbers come back bit for bit', t => {
	const state = {numbers: [-0, Number.NaN, Number.NEGATIVE_INFINITY, Number.MIN_VALUE, 0.1 + 0.2], absent: undefined, text: 'ü', nested: {list: [[1], []]}};
	const found = stateIn(bytesOf(state)) as typeof state;
	t.deepEqual(found, state);
	t.true(Object.is(found.numbers[0], -0));
	t.true('absent' in found);
});

test('typed arrays come back bit for bit, with the bits of every NaN', t => {
	const bits = new Uint32Array([0x7F_C0_00_01, 0xFF_C1_23_45, 0x80_00_00_00, 0x00_00_00_01, 0x7F_80_00_00]);
	const doubles = new BigUint64Array([0x7F_F8_00_00_00_00_00_2An, 0x80_00_00_00_00_00_00_00n]);
	const state = {
		floats: new Float32Array(bits.buffer), doubles: new Float64Array(doubles.buffer), whole: new Int32Array([-1, 2]), bytes: new Uint8Array([1, 2, 3]), empty: new Float32Array(),
	};
	const found = stateIn(bytesOf(state)) as typeof state;
	t.deepEqual(new Uint32Array(found.floats.slice().buffer), bits);
	t.deepEqual(new BigUint64Array(found.doubles.slice().buffer), doubles);
	t.deepEqual([found.whole, found.bytes, found.empty], [state.whole, state.bytes, state.empty]);
});

test('of a view the part it shows is saved', t => {
	const all = new Float32Array([1, 2, 3, 4]);
	t.deepEqual(stateIn(bytesOf(all.subarray(1, 3))), new Float32Array([2, 3]));
});

test('a state that cannot be saved is refused', t => {
	t.throws(() => bytesOf({step() {}}), {message: 'step(){} could not be cloned.'}); // eslint-disable-line @typescript-eslint/no-empty-function -- any function will do
});

test('a checkpoint that was cut anywhere is damaged', t => {
	const bytes = bytesOf({weights: new Float32Array(8)});
	for (let length = 0; length < bytes.length; length++) {
		t.deepEqual(decodeCheckpoint(bytes.subarray(0, length)), {found: 'unusable', why: 'is damaged'});
	}
});

test('a checkpoint with a changed byte is never used', t => {
	const bytes = bytesOf({weights: new Float32Array(8)});
	for (let index = 0; index < bytes.length; index++) {
		t.is(decodeCheckpoint(bytes.with(index, bytes[index]! ^ 1)).found, 'unusable', `byte ${index}`);
	}
});

test('a checkpoint of another format is not used', t => {
	const text = new TextDecoder('latin1').decode(bytesOf(1)).replace('pipeline checkpoint 1 ', 'pipeline checkpoint 2 ');
	t.deepEqual(decodeCheckpoint(Uint8Array.from(text, character => character.codePointAt(0)!)), {found: 'unusable', why: 'has the format 2, expected 1'});
});

test('where there is no checkpoint nothing is found', t => {
	t.deepEqual(readCheckpoint(path.join(makeFolder(t), 'checkpoints/a')), {found: 'nothing'});
});

test('what cannot be read is no checkpoint', t => {
	t.deepEqual(readCheckpoint(makeFolder(t)), {found: 'unusable', why: 'cannot be read: EISDIR: illegal operation on a directory, read'});
});

test('a checkpoint takes the place of the one before, and leaves no other file', t => {
	const folder = makeFolder(t);
	const file = checkpointFile(folder, 'fingerprint');
	for (const state of ['first', 'second']) {
		writeCheckpoint(file, path.join(folder, 'temporary'), encodeCheckpoint(checkpointOf(state)));
	}

	t.deepEqual(readCheckpoint(file), {found: 'checkpoint', checkpoint: checkpointOf('second')});
	t.deepEqual(readdirSync(folder), ['checkpoints']);
	t.deepEqual(readdirSync(path.join(folder, 'checkpoints')), ['fingerprint']);
	discardCheckpoint(folder, 'fingerprint');
	discardCheckpoint(folder, 'fingerprint');
	t.false(existsSync(file));
});

test('on a full disk the checkpoint before stays whole', t => {
	const folder = makeFolder(t);
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], {stdio: 'ignore'});
	} catch {
		t.log('skipped: mounting a file system is not allowed here');
		t.pass();
		return;
	}

	try {
		const file = checkpointFile(folder, 'fingerprint');
		const temporary = path.join(folder, 'temporary');
		writeCheckpoint(file, temporary, encodeCheckpoint(checkpointOf('small')));
		t.throws(() => {
			writeCheckpoint(file, temporary, encodeCheckpoint(checkpointOf(new Uint8Array(1 << 20))));
		}, {code: 'ENOSPC'});
		t.deepEqual(readCheckpoint(file), {found: 'checkpoint', checkpoint: checkpointOf('small')});
		t.false(existsSync(temporary), 'its space is free again');
	} finally {
		execFileSync('umount', ['-l', folder]);
	}
});

test('sweeping removes the checkpoints of results, and no other', t => {
	const folder = makeFolder(t);
	using store = new Store(folder);
	const [published, unfinished] = ['0'.repeat(32), '1'.repeat(32)] as [Fingerprint, Fingerprint];
	sweepCheckpoints(store);
	mkdirSync(path.join(folder, 'checkpoints'));
	for (const fingerprint of [published, unfinished]) {
		writeFileSync(checkpointFile(folder, fingerprint), 'a checkpoint');
	}

	const ingredients = {format: 1, stage: 'walk', code: 'c', params: {}, inputs: {}, seed: null, backend: null, packages: {}};
	const provenance = {startedAt: '2026-01-01T00:00:00.000Z', durationMs: 1, peakMemoryBytes: 1, host: 'here', node: 'v20', commit: null, log: ''};
	store.publish({fingerprint: published, nodeName: 'walk', ingredients: ingredients as never, provenance}, {});
	sweepCheckpoints(store);
	t.deepEqual(readdirSync(path.join(folder, 'checkpoints')), [unfinished]);
	t.is(readFileSync(checkpointFile(folder, unfinished), 'utf8'), 'a checkpoint');
});
