import {UserError} from '../engine/error.ts';
import {damaged, type ByteSource} from './byte-source.ts';
import {Cursor} from './cursor.ts';
import {bytesOf} from './element-types.ts';
import {readPickle} from './pickle.ts';
import {isDict, type PythonValue, type TensorStorage} from './python-values.ts';
import {storageOfId} from './storage-ids.ts';
import type {StoragePlace, TensorFile} from './tensor-file.ts';

/** The first pickle of every such file. */
const magicNumber = 0x19_50_A8_6A_20_F9_46_9C_FC_6Cn;

const formatVersion = 1001;

/**
 * Opens what `torch.save` wrote before version 1.6: pickles of a magic number, a version, the machine, the objects and the names of the storages; then each
 * storage, its length before its bytes.
 *
 * @throws {UserError} when it is damaged, or another pickle
 */
export function openPytorchLegacy(source: ByteSource): TensorFile {
	const cursor = new Cursor(source);
	if (readPickle(cursor, refuseStorage(source)) !== magicNumber) {
		throw new UserError('weights-pickle', 'This is a pickle, but none that torch.save wrote. Nothing was run', {
			facts: {file: source.file},
			hint: 'Save the weights alone: torch.save(model.state_dict(), "weights.pt").',
		});
	}

	const version = readPickle(cursor, refuseStorage(source));
	if (version !== formatVersion) {
		throw damaged(source, `its format is not of version ${formatVersion}`);
	}

	refuseBigEndian(source, readPickle(cursor, refuseStorage(source)));
	const storages = new Map<string, TensorStorage>();
	const root = readPickle(cursor, id => storageOfWhole(id, storages, source));
	const keys = readPickle(cursor, refuseStorage(source));
	return {source, container: 'PyTorch (before 1.6)', root, places: placesOf(cursor, keys, storages), metadata: {}};
}

/** A storage that is not a part of another one, as version 0.3 still wrote them. */
function storageOfWhole(id: PythonValue, storages: Map<string, TensorStorage>, source: ByteSource): TensorStorage {
	if (typeof id === 'object' && id !== null && 'items' in id && (id.items[5] ?? null) !== null) {
		throw new UserError('weights-format', 'The file was written by a version of PyTorch before 0.4', {
			facts: {file: source.file},
			hint: 'Load it with a newer version and save it again.',
		});
	}

	return storageOfId(id, storages, source);
}

function placesOf({source, position}: Cursor, keys: PythonValue, storages: ReadonlyMap<string, TensorStorage>): ReadonlyMap<TensorStorage, StoragePlace> {
	const places = new Map<TensorStorage, StoragePlace>();
	let start = position;
	for (const key of typeof keys === 'object' && keys !== null && 'items' in keys ? keys.items : []) {
		const storage = typeof key === 'string' ? storages.get(key) : undefined;
		if (!storage || places.has(storage)) {
			throw damaged(source, 'its list of storages does not fit its tensors');
		}

		const length = new Cursor(source, start).unsigned(lengthBytes);
		const sizeBytes = length * bytesOf(storage.elementType);
		if (length !== storage.length || start + lengthBytes + sizeBytes > source.sizeBytes) {
			throw damaged(source, `storage "${storage.key}" should have ${storage.length} numbers, but has ${length}, and ${source.sizeBytes - start} bytes of the file are left`);
		}

		places.set(storage, {start: start + lengthBytes, sizeBytes});
		start += lengthBytes + sizeBytes;
	}

	if (places.size !== storages.size) {
		throw damaged(source, `it lists ${places.size} storages, but its tensors are made of ${storages.size}`);
	}

	return places;
}

const lengthBytes = 8;

function refuseBigEndian(source: ByteSource, machine: PythonValue): void {
	if (isDict(machine) && machine.entries.get('little_endian') === false) {
		throw new UserError('weights-format', 'The numbers in the file are ordered big-endian, expected little-endian', {
			facts: {file: source.file},
			hint: 'Save the weights on a machine with an x86 or ARM processor.',
		});
	}
}

function refuseStorage(source: ByteSource): () => never {
	return () => {
		throw damaged(source, 'there is a storage before the tensors');
	};
}
