import {UserError} from './error.ts';

/** Turns what goes wrong with the disk of the cache into words; everything else passes. */
export function explainDiskError(error: unknown, folder: string): unknown {
	const {code = '', syscall} = (error ?? {}) as {code?: string; syscall?: string};
	if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL') {
		return new UserError('disk-full', `The disk of the cache folder "${folder}" is full`, {cause: error, hint: 'Free some space and run again: what was published is kept.'});
	}

	if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
		return databaseDamaged(folder, error);
	}

	if (code.startsWith('SQLITE_BUSY')) {
		return new UserError('cache-busy', `Another process has kept the database of the cache folder "${folder}" locked for too long`, {cause: error, hint: 'End it, or let it go on if it was stopped (as by Ctrl-Z), and run again.'});
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

/** The error for a database that does not hold what was written to it. */
export function databaseDamaged(folder: string, cause?: unknown): UserError {
	return new UserError('database-damaged', `The database of the cache folder "${folder}" is damaged`, {cause, hint: `Move the folder away (mv "${folder}" "${folder}.damaged") and run again.`});
}
