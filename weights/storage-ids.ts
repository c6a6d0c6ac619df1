import {UserError} from '../engine/error.ts';
import {damaged, type ByteSource} from './byte-source.ts';
import {bytesOf} from './element-types.ts';
import {storageType} from './pickle-globals.ts';
import {isGlobal, isTuple, type PythonValue, type TensorStorage} from './python-values.ts';

/**
 * The storage that a pickle names by `('storage', type, key, device, length)`; the same one whenever it is named the same.
 *
 * @param storages those that were named so far; a new one is added
 * @throws {UserError} `weights-type` for numbers that no weights are made of, `weights-damaged` when it cannot be
 */
export function storageOfId(id: PythonValue, storages: Map<string, TensorStorage>, source: ByteSource): TensorStorage {
	const [kind, type, key, , length] = isTuple(id) ? id.items : [];
	if (kind !== 'storage' || !isGlobal(type) || typeof key !== 'string' || typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0) {
		throw damaged(source, 'a storage has no name, type or length');
	}

	const elementType = storageType(type.name);
	if (!elementType) {
		throw new UserError('weights-type', `The file holds numbers of type "${type.name}", which cannot be imported`, {
			facts: {file: source.file},
			hint: 'Convert the tensors to float32 before saving them: complex and quantized numbers have no counterpart here.',
		});
	}

	if (length * bytesOf(elementType) > source.sizeBytes) {
		throw damaged(source, `storage "${key}" would be larger than the file, ${length} numbers of type ${elementType}`);
	}

	const known = storages.get(key);
	if (known && (known.elementType !== elementType || known.length !== length)) {
		throw damaged(source, `storage "${key}" is said to be of two kinds`);
	}

	const storage = known ?? {type: 'storage', key, elementType, length};
	storages.set(key, storage);
	return storage;
}
