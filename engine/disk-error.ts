import {UserError} from './error.ts';

/** Turns what goes wrong with the disk of the cache into words; everything else passes. */
export function explainDiskError(error: unknown, folder: string): unknown {
	const {code = '', syscall} = (error ?? {}) as {code?: string; syscall?: string};
	if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL') {
		return new UserError('disk-full', `The disk of the cache folder "${folder}" is full`, {cause: error, hint: 'Free some space and run again: what was published is kept.'});
	}

	if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
		return new UserError('database-damaged', `The database of the cache folder "${folder}" is damaged`, {cause: error, hint: `Move the folder away (mv "${folder}" "${folder}.damaged") and run again.`});
	}

	// On a read-only disk Node says of a folder that cannot be made with its parents that it does not exist.
	const isUnmade = code === 'ENOENT' && syscall === 'mkdir';
	if (isUnmade || code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN') {
		return new UserError('cache-read-only', `The cache folder "${folder}" cannot be written`, {cause: error, hint: 'Change its permissions, or name another one with --cache FOLDER.'});
	}

	if (code === 'ENOTDIR' || code === 'EEXIST') {
		return new UserError('cache-not-a-folder', `The cache "${folder}" is not a folder`, {cause: error, hint: 'Name another one with --cache FOLDER.'});
	}

	return error;
}
