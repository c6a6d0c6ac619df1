import {randomBytes} from 'node:crypto';
import {chmod, mkdir, open, readdir, rename, rm, stat} from 'node:fs/promises';
import {hostname} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {UserError} from '../error.ts';
import {objectPath, readRecord, recordPath, type SharedCache} from './shared-cache.ts';
import {RefusedError} from './verified.ts';

/** A temporary file this old belongs to no writer any more, however slow. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;

/** How much of a file is read at a time. */
const pieceBytes = 1 << 20;

/** A shared cache in a folder that several machines mount. Files appear by renaming, which every file system does as a whole. */
export function folderCache(folder: string): SharedCache {
	const fileOf = (relative: string) => path.join(folder, relative);
	const temporary = fileOf('temporary');
	let swept: Promise<void> | undefined;

	const guarded = async <Value>(perform: () => Promise<Value>): Promise<Value> => {
		try {
			return await perform();
		} catch (error) {
			throw await explain(error, folder);
		}
	};

	const sizeOf = async (relative: string) => guarded(async () => {
		await mustExist(folder);
		return (await unlessMissing(async () => stat(fileOf(relative))))?.size;
	});

	const chunksOf = async (relative: string, signal: AbortSignal) => guarded(async () => {
		await mustExist(folder);
		const handle = await unlessMissing(async () => open(fileOf(relative), 'r'));
		return handle && guardedChunks(handle.createReadStream({signal, highWaterMark: pieceBytes}), folder);
	});

	const put = async (relative: string, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal) => guarded(async () => {
		await mustExist(folder);
		await mkdir(temporary, {recursive: true});
		await (swept ??= sweep(temporary));
		const draft = path.join(temporary, `${hostname()}-${process.pid}-${randomBytes(8).toString('hex')}`);
		try {
			await write(draft, chunks, signal);
			await mkdir(path.dirname(fileOf(relative)), {recursive: true});
			await rename(draft, fileOf(relative));
			await syncFolder(path.dirname(fileOf(relative)));
		} finally {
			await rm(draft, {force: true});
		}
	});

	return {
		hasRecord: async fingerprint => await sizeOf(recordPath(fingerprint)) !== undefined,
		async getRecord(fingerprint, signal) {
			const chunks = await chunksOf(recordPath(fingerprint), signal);
			return chunks && readRecord(chunks);
		},
		async putRecord(fingerprint, text, signal) {
			await put(recordPath(fingerprint), only(text), signal);
		},
		sizeOf: async digest => sizeOf(objectPath(digest)),
		getObject: async (digest, signal) => chunksOf(objectPath(digest), signal),
		async putObject(digest, {chunks}, signal) {
			await put(objectPath(digest), chunks, signal);
		},
		close: () => undefined,
	};
}

async function write(file: string, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
	const handle = await open(file, 'wx', 0o600);
	try {
		for await (const chunk of chunks) {
			signal.throwIfAborted();
			await handle.writeFile(chunk);
		}

		await handle.sync();
	} finally {
		await handle.close();
	}

	// Objects and records never change: only replacing them by the same is allowed.
	await chmod(file, 0o444);
}

async function * guardedChunks(chunks: AsyncIterable<Uint8Array>, folder: string): AsyncGenerator<Uint8Array> {
	try {
		yield * chunks;
	} catch (error) {
		throw await explain(error, folder);
	}
}

async function * only(text: string): AsyncGenerator<Uint8Array> {
	yield new TextEncoder().encode(text);
}

/** A folder that is not mounted must not be made: its place may be on a small disk. */
async function mustExist(folder: string): Promise<void> {
	if (!(await stat(folder)).isDirectory()) {
		throw new UserError('shared-missing', `The shared cache "${folder}" is a file, expected a folder`, {hint: 'Name another one with --shared FOLDER.'});
	}
}

/** A file that is gone is a miss; a folder that is gone is not. */
async function unlessMissing<Value>(perform: () => Promise<Value>): Promise<Value | undefined> {
	try {
		return await perform();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			return undefined;
		}

		throw error;
	}
}

/** Removes what writers that died left behind. */
async function sweep(temporary: string): Promise<void> {
	for (const name of await readdir(temporary)) {
		const file = path.join(temporary, name);
		// Another process may have swept it.
		const stats = await unlessMissing(async () => stat(file));
		if (stats && Date.now() - stats.mtimeMs > abandonedAfterMs) {
			await rm(file, {force: true});
		}
	}
}

async function syncFolder(folder: string): Promise<void> {
	if (process.platform === 'win32') {
		return; // Folders cannot be opened there; renames are durable without it.
	}

	const handle = await open(folder, 'r');
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

async function exists(folder: string): Promise<boolean> {
	try {
		await stat(folder);
		return true;
	} catch {
		return false;
	}
}

/** Puts what goes wrong with the shared folder into words. */
async function explain(error: unknown, folder: string): Promise<unknown> {
	const {code, name, message} = (error ?? {}) as NodeJS.ErrnoException;
	if (error instanceof UserError || error instanceof RefusedError || name === 'AbortError' || code === undefined) {
		return error;
	}

	if (!await exists(folder)) {
		return new UserError('shared-missing', `The shared cache "${folder}" does not exist`, {cause: error, hint: 'Mount it, or make the folder the first time.'});
	}

	switch (code) {
		case 'EACCES':
		case 'EPERM':
		case 'EROFS': {
			return new UserError('shared-denied', `The shared cache "${folder}" may not be used that way: ${message}`, {cause: error, hint: 'Change its permissions, or name another one with --shared FOLDER.'});
		}

		case 'ENOSPC':
		case 'EDQUOT': {
			return new UserError('shared-full', `The disk of the shared cache "${folder}" is full`, {cause: error, hint: 'Free some space; what is missing there is sent by pipeline push.'});
		}

		default: {
			return new UserError('shared-failed', `The shared cache "${folder}" fails: ${message}`, {cause: error});
		}
	}
}
