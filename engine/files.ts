import {readdirSync, realpathSync, statSync, type BigIntStats} from 'node:fs';
import path from 'node:path';
import {canonicalJson} from './canonical-json.ts';
import {digestFile, digestText, type Digest} from './digest.ts';
import {UserError} from './error.ts';
import {stampOfStats} from './bundle.cjs';
import type {FileSet, InputFile} from './stage.ts';
import type {Store} from './store.ts';

/** A folder's files and the digest of their relative paths and bytes. */
export type DigestedFolder = {readonly files: FileSet; readonly digest: Digest};

/** Many times the resolution of the clocks of file systems. */
const settledAfterMs = 50;

/** A file and the digest of its name and bytes. */
export type DigestedFile = {readonly file: InputFile; readonly digest: Digest};

const hint = 'Check the path in the params; a relative one starts at the folder of pipeline.ts.';

/**
 * Lists and hashes a folder. A file that was hashed before is not read again while size, times and inode are the same.
 * @throws {UserError} when the folder is missing, is not a folder, or holds no file.
 */
export function digestFolder(root: string, store: Store | undefined, clock = Date.now): DigestedFolder {
	const stats = statSync(root, {throwIfNoEntry: false});
	if (!stats?.isDirectory()) {
		throw new UserError(stats ? 'folder-is-file' : 'folder-missing', stats ? `"${root}" is a file, expected a folder` : `The folder "${root}" does not exist`, {hint});
	}

	const listed = sortedFiles(root);
	if (listed.length === 0) {
		throw new UserError('folder-empty', `The folder "${root}" holds no files`, {hint});
	}

	const noted = store?.note('folder', root);
	const known = noted === undefined ? {} : JSON.parse(noted) as Record<string, readonly [stamp: string, digest: Digest]>;
	const settled: Array<readonly [path: string, stamped: readonly [stamp: string, digest: Digest]]> = [];
	const files: Array<FileSet['files'][number]> = [];
	let isNews = listed.length !== Object.keys(known).length;
	for (const {path: relative, stats} of listed) {
		const stamp = stampOfStats(stats);
		const earlier = Object.hasOwn(known, relative) && known[relative]![0] === stamp ? known[relative]![1] : undefined;
		const digest = earlier ?? digestFile(path.join(root, relative));
		files.push({path: relative, sizeBytes: Number(stats.size), digest});
		// A change within the clock's resolution would go unseen: a file that is this young is read again next time.
		if (earlier !== undefined || clock() - Number(stats.ctimeMs) > settledAfterMs) {
			settled.push([relative, [stamp, digest]]);
			isNews ||= earlier === undefined;
		}
	}

	if (isNews) {
		store?.setNotes('folder', [[root, JSON.stringify(Object.fromEntries(settled))]]);
	}

	return {files: {root, files}, digest: digestText(canonicalJson(['folder:1', ...files.map(({path: relative, digest}) => [relative, digest])]))};
}

/**
 * Hashes a file, unless it was hashed before and size, times and inode are the same.
 * @throws {UserError} when there is no such file
 */
export function digestInputFile(file: string, store: Store | undefined, clock = Date.now): DigestedFile {
	const stats = statOf(file);
	if (!stats?.isFile()) {
		throw new UserError(stats ? 'file-is-folder' : 'file-missing', stats ? `"${file}" is a folder, expected a file` : `The file "${file}" does not exist`, {hint});
	}

	const stamp = stampOfStats(stats);
	const [knownStamp, known] = JSON.parse(store?.note('file', file) ?? '[]') as readonly [stamp?: string, digest?: Digest];
	const digest = known !== undefined && knownStamp === stamp ? known : digestFile(file);
	if ((known === undefined || knownStamp !== stamp) && clock() - Number(stats.ctimeMs) > settledAfterMs) {
		store?.setNotes('file', [[file, JSON.stringify([stamp, digest])]]);
	}

	return {file: {path: file, sizeBytes: Number(stats.size), digest}, digest: digestText(canonicalJson(['file:1', path.basename(file), digest]))};
}

/** The files of a folder, sorted by path; nobody looks into them. */
export function listFolder(root: string): ReadonlyArray<{readonly path: string; readonly sizeBytes: number}> {
	return sortedFiles(root).map(({path: relative, stats}) => ({path: relative, sizeBytes: Number(stats.size)}));
}

type ListedFile = {readonly path: string; readonly stats: BigIntStats};

function sortedFiles(root: string): readonly ListedFile[] {
	return listFiles(root, '', []).toSorted(({path: a}, {path: b}) => (a < b ? -1 : 1));
}

/** @param parents real paths of the folders around this one: a link to one of them would go round in circles */
function listFiles(root: string, folder: string, parents: readonly string[]): ListedFile[] {
	const real = realpathSync(path.join(root, folder));
	if (parents.includes(real)) {
		return [];
	}

	return readdirSync(real).flatMap(name => {
		const relative = folder === '' ? name : `${folder}/${name}`;
		const stats = statOf(path.join(real, name));
		if (stats?.isDirectory()) {
			return listFiles(root, relative, [...parents, real]);
		}

		return stats?.isFile() ? [{path: relative, stats}] : [];
	});
}

/** Nothing for a link that leads nowhere or to itself. */
function statOf(file: string): BigIntStats | undefined {
	try {
		return statSync(file, {throwIfNoEntry: false, bigint: true});
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ELOOP') {
			return undefined;
		}

		throw error;
	}
}
