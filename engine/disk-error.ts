import {UserError} from './error.ts';

/** Turns what goes wrong with the disk of the cache into words; everything else passes. */
export function explainDiskError(error: unknown, folder: string): unknown {
	const {code = ''} = (error ?? {}) as {code?: string};
	if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL') {
		return new UserError('disk-full', `The disk of the cache folder "${folder}" is full`, {cause: error, hint: 'Free some space and run again: what was published is kept.'});
	}

	if (code === 'SQLITE_CORRUPT' || code === 'SQLITE_NOTADB') {
		return new UserError('database-damaged', `The database of the cache folder "${folder}" is damaged`, {cause: error, hint: `Move the folder away (mv "${folder}" "${folder}.damaged") and run again.`});
	}

	if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN') {
		return new UserError('cache-read-only', `The cache folder "${folder}" cannot be written`, {cause: error, hint: 'Change its permissions, or name another one with --cache FOLDER.'});
	}

	if (code === 'ENOTDIR' || code === 'EEXIST') {
		return new UserError('cache-not-a-folder', `The cache "${folder}" is not a folder`, {cause: error, hint: 'Name another one with --cache FOLDER.'});
	}

	return error;
}
