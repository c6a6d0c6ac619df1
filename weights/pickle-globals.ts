import type {ElementType} from './element-types.ts';
import {isDict, isStorage, isTensor, isTuple, sizeOf, type PythonValue, type StoredTensor} from './python-values.ts';

/** What a call of an allowed name means here; `undefined` for arguments that it does not have in Python. */
type Meaning = (args: readonly PythonValue[]) => PythonValue | undefined;

/** Types of storages, by the names that tensors are pickled with. */
const storageTypes: Readonly<Record<string, ElementType>> = {
	'torch.DoubleStorage': 'float64',
	'torch.FloatStorage': 'float32',
	'torch.HalfStorage': 'float16',
	'torch.BFloat16Storage': 'bfloat16',
	'torch.LongStorage': 'int64',
	'torch.IntStorage': 'int32',
	'torch.ShortStorage': 'int16',
	'torch.CharStorage': 'int8',
	'torch.ByteStorage': 'uint8',
	'torch.BoolStorage': 'bool',
};

/** Elements of a storage type; nothing for other names. */
export function storageType(name: string): ElementType | undefined {
	return Object.hasOwn(storageTypes, name) ? storageTypes[name] : undefined;
}

/** Functions and classes that are called, by name. Each is written here; none of Python's runs. */
const callables: Readonly<Record<string, Meaning>> = {
	'collections.OrderedDict': dictOf,
	'collections.defaultdict': () => dictOf([]),
	'collections.Counter': dictOf,
	'torch._utils._rebuild_tensor': rebuildTensor,
	'torch._utils._rebuild_tensor_v2': rebuildTensor,
	'torch._utils._rebuild_parameter': tensorOf,
	'torch._utils._rebuild_parameter_with_state': tensorOf,
	'torch.Size': ([items]) => (isTuple(items) ? items : undefined),
	// Texts of bytes, which protocol 2 lacks. No weight is made of them.
	'_codecs.encode': () => ({type: 'object', name: 'bytes'}),
	...inert('torch.device', 'numpy.dtype', 'numpy.core.multiarray.scalar', 'numpy._core.multiarray.scalar', 'argparse.Namespace', '__builtin__.set', 'builtins.set'),
};

/** Names that stand in checkpoints beside the weights, and are never called. */
const constants: ReadonlySet<string> = new Set([
	...Object.keys(storageTypes),
	...['dict', 'list', 'int', 'float'].flatMap(name => [`__builtin__.${name}`, `builtins.${name}`]),
	...['float64', 'float32', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool', 'strided', 'contiguous_format'].map(name => `torch.${name}`),
]);

/** Whether a pickle may name this. Storages of other types are told apart from what is no state dict where they are used. */
export function isAllowed(name: string): boolean {
	return Object.hasOwn(callables, name) || constants.has(name) || /^torch\.\w+Storage$/.test(name);
}

/** What calling an allowed name gives; nothing when it is not called that way. */
export function callGlobal(name: string, args: readonly PythonValue[]): PythonValue | undefined {
	return Object.hasOwn(callables, name) ? callables[name]!(args) : undefined;
}

/** Objects whose contents say nothing of weights. */
function inert(...names: readonly string[]): Record<string, Meaning> {
	return Object.fromEntries(names.map(name => [name, () => ({type: 'object', name})]));
}

/** A dict of nothing, of a dict, or of pairs, as Python 2 pickles ordered dicts. */
function dictOf([items]: readonly PythonValue[]): PythonValue | undefined {
	if (items === undefined || isDict(items)) {
		return items ?? {type: 'dict', entries: new Map()};
	}

	const entries = new Map<PythonValue, PythonValue>();
	// The list was made for this call alone. It is emptied, since a hostile pickle would pass a long one a million times.
	for (const pair of itemsOf(items)?.splice(0) ?? []) {
		const [key, value] = itemsOf(pair) ?? [];
		if (key === undefined || value === undefined) {
			return undefined;
		}

		entries.set(key, value);
	}

	return {type: 'dict', entries};
}

function itemsOf(value: PythonValue): PythonValue[] | undefined {
	return typeof value === 'object' && value !== null && 'items' in value ? value.items : undefined;
}

/** A parameter is its tensor; whether it is trained is no property of weights. */
function tensorOf([data]: readonly PythonValue[]): StoredTensor | undefined {
	return isTensor(data) ? data : undefined;
}

/** Storage, offset, shape, strides, and what matters to training only. The storage must hold every element. */
function rebuildTensor([storage, offset, shape, strides]: readonly PythonValue[]): StoredTensor | undefined {
	const sizes = sizesOf(shape);
	const steps = sizesOf(strides);
	if (!isStorage(storage) || !isSize(offset) || !sizes || steps?.length !== sizes.length) {
		return undefined;
	}

	const last = sizes.reduce((position, length, axis) => position + ((length - 1) * steps[axis]!), offset);
	const isInside = sizeOf(sizes) === 0 || last < storage.length;
	return isInside && Number.isSafeInteger(sizeOf(sizes)) ? {type: 'tensor', storage, offset, shape: sizes, strides: steps} : undefined;
}

function sizesOf(value: PythonValue | undefined): readonly number[] | undefined {
	return isTuple(value) && value.items.length <= mostAxes && value.items.every(size => isSize(size)) ? value.items : undefined;
}

/** Of PyTorch's own tensors. */
const mostAxes = 64;

function isSize(value: PythonValue | undefined): value is number {
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
