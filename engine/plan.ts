import {digestFolder, type DigestedFolder} from './files.ts';
import {cacheFormat, differences, fingerprintOf, type Difference, type Ingredients, type InputDigest} from './fingerprint.ts';
import type {Digest, Fingerprint} from './digest.ts';
import {inputsOf, type InputRef, type Node} from './graph.ts';
import type {LoadedPipeline} from './code.ts';
import type {Result, Store} from './store.ts';

/** Why a node has to run. */
export type Reason =
	| {readonly reason: 'never-ran'}
	/** Compared with the nearest earlier result of the node. */
	| {readonly reason: 'changed'; readonly differences: readonly Difference[]; readonly since: Result}
	/** The very result is recorded, but an object of it is gone or damaged. */
	| {readonly reason: 'object-missing'; readonly outputs: readonly string[]};

/** What the cache knows of a node. */
export type NodeState =
	| {readonly state: 'fresh'; readonly result: Result}
	| {readonly state: 'stale'; readonly fingerprint: Fingerprint; readonly ingredients: Ingredients; readonly why: Reason}
	/** Cannot be known before its inputs ran: they may give the same bytes again. */
	| {readonly state: 'waiting'; readonly inputs: readonly Node[]};

/** Finds out which nodes are fresh. */
export class Planner {
	readonly #loaded: LoadedPipeline;
	readonly #store: Store;
	readonly #backendOf: (node: Node) => string | null;
	readonly #folders = new Map<string, DigestedFolder>();

	/** @param backendOf name and version of what a node computes with */
	constructor(loaded: LoadedPipeline, store: Store, backendOf: (node: Node) => string | null) {
		this.#loaded = loaded;
		this.#store = store;
		this.#backendOf = backendOf;
	}

	/** Hashes the folders that nodes read. @throws {UserError} when one is missing or empty. */
	async scanFolders(nodes: readonly Node[]): Promise<void> {
		for (const input of nodes.flatMap(node => Object.values(node.inputs))) {
			if (input.ref === 'folder' && !this.#folders.has(input.path)) {
				this.#folders.set(input.path, await digestFolder(input.path, this.#store));
			}
		}
	}

	folder(path: string): DigestedFolder {
		return this.#folders.get(path)!;
	}

	/** Everything that determines a node's outputs. Its inputs' results must be known. */
	ingredientsOf(node: Node, results: ReadonlyMap<Node, Result>): Ingredients {
		const code = this.#loaded.codeOf(node.stage);
		return {
			format: cacheFormat,
			stage: node.stage.name,
			code: code.digest,
			params: node.params,
			inputs: Object.fromEntries(Object.entries(node.inputs).map(([name, input]) => [name, this.#digestOf(input, results)])),
			seed: node.seed,
			backend: this.#backendOf(node),
			packages: withoutBackends(code.packages, node),
		};
	}

	/** What is known of one node when the results of its inputs are. */
	stateOf(node: Node, results: ReadonlyMap<Node, Result>): NodeState {
		const waiting = inputsOf(node).filter(input => !results.has(input));
		if (waiting.length > 0) {
			return {state: 'waiting', inputs: waiting};
		}

		const ingredients = this.ingredientsOf(node, results);
		const fingerprint = fingerprintOf(ingredients);
		const result = this.#store.find(fingerprint);
		return result ? {state: 'fresh', result} : {state: 'stale', fingerprint, ingredients, why: this.#reasonFor(node, fingerprint, ingredients)};
	}

	/** What is known of every node, inputs first. */
	plan(nodes: readonly Node[]): ReadonlyMap<Node, NodeState> {
		const results = new Map<Node, Result>();
		return new Map(nodes.map(node => {
			const state = this.stateOf(node, results);
			if (state.state === 'fresh') {
				results.set(node, state.result);
			}

			return [node, state];
		}));
	}

	#digestOf(input: InputRef, results: ReadonlyMap<Node, Result>): InputDigest {
		switch (input.ref) {
			case 'artifact': {
				return digestIn(results, input);
			}

			case 'each': {
				return Object.fromEntries(Object.entries(input.variants).map(([variant, ref]) => [variant, digestIn(results, ref)]));
			}

			case 'folder': {
				return this.folder(input.path).digest;
			}
		}
	}

	#reasonFor(node: Node, fingerprint: Fingerprint, ingredients: Ingredients): Reason {
		const same = this.#store.recorded(fingerprint);
		if (same) {
			return {reason: 'object-missing', outputs: this.#store.missingOutputs(same)};
		}

		// The nearest result has the fewest differences; of equals, the node's own latest one.
		const nearest = this.#store.resultsOf(node.stage.name)
			.map((since, age) => ({since, age, differences: differences(since.ingredients, ingredients), isOther: baseName(since.nodeName) !== baseName(node.name)}))
			.filter(({isOther}) => !isOther)
			.toSorted((a, b) => a.differences.length - b.differences.length || rank(a.since, node) - rank(b.since, node) || a.age - b.age)[0];
		return nearest ? {reason: 'changed', differences: nearest.differences, since: nearest.since} : {reason: 'never-ran'};
	}
}

/** The backend that is used is an ingredient of its own; installing another must not make results stale. */
function withoutBackends(packages: Readonly<Record<string, string>>, {stage}: Node): Readonly<Record<string, string>> {
	const backends = new Set(stage.runtime?.backends.map(backend => backend.package));
	return Object.fromEntries(Object.entries(packages).filter(([name]) => !backends.has(name)));
}

/** The node's own results before those of other variants. */
function rank(result: Result, node: Node): number {
	return result.nodeName === node.name ? 0 : 1;
}

/** A node's name without its variants and number. */
function baseName(name: string): string {
	return name.split(/[@#]/)[0]!;
}

function digestIn(results: ReadonlyMap<Node, Result>, {node, output}: {readonly node: Node; readonly output: string}): Digest {
	return results.get(node)!.outputs[output]!.digest;
}
