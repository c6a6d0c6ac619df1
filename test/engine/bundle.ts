import {mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {madeFromFiles, stampOf, watchedFiles, writeAtomically} from '../../engine/bundle.cjs';

function makeFolder(t: ExecutionContext) {
	const folder = mkdtempSync(path.join(tmpdir(), 'bundle-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true});
	});
	const source = path.join(folder, 'source');
	writeFileSync(source, 'one');
	let count = 0;
	return {
		source,
		cache: path.join(folder, 'cache/value.json'),
		/** Reads the source and counts how often it did. */
		async make() {
			count += 1;
			return {files: [source], value: `${readFileSync(source, 'utf8')} ${count}`};
		},
	};
}

/** Longer than a file counts as just written. */
const settle = async () => setTimeout(60);

test('a value is made once while its files are unchanged', async t => {
	const {cache, make, source} = makeFolder(t);
	await settle();
	t.is(await madeFromFiles(cache, make), 'one 1');
	t.is(await madeFromFiles(cache, make), 'one 1');
	writeFileSync(source, 'two');
	await settle();
	t.is(await madeFromFiles(cache, make), 'two 2');
	t.is(await madeFromFiles(cache, make), 'two 2');
});

test('a file that changes while the value is made is not trusted', async t => {
	const {cache, make, source} = makeFolder(t);
	await settle();
	await madeFromFiles(cache, async () => {
		const made = await make();
		writeFileSync(source, 'two');
		return made;
	});
	await settle();
	t.is(await madeFromFiles(cache, make), 'two 2');
});

test('a file that is gone makes the value anew', async t => {
	const {cache, make, source} = makeFolder(t);
	await settle();
	await madeFromFiles(cache, make);
	rmSync(source);
	await t.throwsAsync(madeFromFiles(cache, make), {code: 'ENOENT'});
});

test('a damaged cache file is made anew', async t => {
	const {cache, make} = makeFolder(t);
	await settle();
	await madeFromFiles(cache, make);
	writeFileSync(cache, '{"version":');
	t.is(await madeFromFiles(cache, make), 'one 2');
});

test('a stamp tells a file that was written again, even with the same size and time', t => {
	const {source} = makeFolder(t);
	const before = stampOf(source);
	const {atime, mtime} = statSync(source);
	t.is(stampOf(source), before);
	writeAtomically(source, 'two');
	utimesSync(source, atime, mtime);
	t.not(stampOf(source), before);
	t.is(stampOf(`${source}-none`), 'missing');
});

test('of packages the manifest is watched, of our own code every file', t => {
	t.deepEqual(watchedFiles('/root', ['a.ts', 'node_modules/@scope/name/dist/x.js', 'node_modules/@scope/name/y.js', '../node_modules/plain/lib/z.js']), [
		'/root/a.ts', '/root/node_modules/@scope/name/package.json', '/node_modules/plain/package.json',
	]);
});
