import {readdirSync, realpathSync, statSync, type Stats} from 'node:fs';
import path from 'node:path';
import {canonicalJson} from './canonical-json.ts';
import {digestFile, digestText, type Digest} from './digest.ts';
import {UserError} from './error.ts';
import {stampOf} from './bundle.js';
import type {FileSet} from './stage.ts';
import type {Store} from './store.ts';

/** A folder's files and the digest of their relative paths and bytes. */
export type DigestedFolder = {readonly files: FileSet; readonly digest: Digest};

/** Many times the resolution of the clocks of file systems. */
const settledAfterMs = 50;

const hint = 'Check the path in the params; a relative one starts at the folder of pipeline.ts.';

/**
 * Lists and hashes a folder. A file that was hashed before is not read again while size, times and inode are the same.
 * @throws {UserError} when the folder is missing, is not a folder, or holds no file.
 */
export async function digestFolder(root: string, store: Store | undefined, clock = Date.now): Promise<DigestedFolder> {
	const stats = statSync(root, {throwIfNoEntry: false});
	if (!stats?.isDirectory()) {
		throw new UserError(stats ? 'folder-is-file' : 'folder-missing', stats ? `"${root}" is a file, expected a folder` : `The folder "${root}" does not exist`, {hint});
	}

	const paths = listFiles(root, '', []).toSorted();
	if (paths.length === 0) {
		throw new UserError('folder-empty', `The folder "${root}" holds no files`, {hint});
	}

	const fresh: Array<readonly [string, string]> = [];
	const files: Array<FileSet['files'][number]> = [];
	for (const relative of paths) {
		const file = path.join(root, relative);
		const stamp = stampOf(file);
		const isSettled = clock() - statSync(file).ctimeMs > settledAfterMs;
		const [knownStamp, knownDigest] = store?.note('file', file)?.split('|') ?? [];
		const digest = knownStamp === stamp ? knownDigest! : await digestFile(file);
		// A change within the clock's resolution would go unseen: a file that is this young is read again next time.
		if (knownStamp !== stamp && isSettled) {
			fresh.push([file, `${stamp}|${digest}`]);
		}

		files.push({path: relative, sizeBytes: statSync(file).size, digest});
	}

	if (fresh.length > 0) {
		store?.setNotes('file', fresh);
	}

	return {files: {root, files}, digest: digestText(canonicalJson(['folder:1', ...files.map(({path: relative, digest}) => [relative, digest])]))};
}

/** @param parents real paths of the folders around this one: a link to one of them would go round in circles */
function listFiles(root: string, folder: string, parents: readonly string[]): string[] {
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

		return stats?.isFile() ? [relative] : [];
	});
}

/** Nothing for a link that leads nowhere or to itself. */
function statOf(file: string): Stats | undefined {
	try {
		return statSync(file, {throwIfNoEntry: false});
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ELOOP') {
			return undefined;
		}

		throw error;
	}
}
