import path from 'node:path';
import {UserError} from '../engine/error.ts';
import type {ExpectedWeight} from '../models/expected-weights.ts';
import type {StoredTensor} from './python-values.ts';
import type {StateDict} from './state-dict.ts';

/** The weights of a model in a file: as many as it has, each of its shape. */
export type MatchedWeights = {
	/** By the model's own names, in the order of the model. */
	readonly tensors: ReadonlyMap<string, StoredTensor>;
	/** What was taken from the beginning of every name. */
	readonly strippedPrefix: string;
	/** Names of what the file has and the model does not need, without the prefix. */
	readonly dropped: readonly string[];
};

/** What wrappers put before every name: data parallelism, a model as the attribute of another one, `torch.compile`. */
const prefixes = ['module.', 'model.', '_orig_mod.'];

/** What batch normalization counts and inference never needs. */
const isCounter = (name: string) => name === 'num_batches_tracked' || name.endsWith('.num_batches_tracked');

export type MatchOptions = {
	readonly file: string;
	readonly architecture: string;
	/** Names of weights that the model can do without; absent: it needs all that it knows. */
	readonly unused?: ReadonlySet<string>;
	/** Architectures that the file may be of instead, for the hint. */
	readonly others?: () => Iterable<readonly [architecture: string, expected: readonly ExpectedWeight[]]>;
};

/**
 * Finds the weights of a model in a state dict. Nothing may be missing, nothing left over, and every shape has to fit.
 * @throws {UserError} `weights-mismatch`, which lists all that does not fit
 */
export function matchWeights(dict: StateDict, expected: readonly ExpectedWeight[], {file, architecture, unused = new Set(), others}: MatchOptions): MatchedWeights {
	const {prefix, tensors} = stripPrefixes(dict.tensors, expected);
	const wanted = new Set(expected.map(({name}) => name));
	const surplus = [...tensors.keys()].filter(name => !wanted.has(name));
	// What somebody may look for comes first.
	const dropped = [...surplus.filter(name => unused.has(name)), ...surplus.filter(name => isCounter(name))];
	const unexpected = [...surplus.filter(name => !unused.has(name) && !isCounter(name)), ...dict.others];
	const missing = expected.filter(({name}) => !tensors.has(name)).map(({name}) => name);
	const misshapen = expected.flatMap(({name, shape}) => {
		const got = tensors.get(name)?.shape;
		return got && shapeText(got) !== shapeText(shape) ? [`${name} ${shapeText(got)} in place of ${shapeText(shape)}`] : [];
	});
	if (missing.length + unexpected.length + misshapen.length > 0) {
		const guess = others && guessArchitecture(dict.tensors, others());
		throw new UserError('weights-mismatch', `"${path.basename(file)}" does not hold the weights of "${architecture}": ${missing.length} missing, ${unexpected.length} unexpected, ${misshapen.length} of another shape`, {
			facts: {
				file,
				weights: `${tensors.size} in the file, ${expected.length} expected`,
				...(prefix !== '' && {'prefix stripped': prefix}),
				...listed({missing, unexpected, 'other shape': misshapen}),
			},
			hint: hintFor(architecture, guess, misshapen.length > 0 && missing.length + unexpected.length === 0),
		});
	}

	return {tensors: new Map(expected.map(({name}) => [name, tensors.get(name)!])), strippedPrefix: prefix, dropped};
}

/** Torchvision's published DenseNets still have the names of a version whose layers were written `norm.1` in place of `norm1`; it renames them as it loads them. */
function currentName(name: string): string {
	return name.replace(/(\bdenselayer\d+\.(?:norm|conv))\.([12]\.)/, '$1$2');
}

/** Takes off the prefixes that all names share, as far as it brings more of them to what is expected. */
export function stripPrefixes(tensors: ReadonlyMap<string, StoredTensor>, expected: readonly ExpectedWeight[]): {readonly prefix: string; readonly tensors: ReadonlyMap<string, StoredTensor>} {
	let best = {prefix: '', tensors, hits: -1};
	for (let prefix = '', names = [...tensors.keys()]; ;) {
		const stripped = new Map([...tensors].map(([name, tensor]) => [currentName(name.slice(prefix.length)), tensor]));
		const hits = expected.filter(({name}) => stripped.has(name)).length;
		// Without any hit, the shortest names are the easiest to compare by eye.
		best = hits > best.hits || (hits === 0 && best.hits <= 0) ? {prefix, tensors: stripped, hits} : best;
		const next = prefixes.find(candidate => names.length > 0 && names.every(name => name.startsWith(candidate) && name.length > candidate.length));
		if (next === undefined) {
			return best;
		}

		prefix += next;
		names = names.map(name => name.slice(next.length));
	}
}

/** An architecture of whose weights a file has most, and how many of them. */
export type ArchitectureGuess = {readonly architecture: string; readonly hits: number; readonly count: number};

/**
 * Which architecture a file is of, as far as names and numbers of axes tell: sizes depend on the classes and the images too.
 * @returns nothing when no architecture has at least half of its weights in the file
 */
export function guessArchitecture(tensors: ReadonlyMap<string, StoredTensor>, candidates: Iterable<readonly [architecture: string, expected: readonly ExpectedWeight[]]>): ArchitectureGuess | undefined {
	let best: (ArchitectureGuess & {readonly score: number}) | undefined;
	for (const [architecture, expected] of candidates) {
		const {tensors: stripped} = stripPrefixes(tensors, expected);
		const names = [...stripped.keys()].filter(name => !isCounter(name));
		// A tenth for shapes: of two architectures with the same names, the one whose inner sizes fit.
		const hits = expected.filter(({name}) => stripped.has(name)).length;
		const shapes = expected.filter(({name, shape}) => shapeText(stripped.get(name)?.shape ?? []) === shapeText(shape)).length;
		const score = (hits + (shapes / 10)) / (Math.max(names.length, expected.length) * 1.1);
		if (score > (best?.score ?? 0.5)) {
			best = {architecture, hits, count: expected.length, score};
		}
	}

	return best && {architecture: best.architecture, hits: best.hits, count: best.count};
}

export function shapeText(shape: readonly number[]): string {
	return `[${shape.join(', ')}]`;
}

const mostListed = 20;

function listed(groups: Readonly<Record<string, readonly string[]>>): Record<string, string> {
	return Object.fromEntries(Object.entries(groups).filter(([, names]) => names.length > 0).map(([group, names]) =>
		[group, `${names.slice(0, mostListed).map(name => name.slice(0, 200)).join(', ')}${names.length > mostListed ? ` and ${names.length - mostListed} more` : ''}`]));
}

function hintFor(architecture: string, guess: ArchitectureGuess | undefined, isOnlyShape: boolean): string {
	if (guess && guess.architecture !== architecture) {
		return `It looks like "${guess.architecture}": ${guess.hits} of its ${guess.count} weights are there by name.`;
	}

	return isOnlyShape
		? 'The architecture is right; the number of classes, the size or the channels of the images may differ.'
		: 'Look what the file holds, and choose the architecture that it was trained with.';
}
