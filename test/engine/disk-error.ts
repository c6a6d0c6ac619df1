import test from 'ava';
import {explainDiskError} from '../../engine/disk-error.ts';
import {UserError, describeError} from '../../engine/error.ts';

const told = test.macro({
	exec(t, facts: {readonly code: string; readonly syscall?: string}, code: string, text: string) {
		const cause = Object.assign(new Error('cause'), facts);
		const error = explainDiskError(cause, '/cache');
		t.true(error instanceof UserError);
		t.is((error as UserError).code, code);
		t.is((error as UserError).cause, cause);
		t.is(describeError(error), text);
	},
	title: (_, {code, syscall = ''}: {readonly code: string; readonly syscall?: string}, told: string) => `${code} ${syscall} is told as ${told}`.replace('  ', ' '),
});

const full = 'The disk of the cache folder "/cache" is full\nFree some space and run again: what was published is kept.';
const readOnly = 'The cache folder "/cache" cannot be written\nChange its permissions, or name another one with --cache FOLDER.';
const damaged = 'The database of the cache folder "/cache" is damaged\nMove the folder away (mv "/cache" "/cache.damaged") and run again.';

test(told, {code: 'ENOSPC'}, 'disk-full', full);
test(told, {code: 'SQLITE_FULL'}, 'disk-full', full);
test(told, {code: 'EROFS'}, 'cache-read-only', readOnly);
test(told, {code: 'ENOENT', syscall: 'mkdir'}, 'cache-read-only', readOnly);
test(told, {code: 'SQLITE_READONLY_DBMOVED'}, 'cache-read-only', readOnly);
test(told, {code: 'SQLITE_CORRUPT_INDEX'}, 'database-damaged', damaged);
test(told, {code: 'SQLITE_NOTADB'}, 'database-damaged', damaged);
test(told, {code: 'SQLITE_BUSY'}, 'cache-busy', 'Another process has kept the database of the cache folder "/cache" locked for too long\nEnd it, or let it go on if it was stopped (as by Ctrl-Z), and run again.');

test('what has nothing to do with the disk passes', t => {
	for (const error of [Object.assign(new Error('gone'), {code: 'ENOENT', syscall: 'open'}), new TypeError('wrong'), 'text', undefined]) {
		t.is(explainDiskError(error, '/cache'), error);
	}
});
