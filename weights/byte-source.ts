import {closeSync, fstatSync, openSync, readSync} from 'node:fs';
import path from 'node:path';
import {UserError} from '../engine/error.ts';

/** An open file that is read anywhere, so that weights of a gigabyte are never in memory twice. */
export type ByteSource = Disposable & {
	/** Absolute path. */
	readonly file: string;
	readonly sizeBytes: number;
	/** Fills `target` with what stands at `position`. @throws {UserError} `weights-damaged` when the file ends before */
	read(target: Uint8Array, position: number): void;
};

/** Most bytes that one system call is asked for; the largest that every platform takes is just below 2 GiB. */
const pieceBytes = 1 << 28;

/** @throws {UserError} `weights-missing` or `weights-unreadable` */
export function openBytes(file: string): ByteSource {
	const descriptor = openFile(file);
	const stats = fstatSync(descriptor);
	if (!stats.isFile()) {
		closeSync(descriptor);
		throw new UserError('weights-unreadable', `"${file}" is not a file`, {hint: 'Name the file with the weights.'});
	}

	const source: ByteSource = {
		file,
		sizeBytes: stats.size,
		read(target, position) {
			// Not a number, if a file says so, is not at most the size either.
			if (!(position + target.length <= stats.size)) {
				throw damaged(source, `it ends at byte ${stats.size}, but bytes ${position} to ${position + target.length} are needed`);
			}

			for (let done = 0; done < target.length;) {
				const count = readSync(descriptor, target, done, Math.min(pieceBytes, target.length - done), position + done);
				if (count === 0) {
					throw damaged(source, `it became shorter while it was read, and ends at byte ${position + done}`);
				}

				done += count;
			}
		},
		[Symbol.dispose]() {
			closeSync(descriptor);
		},
	};
	return source;
}

function openFile(file: string): number {
	try {
		return openSync(file, 'r');
	} catch (error) {
		if (!(error instanceof Error && 'syscall' in error)) {
			throw error;
		}

		const isMissing = 'code' in error && error.code === 'ENOENT';
		throw new UserError(isMissing ? 'weights-missing' : 'weights-unreadable', isMissing ? `The file "${file}" does not exist` : `"${file}" cannot be read: ${error.message}`, {
			hint: 'Check the path.',
			cause: error,
		});
	}
}

/** What is said of a file that is cut off or has changed bytes. */
export function damaged({file, sizeBytes}: Pick<ByteSource, 'file' | 'sizeBytes'>, reason: string, cause?: unknown): UserError {
	return new UserError('weights-damaged', `"${path.basename(file)}" is damaged or incomplete: ${reason}`, {
		facts: {file, 'size in bytes': sizeBytes},
		hint: 'Download or copy it again, and compare its size and checksum with those of its source.',
		cause,
	});
}
