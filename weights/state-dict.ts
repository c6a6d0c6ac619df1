import path from 'node:path';
import {UserError} from '../engine/error.ts';
import {isDict, isTensor, type PythonDict, type PythonValue, type StoredTensor} from './python-values.ts';
import type {TensorFile} from './tensor-file.ts';

/** The weights of a model as they stand in a file. */
export type StateDict = {
	/** By the names that the file gives them. */
	readonly tensors: ReadonlyMap<string, StoredTensor>;
	/** Names of what stands among them and is no tensor. */
	readonly others: readonly string[];
	/** Key of the dict that the weights are in; absent: they are all that the file holds. */
	readonly wrapper?: string;
};

/** Keys that trainers put weights under, beside the state of their optimizer and the like. */
const wrappers = ['state_dict', 'model_state_dict'];

/**
 * The state dict of a file: all of it, or what stands in it under `state_dict` or `model_state_dict`.
 * @throws {UserError} `weights-without-state-dict` when it has none, or two; the error says what it has
 */
export function findStateDict({root, source: {file}}: Pick<TensorFile, 'root' | 'source'>): StateDict {
	const name = path.basename(file);
	if (!isDict(root)) {
		throw new UserError('weights-without-state-dict', `"${name}" holds ${isTensor(root) ? 'a single tensor' : 'no dict'}, expected a state dict`, {
			facts: {file},
			hint: 'Save the weights by name: torch.save(model.state_dict(), "weights.pt").',
		});
	}

	const wrapped = wrappers.flatMap(wrapper => {
		const value = root.entries.get(wrapper);
		return isDict(value) && tensorsOf(value).size > 0 ? [{wrapper, value}] : [];
	});
	const [first, second] = wrapped;
	const tensors = tensorsOf(root);
	if (second ?? (first && tensors.size > 0)) {
		throw new UserError('weights-without-state-dict', `"${name}" holds more than one state dict`, {
			facts: {file, 'under the keys': wrapped.map(({wrapper}) => wrapper).join(', '), 'tensors beside them': tensors.size},
			hint: 'Save the one to import alone: torch.save(model.state_dict(), "weights.pt").',
		});
	}

	if (first) {
		return {tensors: tensorsOf(first.value), others: othersOf(first.value), wrapper: first.wrapper};
	}

	if (tensors.size === 0) {
		throw new UserError('weights-without-state-dict', `"${name}" holds no state dict`, {
			facts: {file, 'its keys': shownKeys(root)},
			hint: `Expected tensors by name, or a dict of them under ${wrappers.map(wrapper => `"${wrapper}"`).join(' or ')}. Save the part that is wanted alone: torch.save(model.state_dict(), "weights.pt").`,
		});
	}

	return {tensors, others: othersOf(root)};
}

function tensorsOf({entries}: PythonDict): ReadonlyMap<string, StoredTensor> {
	return new Map([...entries].flatMap(([key, value]) => (typeof key === 'string' && isTensor(value) ? [[key, value]] : [])));
}

function othersOf({entries}: PythonDict): readonly string[] {
	return [...entries].flatMap(([key, value]) => (typeof key === 'string' && isTensor(value) ? [] : [keyText(key)]));
}

function shownKeys({entries}: PythonDict): string {
	const keys = [...entries.keys()].map(key => keyText(key));
	return keys.length === 0 ? 'none' : `${keys.slice(0, 20).join(', ')}${keys.length > 20 ? ` and ${keys.length - 20} more` : ''}`;
}

function keyText(key: PythonValue): string {
	return typeof key === 'string' || typeof key === 'number' ? String(key).slice(0, 100) : 'a key that is no text';
}
