import {existsSync} from 'node:fs';
import {setImmediate} from 'node:timers/promises';
import type {Digest} from './digest.ts';
import type {ObjectRow} from './inventory.ts';
import type {Store} from './store.ts';

/** One object that is not what it was. */
export type Damage = {
	readonly digest: Digest;
	readonly sizeBytes: number;
	/** `missing`: its file is gone. `damaged`: its bytes have another digest, or cannot be read; they were set aside. */
	readonly problem: 'damaged' | 'missing';
	/** What made it, as `node.output`. */
	readonly madeBy: readonly string[];
	/** Whether `fetchObject` brought it back. */
	readonly isFetched: boolean;
};

/** What a look at every byte of the cache found. */
export type Verification = {
	/** How many objects were read. */
	readonly objects: number;
	readonly sizeBytes: number;
	readonly damages: readonly Damage[];
	/** Outputs whose object was forgotten earlier, as `node.output`: their nodes are stale, which is no damage. */
	readonly forgotten: readonly string[];
	/** Files that no row names: what a process that died left behind. Harmless. */
	readonly unreferenced: {readonly files: number; readonly sizeBytes: number};
	/** What SQLite finds wrong with its file. */
	readonly databaseProblems: readonly string[];
};

export type VerifyOptions = {
	/** Brings an object from elsewhere after the damaged one was set aside. @returns whether it is there now */
	readonly fetchObject?: (digest: Digest) => Promise<boolean>;
	/** Told of every object that was read. */
	readonly onObject?: (objects: number, sizeBytes: number) => void;
};

/** How many rows are looked up at a time. */
const pageSize = 256;

/** Reads every object and compares its digest. What is damaged is set aside, so that what made it is stale. Runs may go on meanwhile. */
export async function verifyStore(store: Store, {fetchObject, onObject}: VerifyOptions = {}): Promise<Verification> {
	const databaseProblems = store.inventory.databaseProblems();
	const forgotten = store.inventory.outputsWithoutObject();
	const damages: Damage[] = [];
	let objects = 0;
	let sizeBytes = 0;
	let page = store.inventory.objectsAfter('', pageSize);
	while (page.length > 0) {
		for (const object of page) {
			const damage = checkObject(store, object);
			if (damage) {
				damages.push({...damage, isFetched: await fetchObject?.(object.digest) ?? false});
			}

			objects += 1;
			sizeBytes += object.sizeBytes;
			onObject?.(objects, sizeBytes);
		}

		// Ctrl-C is heard between pages.
		await setImmediate();
		page = store.inventory.objectsAfter(page.at(-1)!.digest, pageSize);
	}

	return {objects, sizeBytes, damages, forgotten, unreferenced: unreferencedFiles(store), databaseProblems};
}

function checkObject(store: Store, {digest, sizeBytes, isFile}: ObjectRow): Omit<Damage, 'isFetched'> | undefined {
	// Another process may have removed it, or made it anew, since the page was read: only what is still wrong counts.
	if (isIntact(store, digest) || !store.inventory.isKnown(digest) || isIntact(store, digest)) {
		return undefined;
	}

	const problem = isFile && !existsSync(store.objectFile(digest)) ? 'missing' : 'damaged';
	const madeBy = store.resultsWith(digest).map(({result, output}) => `${result.nodeName}.${output}`);
	store.setAside(digest);
	return {digest, sizeBytes, problem, madeBy: [...new Set(madeBy)].toSorted()};
}

/** A file that cannot be read is as bad as one with other bytes. */
function isIntact(store: Store, digest: Digest): boolean {
	try {
		return store.isIntact(digest);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).syscall === undefined) {
			throw error;
		}

		return false;
	}
}

function unreferencedFiles(store: Store): Verification['unreferenced'] {
	let files = 0;
	let sizeBytes = 0;
	for (const file of store.inventory.objectFiles()) {
		if (!store.inventory.isKnown(file.digest)) {
			files += 1;
			sizeBytes += file.sizeBytes;
		}
	}

	return {files, sizeBytes};
}
