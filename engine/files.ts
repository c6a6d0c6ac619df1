import {readdirSync, statSync} from 'node:fs';
import path from 'node:path';
import {canonicalJson} from './canonical-json.ts';
import {digestFile, digestText, type Digest} from './digest.ts';
import {UserError} from './error.ts';
import {stampOf} from './bundle.js';
import type {FileSet} from './stage.ts';
import type {Store} from './store.ts';

/** A folder's files and the digest of their relative paths and bytes. */
export type DigestedFolder = {readonly files: FileSet; readonly digest: Digest};

/**
 * Lists and hashes a folder. A file that was hashed before is not read again while size, times and inode are the same.
 * @throws {UserError} when the folder is missing, is not a folder, or holds no file.
 */
export async function digestFolder(root: string, store: Store | undefined): Promise<DigestedFolder> {
	const stats = statSync(root, {throwIfNoEntry: false});
	if (!stats?.isDirectory()) {
		throw new UserError(stats ? 'folder-is-file' : 'folder-missing', stats ? `"${root}" is a file, expected a folder` : `The folder "${root}" does not exist`, {hint: 'Check the path in the params; a relative one starts at the folder of pipeline.ts.'});
	}

	const paths = listFiles(root, '').toSorted();
	if (paths.length === 0) {
		throw new UserError('folder-empty', `The folder "${root}" holds no files`);
	}

	const fresh: Array<readonly [string, string]> = [];
	const files: Array<FileSet['files'][number]> = [];
	for (const relative of paths) {
		const file = path.join(root, relative);
		const stamp = stampOf(file);
		const [knownStamp, knownDigest] = store?.note('file', file)?.split('|') ?? [];
		const digest = knownStamp === stamp ? knownDigest! : await digestFile(file);
		if (knownStamp !== stamp) {
			fresh.push([file, `${stamp}|${digest}`]);
		}

		files.push({path: relative, sizeBytes: statSync(file).size, digest});
	}

	if (fresh.length > 0) {
		store?.setNotes('file', fresh);
	}

	return {files: {root, files}, digest: digestText(canonicalJson(['folder:1', ...files.map(({path: relative, digest}) => [relative, digest])]))};
}

function listFiles(root: string, folder: string): string[] {
	return readdirSync(path.join(root, folder), {withFileTypes: true}).flatMap(entry => {
		const relative = folder === '' ? entry.name : `${folder}/${entry.name}`;
		const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && statSync(path.join(root, relative), {throwIfNoEntry: false})?.isDirectory());
		if (isFolder) {
			return listFiles(root, relative);
		}

		return statSync(path.join(root, relative), {throwIfNoEntry: false})?.isFile() ? [relative] : [];
	});
}
