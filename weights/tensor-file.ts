import type {ByteSource} from './byte-source.ts';
import {bytesOf, decodeElements} from './element-types.ts';
import {sizeOf, type PythonValue, type StoredTensor, type TensorStorage} from './python-values.ts';

/** How the tensors of a file are packed. */
export type Container = 'PyTorch (zip)' | 'PyTorch (before 1.6)' | 'safetensors';

/** Where a storage is in its file. */
export type StoragePlace = {
	/** Position of its first byte. */
	readonly start: number;
	/** CRC-32 that the file says its bytes have; absent where the container has no checksums. */
	readonly crc32?: number;
	/** Bytes that the checksum covers. */
	readonly sizeBytes: number;
};

/** A file of tensors: what is in it is known and checked against its size, and the numbers are read when they are asked for. */
export type TensorFile = {
	readonly source: ByteSource;
	readonly container: Container;
	/** What the file holds: a state dict, or dicts around one. */
	readonly root: PythonValue;
	readonly places: ReadonlyMap<TensorStorage, StoragePlace>;
	/** JSON values that the file says beside its tensors; empty in PyTorch's containers. */
	readonly metadata: Readonly<Record<string, unknown>>;
};

/** Elements that are converted at a time. */
const pieceElements = 1 << 18;

/** The numbers of a tensor as float32, in the order of its shape. Nothing else of the file is read. */
export function readTensor({source, places}: Pick<TensorFile, 'source' | 'places'>, {storage, offset, shape, strides}: StoredTensor): Float32Array {
	const {elementType} = storage;
	const width = bytesOf(elementType);
	const {start} = places.get(storage)!;
	const values = new Float32Array(sizeOf(shape));
	const read = (target: Float32Array, from: number) => {
		const position = start + (from * width);
		if (elementType === 'float32') {
			source.read(new Uint8Array(target.buffer, target.byteOffset, target.byteLength), position);
			return;
		}

		for (let done = 0; done < target.length; done += pieceElements) {
			const piece = target.subarray(done, done + pieceElements);
			const bytes = new Uint8Array(piece.length * width);
			source.read(bytes, position + (done * width));
			decodeElements(elementType, bytes, piece);
		}
	};

	if (isContiguous(shape, strides)) {
		read(values, offset);
		return values;
	}

	const span = new Float32Array(values.length === 0 ? 0 : spanOf(shape, strides));
	read(span, offset);
	gather(span, values, {shape, strides});
	return values;
}

/** Whether neighbours in the order of the shape are neighbours in the storage; strides of axes of length 1 say nothing. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
	let expected = 1;
	for (let axis = shape.length - 1; axis >= 0; axis--) {
		if (shape[axis] !== 1 && strides[axis] !== expected) {
			return false;
		}

		expected *= shape[axis]!;
	}

	return true;
}

/** Elements of the storage from the first to the last of a view. */
function spanOf(shape: readonly number[], strides: readonly number[]): number {
	return shape.reduce((span, length, axis) => span + ((length - 1) * strides[axis]!), 1);
}

function gather(span: Float32Array, values: Float32Array, {shape, strides}: Pick<StoredTensor, 'shape' | 'strides'>): void {
	const indices = shape.map(() => 0);
	let position = 0;
	for (let index = 0; index < values.length; index++) {
		values[index] = span[position]!;
		for (let axis = shape.length - 1; axis >= 0; axis--) {
			indices[axis]!++;
			position += strides[axis]!;
			if (indices[axis]! < shape[axis]!) {
				break;
			}

			position -= strides[axis]! * shape[axis]!;
			indices[axis] = 0;
		}
	}
}
