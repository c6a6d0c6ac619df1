import type {ElementType} from './element-types.ts';

/**
 * What a pickle may describe here: data, nothing that runs. Objects of Python and PyTorch are named, not made.
 *
 * Lists, tuples, dicts and sets may hold each other, even themselves: whoever walks them bounds the depth.
 */
export type PythonValue = null | boolean | number | bigint | string | Uint8Array | PythonList | PythonDict | PythonGlobal | PythonObject | TensorStorage | StoredTensor;

/** A list, a tuple or a set. */
export type PythonList = {readonly type: 'list' | 'tuple' | 'set'; readonly items: PythonValue[]};

/** A dict, ordered or not. */
export type PythonDict = {readonly type: 'dict'; readonly entries: Map<PythonValue, PythonValue>};

/** A class or a function of the allow-list, by its full name such as `torch.FloatStorage`. */
export type PythonGlobal = {readonly type: 'global'; readonly name: string};

/** An object whose contents are of no interest here, such as a device. */
export type PythonObject = {readonly type: 'object'; readonly name: string};

/** A block of numbers in the file, of which tensors are views; several may share one. */
export type TensorStorage = {
	readonly type: 'storage';
	/** Name within its file. */
	readonly key: string;
	readonly elementType: ElementType;
	/** Number of elements. */
	readonly length: number;
};

/** A view of a storage. It has been checked that the storage holds all its elements. */
export type StoredTensor = {
	readonly type: 'tensor';
	readonly storage: TensorStorage;
	/** Of its first element, in elements of the storage. */
	readonly offset: number;
	readonly shape: readonly number[];
	/** Distance of neighbours along each axis, in elements; may be 0. */
	readonly strides: readonly number[];
};

export function isDict(value: PythonValue | undefined): value is PythonDict {
	return isTagged(value) && value.type === 'dict';
}

export function isTuple(value: PythonValue | undefined): value is PythonList {
	return isTagged(value) && value.type === 'tuple';
}

export function isGlobal(value: PythonValue | undefined): value is PythonGlobal {
	return isTagged(value) && value.type === 'global';
}

export function isStorage(value: PythonValue | undefined): value is TensorStorage {
	return isTagged(value) && value.type === 'storage';
}

export function isTensor(value: PythonValue | undefined): value is StoredTensor {
	return isTagged(value) && value.type === 'tensor';
}

function isTagged(value: PythonValue | undefined): value is Extract<PythonValue, {readonly type: string}> {
	return typeof value === 'object' && value !== null && 'type' in value;
}

/** Number of elements of a shape; infinity rather than a wrong number when it is that large. */
export function sizeOf(shape: readonly number[]): number {
	return shape.reduce((product, length) => product * length, 1);
}
