import {constants, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {pathToFileURL} from 'node:url';
import test from 'ava';
import {accessesOf, boundsOf} from '../../engine/file-access.ts';
import type {Digest} from '../../engine/digest.ts';
import type {Job} from '../../engine/protocol.ts';

/** Paths in absolute and in short form. */
const here = (file: string) => path.resolve(file);
const show = (name: string, ...args: readonly unknown[]) => accessesOf(name, args).map(({kind, file}) => `${kind} ${path.relative(process.cwd(), file)}`);

test('paths are texts, bytes and URLs', t => {
	t.deepEqual(show('readFile', 'a.txt'), ['read a.txt']);
	t.deepEqual(show('readFile', new TextEncoder().encode('a.txt')), ['read a.txt']);
	t.deepEqual(show('readFile', pathToFileURL(here('a b.txt'))), ['read a b.txt']);
});

test('an open file is not looked at again', t => {
	t.deepEqual(show('readFile', 7), []);
	t.deepEqual(show('createReadStream', '', {fd: 7}), []);
	t.deepEqual(show('createReadStream', 'a.txt', {start: 1}), ['read a.txt']);
});

test('a copy reads one file and writes another, and a move writes both', t => {
	t.deepEqual(show('copyFile', 'from', 'to'), ['read from', 'write to']);
	t.deepEqual(show('rename', 'from', 'to'), ['write from', 'write to']);
});

test('flags say whether an opened file is written', t => {
	const {O_RDONLY, O_WRONLY, O_RDWR, O_CREAT} = constants;
	for (const flags of [undefined, 'r', 'rs', O_RDONLY, () => undefined]) {
		t.deepEqual(show('open', 'a', flags), ['read a']);
	}

	for (const flags of ['r+', 'w', 'wx', 'a', 'a+', O_WRONLY, O_RDWR, O_RDONLY | O_CREAT]) {
		t.deepEqual(show('open', 'a', flags), ['write a'], `${flags}`);
	}
});

/** Bounds of a job in a project that may lie anywhere. */
function boundsIn(root: string, inputs: Job['inputs'] = {}) {
	return boundsOf({
		stageFile: path.join(root, 'node_modules/.cache/pipeline/0/stage.mjs'),
		folder: path.join(root, 'cache/temporary/job'),
		inputs,
		backend: null,
		ingredients: {format: 1, stage: 'stage', code: '' as Digest, params: {}, inputs: {}, seed: null, backend: null, packages: {}},
	});
}

test('of a project, a stage may read packages, its inputs and its own folder', t => {
	const {root, isReadable} = boundsIn('/project', {photos: {source: 'files', files: {root: '/project/data/photos', files: []}}});
	t.is(root, '/project');
	for (const file of ['node_modules/a/b.json', 'packages/a/node_modules/b.json', 'data/photos', 'data/photos/1.jpg', 'cache/temporary/job/x']) {
		t.true(isReadable(path.join('/project', file)), `${file}`);
	}

	for (const file of ['', 'params.json', 'data', 'data/photos-2/1.jpg', 'cache/index.sqlite', 'cache/temporary/job-2']) {
		t.false(isReadable(path.join('/project', file)), `${file}`);
	}

	t.true(isReadable('/project-2/a'));
	t.true(isReadable('/etc/hosts'));
});

test('a stage may write its own folder, temporary files and devices', t => {
	const {isWritable} = boundsIn('/project');
	for (const file of ['/project/cache/temporary/job/x', path.join(tmpdir(), 'x'), '/dev/null']) {
		t.true(isWritable(file), `${file}`);
	}

	for (const file of ['/project/x', '/project/node_modules/x', '/x']) {
		t.false(isWritable(file), `${file}`);
	}
});

test('a project among temporary files is none of them', t => {
	const root = path.join(tmpdir(), 'project');
	const {isReadable, isWritable} = boundsIn(root);
	t.false(isWritable(path.join(root, 'x')));
	t.false(isReadable(path.join(root, 'x')));
	t.true(isWritable(path.join(tmpdir(), 'x')));
});

test.serial('temporary files in a project are free', t => {
	const {TMPDIR: before = ''} = process.env;
	process.env.TMPDIR = '/project/tmp';
	t.teardown(() => {
		process.env.TMPDIR = before;
	});
	const {isReadable, isWritable} = boundsIn('/project');
	t.true(isWritable('/project/tmp/x'));
	t.true(isReadable('/project/tmp/x'));
	t.false(isReadable('/project/x'));
});

test('a project is the same behind a link', t => {
	const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'file-access-')));
	t.teardown(() => {
		rmSync(folder, {recursive: true});
	});
	mkdirSync(path.join(folder, 'real'));
	symlinkSync(path.join(folder, 'real'), path.join(folder, 'link'));
	const {isReadable} = boundsIn(path.join(folder, 'link'));
	t.false(isReadable(path.join(folder, 'link/x')));
	t.false(isReadable(path.join(folder, 'real/x')));
});
