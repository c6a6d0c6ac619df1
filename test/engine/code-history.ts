import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {transform} from 'esbuild';
import {CodeHistory} from '../../engine/code-history.ts';
import {digestText} from '../../engine/digest.ts';
import {UserError} from '../../engine/error.ts';

/** Notes in memory, with a count of what was written. */
function makeNotes() {
	const notes = new Map<string, string>();
	const written: string[] = [];
	return {
		written,
		note: (topic: string, key: string) => notes.get(`${topic} ${key}`),
		setNotes(topic: string, entries: ReadonlyArray<readonly [string, string]>): void {
			for (const [key, value] of entries) {
				notes.set(`${topic} ${key}`, value);
				written.push(key);
			}
		},
	};
}

async function codeOf(t: ExecutionContext, source: string) {
	const folder = mkdtempSync(path.join(tmpdir(), 'code-history-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true, force: true});
	});
	const {code, map} = await transform(source, {sourcemap: 'external', sourcefile: 'stage.ts', minifyWhitespace: true});
	const file = path.join(folder, 'stage.mjs');
	writeFileSync(file, code);
	writeFileSync(`${file}.map`, map);
	return {digest: digestText(code), file, packages: {}, modules: {}};
}

test('code is recorded once, and compared when somebody asks', async t => {
	const notes = makeNotes();
	const [before, now] = [await codeOf(t, 'const half = x => x / 2;'), await codeOf(t, 'const half = x => x * 0.5;')];
	for (const history of [new CodeHistory(notes), new CodeHistory(notes)]) {
		history.remember(before);
		history.remember(before);
	}

	t.deepEqual(notes.written, [before.digest]);
	// The file of the earlier code is not needed any more.
	rmSync(before.file);
	t.deepEqual(new CodeHistory(notes).changes(before.digest, now), [{file: 'stage.ts', changed: ['half'], added: [], removed: []}]);
});

test('code in another order is a change without a file', async t => {
	const notes = makeNotes();
	const history = new CodeHistory(notes);
	const [before, now] = [await codeOf(t, 'let a = 1; let b = 2;'), await codeOf(t, 'let b = 2; let a = 1;')];
	history.remember(before);
	t.deepEqual(history.changes(before.digest, now), []);
});

test('nothing is known of code that was not recorded or whose compiled file is gone', async t => {
	const notes = makeNotes();
	const [before, now] = [await codeOf(t, 'let a = 1;'), await codeOf(t, 'let a = 2;')];
	t.is(new CodeHistory(notes).changes(before.digest, now), undefined);
	new CodeHistory(notes).remember(before);
	rmSync(now.file);
	t.is(new CodeHistory(notes).changes(before.digest, now), undefined);
	new CodeHistory(notes).remember(now);
	t.deepEqual(notes.written, [before.digest]);
});

test('a full disk loses the record and nothing else; other errors are told', async t => {
	const failing = (error: Error) => ({
		note: () => undefined,
		setNotes() {
			throw error;
		},
	});
	const code = await codeOf(t, 'let a = 1;');
	t.notThrows(() => {
		new CodeHistory(failing(new UserError('disk-full', 'full'))).remember(code);
	});
	t.throws(() => {
		new CodeHistory(failing(new UserError('database-damaged', 'damaged'))).remember(code);
	}, {message: 'damaged'});
});
