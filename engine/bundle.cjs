/**
 * Keeps what was made from files, such as compiled code, while none of them has changed. Plain CommonJS, which is what starts
 * fastest: the command line looks with it whether it is compiled.
 */
'use strict';
const {mkdirSync, readFileSync, renameSync, statSync, writeFileSync} = require('node:fs');
const path = require('node:path');
const process = require('node:process');

/**
 * @typedef {{path: string, stamp: string}} StampedFile
 * @typedef {{version: string, files: StampedFile[], value: unknown}} CacheEntry
 */

/** Raise when what is compiled or recorded changes. */
const formatVersion = '3';

/**
 * Size, times and inode of a file: equal stamps mean that its bytes need not be read again.
 * @param {string} file
 * @returns {string} `missing` when there is no such file
 */
function stampOf(file) {
	const stats = statSync(file, {throwIfNoEntry: false, bigint: true});
	return stats ? stampOfStats(stats) : 'missing';
}

/**
 * @param {import('node:fs').BigIntStats} stats
 * @returns {string}
 */
function stampOfStats({size, mtimeNs, ctimeNs, ino}) {
	return `${size}:${mtimeNs}:${ctimeNs}:${ino}`;
}

/**
 * The files to watch for what a bundle was made from: our own sources, and of every package its package.json, which changes with
 * its version; hundreds of files inside packages need no look.
 * @param {string} root folder that the inputs are relative to
 * @param {readonly string[]} inputs as in esbuild's metafile
 * @returns {string[]}
 */
function watchedFiles(root, inputs) {
	return [...new Set(inputs.map(input => path.join(root, input.replace(packageFile, '$1/package.json'))))];
}

const packageFile = /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\/.*$/;

/** What the entries of another version of Node or of this file hold is no use. */
const entryVersion = `${formatVersion} ${process.versions.modules}`;

/**
 * The value that was made from files, if none of them has changed since.
 * @param {string} cacheFile
 * @returns {unknown} nothing when it has to be made
 */
function unchangedValue(cacheFile) {
	const entry = readEntry(cacheFile);
	return entry?.version === entryVersion && entry.files.every(({path, stamp}) => stampOf(path) === stamp) ? entry.value : undefined;
}

/**
 * The value that was made from files, from the cache while none of them has changed.
 * `make` gets the value that was made before, and whether a file is still as it was then.
 * @template Value
 * @param {string} cacheFile JSON file that holds the value and the stamps
 * @param {(earlier?: {value: Value, isUnchanged: (file: string) => boolean}) => Promise<{files: readonly string[], value: Value}>} make
 * @returns {Promise<Value>}
 */
async function madeFromFiles(cacheFile, make) {
	const known = unchangedValue(cacheFile);
	if (known !== undefined) {
		return /** @type {Value} */ (known);
	}

	// Stamps are taken before the files are read: an edit in between makes the entry stale at once instead of wrong for ever.
	// The clock of a file system may be some milliseconds behind.
	const startedMs = Date.now() - 20;
	const entry = readEntry(cacheFile);
	const {files, value} = await make(entry?.version === entryVersion ? earlierOf(entry) : undefined);
	const stamped = [...new Set(files)].map(path => ({path, stamp: stampOf(path)}));
	const isSettled = stamped.every(({path}) => (statSync(path, {throwIfNoEntry: false})?.ctimeMs ?? 0) < startedMs);
	if (isSettled) {
		writeAtomically(cacheFile, JSON.stringify({version: entryVersion, files: stamped, value}));
	}

	return value;
}

/**
 * @param {CacheEntry} entry
 * @returns {{value: any, isUnchanged: (file: string) => boolean}}
 */
function earlierOf({files, value}) {
	const stamps = new Map(files.map(({path, stamp}) => [path, stamp]));
	return {value, isUnchanged: file => stamps.get(file) === stampOf(file)};
}

/**
 * Writes a file so that readers see the old or the new content, never a part.
 * @param {string} file
 * @param {string | Uint8Array} content
 */
function writeAtomically(file, content) {
	mkdirSync(path.dirname(file), {recursive: true});
	const temporary = `${file}.${process.pid}.tmp`;
	writeFileSync(temporary, content);
	renameSync(temporary, file);
}

/**
 * @param {string} cacheFile
 * @returns {CacheEntry | undefined}
 */
function readEntry(cacheFile) {
	try {
		return JSON.parse(readFileSync(cacheFile, 'utf8'));
	} catch {
		// Absent or damaged: made anew, which costs milliseconds.
		return undefined;
	}
}

module.exports = {stampOf, stampOfStats, watchedFiles, unchangedValue, madeFromFiles, writeAtomically};
