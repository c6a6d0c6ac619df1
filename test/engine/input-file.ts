import {copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {makeRig} from '../helpers/rig.ts';
import {watchRig} from '../helpers/watch.ts';

const rigged = async () => makeRig('input-file');

test('a stage reads the file that it declares', async t => {
	using rig = await rigged();
	const {ran, goals} = await rig.run();
	t.deepEqual({ran, goals}, {ran: ['reader'], goals: {text: 'one.bin, 3 bytes: one'}});
	t.deepEqual((await rig.run()).reused, ['reader']);
});

test('a changed file runs what reads it, a moved one does not', async t => {
	using rig = await rigged();
	await rig.run();
	writeFileSync(path.join(rig.folder, 'one.bin'), 'One!');
	t.deepEqual((await rig.run()).goals, {text: 'one.bin, 4 bytes: One!'});

	mkdirSync(path.join(rig.folder, 'elsewhere'));
	renameSync(path.join(rig.folder, 'one.bin'), path.join(rig.folder, 'elsewhere/one.bin'));
	const moved = await rig.run({set: [['reader.path', 'elsewhere/one.bin']]});
	t.deepEqual(moved.reused, ['reader']);
});

test('a renamed file runs what reads it, for the stage may use the name', async t => {
	using rig = await rigged();
	await rig.run();
	copyFileSync(path.join(rig.folder, 'one.bin'), path.join(rig.folder, 'uno.bin'));
	t.deepEqual((await rig.run({set: [['reader.path', 'uno.bin']]})).goals, {text: 'uno.bin, 3 bytes: one'});
});

test('the files beside it may not be read', async t => {
	using rig = await rigged();
	const {failed, outcomes} = await rig.run({set: [['reader.beside', 'two.bin']]});
	t.deepEqual(failed, ['reader']);
	const outcome = outcomes.get('reader');
	t.like(outcome, {outcome: 'failed', error: {code: 'read-undeclared', message: `Stage "reader" reads "${path.relative(path.join(import.meta.dirname, '../..'), path.join(rig.folder, 'two.bin'))}", which is not among its inputs`}});
});

test('a missing file, or a folder in its place, is refused', async t => {
	using rig = await rigged();
	rmSync(path.join(rig.folder, 'one.bin'));
	await t.throwsAsync(rig.run(), {name: 'UserError', message: `The file "${path.join(rig.folder, 'one.bin')}" does not exist`});
	mkdirSync(path.join(rig.folder, 'one.bin'));
	await t.throwsAsync(rig.run(), {name: 'UserError', message: `"${path.join(rig.folder, 'one.bin')}" is a folder, expected a file`});
});

test('watch runs again when the file is written or replaced', async t => {
	using rig = await rigged();
	const watch = await watchRig(t, rig);
	t.deepEqual(await watch.round(), {ran: ['reader']});
	const file = path.join(rig.folder, 'one.bin');
	writeFileSync(file, 'changed');
	t.deepEqual((await watch.next('planned')).changed, [file]);
	t.deepEqual(await watch.round(), {ran: ['reader']});

	writeFileSync(path.join(rig.folder, 'new.part'), 'replaced');
	renameSync(path.join(rig.folder, 'new.part'), file);
	t.deepEqual(await watch.round(), {ran: ['reader']});
});
