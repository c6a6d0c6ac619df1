import type {Buffer} from 'node:buffer';
import path from 'node:path';
import process from 'node:process';
import {fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type ZipFile} from 'yauzl';
import {isUserError, UserError} from '../engine/error.ts';
import {damaged, type ByteSource} from './byte-source.ts';
import {Cursor} from './cursor.ts';
import {bytesOf} from './element-types.ts';
import {readPickle} from './pickle.ts';
import type {TensorStorage} from './python-values.ts';
import {storageOfId} from './storage-ids.ts';
import type {StoragePlace, TensorFile} from './tensor-file.ts';

/**
 * Opens what `torch.save` has written since version 1.6: a zip archive of uncompressed files, `NAME/data.pkl` with the objects and `NAME/data/KEY` with the
 * bytes of each storage.
 *
 * @throws {UserError} when it is damaged, or not such an archive
 */
export async function openPytorchZip(source: ByteSource): Promise<TensorFile> {
	try {
		const zip = await fromRandomAccessReaderPromise(new SourceReader(source), source.sizeBytes, {lazyEntries: true, autoClose: false});
		return await openArchive(source, zip);
	} catch (error) {
		// What the library says of a broken archive.
		throw isUserError(error) ? error : damaged(source, error instanceof Error ? error.message : String(error), error);
	}
}

/** What the library reads through: positions of a broken archive may be anything, and only here do they become errors that can be caught. */
class SourceReader extends RandomAccessReader {
	readonly #source: ByteSource;

	constructor(source: ByteSource) {
		super();
		this.#source = source;
	}

	// The library's signature.
	// eslint-disable-next-line max-params
	override read(buffer: Buffer, offset: number, length: number, position: number, callback: (error: Error | null) => void): void {
		let problem: Error | null = null;
		try {
			this.#source.read(buffer.subarray(offset, offset + length), position);
		} catch (error) {
			problem = error instanceof Error ? error : new Error(String(error));
		}

		process.nextTick(callback, problem);
	}
}

async function openArchive(source: ByteSource, zip: ZipFile): Promise<TensorFile> {
	const entries = await listEntries(source, zip);
	const pickle = [...entries.values()].find(({fileName}) => path.posix.basename(fileName) === 'data.pkl');
	if (!pickle || entries.has(siblingOf(pickle, 'constants.pkl'))) {
		throw notWeights(source, pickle !== undefined);
	}

	await refuseBigEndian(source, zip, entries.get(siblingOf(pickle, 'byteorder')));
	const storages = new Map<string, TensorStorage>();
	const root = readPickle(await cursorOf(source, zip, pickle), id => storageOfId(id, storages, source));
	const places = new Map<TensorStorage, StoragePlace>();
	for (const storage of storages.values()) {
		places.set(storage, await placeOf(source, zip, {storage, entry: entries.get(siblingOf(pickle, `data/${storage.key}`))}));
	}

	return {source, container: 'PyTorch (zip)', root, places, metadata: {}};
}

async function listEntries(source: ByteSource, zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
	const entries = new Map<string, Entry>();
	for await (const entry of zip.eachEntry()) {
		if (entries.has(entry.fileName)) {
			throw damaged(source, `the archive has two files named "${entry.fileName}"`);
		}

		entries.set(entry.fileName, entry);
	}

	return entries;
}

/** All files of the archive are in one folder, whose name is that of the file when it was saved. */
function siblingOf({fileName}: Entry, name: string): string {
	return path.posix.join(path.posix.dirname(fileName), name);
}

async function cursorOf(source: ByteSource, zip: ZipFile, entry: Entry): Promise<Cursor> {
	const start = await startOf(source, zip, entry);
	return new Cursor(source, start, start + entry.uncompressedSize);
}

/** Position of a file's first byte; the library checks that all of them are in the archive. */
async function startOf(source: ByteSource, zip: ZipFile, entry: Entry): Promise<number> {
	if (entry.compressionMethod !== 0 || entry.isEncrypted()) {
		throw new UserError('weights-format', `"${entry.fileName}" in the archive is compressed or encrypted, which torch.save never does`, {
			facts: {file: source.file},
			hint: 'Save the state dict again with torch.save.',
		});
	}

	const {fileDataStart} = await zip.readLocalFileHeaderPromise(entry, {minimal: true});
	return fileDataStart;
}

async function placeOf(source: ByteSource, zip: ZipFile, {storage, entry}: {readonly storage: TensorStorage; readonly entry: Entry | undefined}): Promise<StoragePlace> {
	const sizeBytes = storage.length * bytesOf(storage.elementType);
	// PyTorch may keep a larger block than it uses, never a smaller one. An empty storage may have no file.
	if (sizeBytes > (entry?.uncompressedSize ?? 0)) {
		throw damaged(source, `storage "${storage.key}" should have ${sizeBytes} bytes, but ${entry ? `has ${entry.uncompressedSize}` : 'is not in the archive'}`);
	}

	return entry ? {start: await startOf(source, zip, entry), sizeBytes: entry.uncompressedSize, crc32: entry.crc32} : {start: 0, sizeBytes: 0};
}

/** Newer versions note the order of bytes; older ones are used on little-endian machines. */
async function refuseBigEndian(source: ByteSource, zip: ZipFile, entry: Entry | undefined): Promise<void> {
	if (!entry) {
		return;
	}

	const cursor = await cursorOf(source, zip, entry);
	const order = new TextDecoder().decode(cursor.take(Math.min(20, entry.uncompressedSize)));
	if (order !== 'little') {
		throw new UserError('weights-format', `The numbers in "${path.basename(source.file)}" are ordered as "${order}", expected "little"`, {
			facts: {file: source.file},
			hint: 'Save the weights on a machine with an x86 or ARM processor.',
		});
	}
}

function notWeights({file}: ByteSource, isScript: boolean): UserError {
	return new UserError('weights-format', `"${path.basename(file)}" is ${isScript ? 'a TorchScript program' : 'a zip archive'}, not a state dict`, {
		facts: {file},
		hint: isScript
			? 'It holds code beside its weights. Load it in Python and save the weights alone: torch.save(model.state_dict(), "weights.pt").'
			: 'It has no "data.pkl", as files of torch.save have. If weights are inside, unpack it first.',
	});
}
