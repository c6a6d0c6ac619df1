import {linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {digestText, type Digest} from '../../engine/digest.ts';
import {digestFolder, digestInputFile} from '../../engine/files.ts';
import {Store} from '../../engine/store.ts';

function makeFolder(t: ExecutionContext): string {
	const parent = mkdtempSync(path.join(tmpdir(), 'files-'));
	t.teardown(() => {
		rmSync(parent, {recursive: true});
	});
	const folder = path.join(parent, 'data');
	mkdirSync(path.join(folder, 'b'), {recursive: true});
	writeFileSync(path.join(folder, 'a.txt'), 'one');
	writeFileSync(path.join(folder, 'b/c.txt'), 'two');
	return folder;
}

/** A clock that says that a file was written a while ago. */
const later = (file: string) => () => statSync(file).ctimeMs + 1000;

const digestOf = (folder: string, store?: Store) => digestFolder(folder, store).digest as string;

test('a folder\'s digest is that of its paths and bytes', t => {
	const {digest, files} = digestFolder(makeFolder(t), undefined);
	// Made with python-xxhash: digest of json.dumps(['folder:1', ['a.txt', digest(b'one')], ['b/c.txt', digest(b'two')]], separators=(',', ':'))
	t.is(digest, '482aa240e029603f2ea33b6e15ef2cd4' as Digest);
	t.deepEqual(files.files, [
		{path: 'a.txt', sizeBytes: 3, digest: digestText('one')},
		{path: 'b/c.txt', sizeBytes: 3, digest: digestText('two')},
	]);
});

test('the place of the folder does not matter', t => {
	t.is(digestOf(makeFolder(t)), digestOf(makeFolder(t)));
});

test('touching a file does not change the digest', t => {
	const folder = makeFolder(t);
	const before = digestOf(folder);
	utimesSync(path.join(folder, 'a.txt'), 1000, 1000);
	t.is(digestOf(folder), before);
});

test('renaming, editing, adding or removing a file changes the digest', t => {
	const folder = makeFolder(t);
	const digests = [digestOf(folder)];
	renameSync(path.join(folder, 'a.txt'), path.join(folder, 'z.txt'));
	digests.push(digestOf(folder));
	writeFileSync(path.join(folder, 'z.txt'), 'onE');
	digests.push(digestOf(folder));
	writeFileSync(path.join(folder, 'new.txt'), '');
	digests.push(digestOf(folder));
	rmSync(path.join(folder, 'z.txt'));
	digests.push(digestOf(folder));
	t.is(new Set(digests).size, digests.length);
});

test('bytes that move from one file to the other change the digest', t => {
	const [first, second] = [makeFolder(t), makeFolder(t)];
	writeFileSync(path.join(second, 'a.txt'), 'two');
	writeFileSync(path.join(second, 'b/c.txt'), 'one');
	t.not(digestOf(first), digestOf(second));
});

test('a file that was hashed is not read again while it is unchanged', t => {
	const folder = makeFolder(t);
	using store = new Store(path.join(folder, '../cache'));
	const file = path.join(folder, 'a.txt');
	digestFolder(folder, store, later(file));
	// Another digest in the notes shows whether the file or the note was read.
	const noted = JSON.parse(store.note('folder', folder)!) as Record<string, [string, string]>;
	store.setNotes('folder', [[folder, JSON.stringify({...noted, 'a.txt': [noted['a.txt']![0], '0'.repeat(32)]})]]);
	t.is(digestFolder(folder, store, later(file)).files.files[0]!.digest, '0'.repeat(32));

	utimesSync(file, statSync(file).atime, statSync(file).mtime);
	t.is(digestFolder(folder, store).files.files[0]!.digest, digestText('one'), 'a new change time makes it read again');
});

test('a file that was written just now is read again next time', t => {
	const folder = makeFolder(t);
	using store = new Store(path.join(folder, '../cache'));
	const file = path.join(folder, 'a.txt');
	digestFolder(folder, store, () => statSync(file).ctimeMs + 5);
	t.false(Object.hasOwn(JSON.parse(store.note('folder', folder) ?? '{}') as object, 'a.txt'));
});

test('links are followed to files and folders', t => {
	const folder = makeFolder(t);
	const outside = path.join(folder, '../outside');
	mkdirSync(outside);
	writeFileSync(path.join(outside, 'd.txt'), 'three');
	symlinkSync(outside, path.join(folder, 'linked'));
	symlinkSync(path.join(outside, 'd.txt'), path.join(folder, 'e.txt'));
	linkSync(path.join(outside, 'd.txt'), path.join(folder, 'f.txt'));
	const {files} = digestFolder(folder, undefined);
	t.deepEqual(files.files.map(file => file.path), ['a.txt', 'b/c.txt', 'e.txt', 'f.txt', 'linked/d.txt']);
});

test('links in a circle and links to nothing are left out', t => {
	const folder = makeFolder(t);
	const before = digestOf(folder);
	symlinkSync('..', path.join(folder, 'b/up'));
	symlinkSync('nowhere', path.join(folder, 'dangling'));
	symlinkSync('itself', path.join(folder, 'itself'));
	t.is(digestOf(folder), before);
});

test('a folder that is missing is refused', t => {
	t.throws(() => digestFolder('/nowhere/faces', undefined), {name: 'UserError', message: 'The folder "/nowhere/faces" does not exist'});
});

test('a file in place of the folder is refused', t => {
	const file = path.join(makeFolder(t), 'a.txt');
	t.throws(() => digestFolder(file, undefined), {name: 'UserError', message: `"${file}" is a file, expected a folder`});
});

test('a folder without files is refused', t => {
	const folder = path.join(makeFolder(t), '../empty');
	mkdirSync(path.join(folder, 'sub'), {recursive: true});
	t.throws(() => digestFolder(folder, undefined), {name: 'UserError', message: `The folder "${folder}" holds no files`});
});

test('a single file\'s digest is that of its name and bytes, and its folder does not matter', t => {
	const [first, second] = [makeFolder(t), makeFolder(t)];
	const digest = (file: string) => digestInputFile(file, undefined).digest;
	const before = digest(path.join(first, 'a.txt'));
	t.is(before, digest(path.join(second, 'a.txt')));
	t.is(before, digestText(`["file:1","a.txt","${digestText('one')}"]`));

	renameSync(path.join(second, 'a.txt'), path.join(second, 'z.txt'));
	writeFileSync(path.join(first, 'a.txt'), 'onE');
	t.is(new Set([before, digest(path.join(first, 'a.txt')), digest(path.join(second, 'z.txt'))]).size, 3);
});

test('a single file that was hashed is not read again while it is unchanged', t => {
	const folder = makeFolder(t);
	using store = new Store(path.join(folder, '../cache'));
	const file = path.join(folder, 'a.txt');
	digestInputFile(file, store, () => statSync(file).ctimeMs + 5);
	t.is(store.note('file', file), undefined, 'too young to tell a later change by its time');

	digestInputFile(file, store, later(file));
	// Another digest in the notes shows whether the file or the note was read.
	const [stamp] = JSON.parse(store.note('file', file)!) as [string, string];
	store.setNotes('file', [[file, JSON.stringify([stamp, '0'.repeat(32)])]]);
	t.is(digestInputFile(file, store).file.digest, '0'.repeat(32));

	utimesSync(file, statSync(file).atime, statSync(file).mtime);
	t.is(digestInputFile(file, store).file.digest, digestText('one'), 'a new change time makes it read again');
});
