import {canonicalJson} from './canonical-json.ts';
import {CodeHistory} from './code-history.ts';
import type {FileChange} from './code-map.ts';
import {digestFolder, digestInputFile, type DigestedFile, type DigestedFolder} from './files.ts';
import {cacheFormat, differences, fingerprinter, type Difference, type Ingredients, type InputDigest, type StageIngredients} from './fingerprint.ts';
import {digestText, type Digest, type Fingerprint} from './digest.ts';
import {inputsOf, type InputRef, type Node} from './graph.ts';
import type {KnownResults} from './known-results.ts';
import type {LoadedPipeline} from './code.ts';
import {baseName} from './nearest.ts';
import type {AnyStage} from './stage.ts';
import type {Result, Store} from './store.ts';

/** Why a node has to run. */
export type Reason =
	| {readonly reason: 'never-ran'}
	/** Compared with the nearest earlier result of the node. */
	| {
		readonly reason: 'changed';
		readonly differences: readonly Difference[];
		readonly since: Result;
		/** What changed in the code, found out when asked for; nothing when the earlier code was not recorded. */
		readonly codeChanges: () => readonly FileChange[] | undefined;
	}
	/** The very result is recorded, but an object of it is gone or damaged. */
	| {readonly reason: 'object-missing'; readonly outputs: readonly string[]};

/** What the cache knows of a node. */
export type NodeState =
	| {readonly state: 'fresh'; readonly result: Result}
	| {readonly state: 'stale'; readonly fingerprint: Fingerprint; readonly ingredients: Ingredients; readonly why: Reason}
	/** Cannot be known before its inputs ran: they may give the same bytes again. */
	| {readonly state: 'waiting'; readonly inputs: readonly Node[]};

export type PlannerOptions = {
	/** Name and version of what a node computes with. */
	readonly backendOf: (node: Node) => string | null;
	readonly known: KnownResults;
	/** Folders that were hashed just now. */
	readonly folders?: ReadonlyMap<string, DigestedFolder> | undefined;
};

/** Finds out which nodes are fresh. */
export class Planner {
	readonly #loaded: LoadedPipeline;
	readonly #store: Store;
	readonly #backendOf: (node: Node) => string | null;
	readonly #folders: Map<string, DigestedFolder>;
	readonly #inputFiles = new Map<string, DigestedFile>();
	/** What the code of earlier results consisted of. */
	readonly history: CodeHistory;
	readonly #stages = new Map<AnyStage, StageFacts>();
	/** By stage name, as they were when they were first asked for. */
	readonly #earlier = new Map<string, Earlier>();
	readonly #lineages = new Map<Node, Digest>();
	/** What the latest run ended with. */
	readonly known: KnownResults;

	/** @param options.backendOf name and version of what a node computes with */
	constructor(loaded: LoadedPipeline, store: Store, {backendOf, known, folders}: PlannerOptions) {
		this.#loaded = loaded;
		this.#store = store;
		this.#backendOf = backendOf;
		this.known = known;
		this.#folders = new Map(folders);
		this.history = new CodeHistory(store);
	}

	/** Hashes the folders and files that nodes read. @throws {UserError} when one is missing, or a folder is empty. */
	scanFiles(nodes: readonly Node[]): void {
		for (const input of nodes.flatMap(node => Object.values(node.inputs))) {
			if (input.ref === 'folder' && !this.#folders.has(input.path)) {
				this.#folders.set(input.path, digestFolder(input.path, this.#store));
			}

			if (input.ref === 'file' && !this.#inputFiles.has(input.path)) {
				this.#inputFiles.set(input.path, digestInputFile(input.path, this.#store));
			}
		}
	}

	/** Folder → digest, of the folders that were hashed. */
	folderDigests(): Record<string, Digest> {
		return Object.fromEntries([...this.#folders].map(([path, {digest}]) => [path, digest]));
	}

	/** File → digest, of the single files that were hashed. */
	inputFileDigests(): Record<string, Digest> {
		return Object.fromEntries([...this.#inputFiles].map(([path, {digest}]) => [path, digest]));
	}

	folder(path: string): DigestedFolder {
		return this.#folders.get(path)!;
	}

	inputFile(path: string): DigestedFile {
		return this.#inputFiles.get(path)!;
	}

	/** Everything that determines a node's outputs. Its inputs' results must be known. */
	ingredientsOf(node: Node, results: ReadonlyMap<Node, Result>): Ingredients {
		return {...this.#stageOf(node).ingredients, params: node.params, inputs: this.#inputDigests(node, results), seed: node.seed};
	}

	/** What is known of one node when the results of its inputs are. */
	stateOf(node: Node, results: ReadonlyMap<Node, Result>): NodeState {
		const inputs = inputsOf(node);
		if (inputs.some(input => !results.has(input))) {
			return {state: 'waiting', inputs: inputs.filter(input => !results.has(input))};
		}

		const known = this.known.find(this.lineageOf(node));
		if (known) {
			return {state: 'fresh', result: known};
		}

		const fingerprint = this.#stageOf(node).fingerprintOf(this.#inputDigests(node, results), node.paramsText, node.seed);
		const result = this.#store.findWhole(fingerprint, node.stage.outputs as object);
		if (result) {
			return {state: 'fresh', result};
		}

		const ingredients = this.ingredientsOf(node, results);
		return {state: 'stale', fingerprint, ingredients, why: this.#reasonFor(node, fingerprint, ingredients)};
	}

	/** A digest of all that a node is made from, up to the folders and params it starts from, whatever bytes there are in between. */
	lineageOf(node: Node): Digest {
		const made = this.#lineages.get(node);
		if (made !== undefined) {
			return made;
		}

		const inputs = Object.entries(node.inputs).map(([name, input]) => `${name}=${this.#lineageOfInput(input)}`);
		const lineage = digestText([this.#stageOf(node).text, node.paramsText, node.seed, ...inputs].join('\n'));
		this.#lineages.set(node, lineage);
		return lineage;
	}

	/** What is known of every node, inputs first. */
	plan(nodes: readonly Node[]): ReadonlyMap<Node, NodeState> {
		const results = new Map<Node, Result>();
		const states = new Map<Node, NodeState>();
		for (const node of nodes) {
			const state = this.stateOf(node, results);
			states.set(node, state);
			if (state.state === 'fresh') {
				results.set(node, state.result);
			}
		}

		return states;
	}

	#stageOf(node: Node): StageFacts {
		const known = this.#stages.get(node.stage);
		if (known) {
			return known;
		}

		const code = this.#loaded.codeOf(node.stage);
		const ingredients: StageIngredients = {
			format: cacheFormat,
			stage: node.stage.name,
			code: code.digest,
			backend: this.#backendOf(node),
			packages: withoutBackends(code.packages, node),
		};
		const facts = {ingredients, text: canonicalJson(ingredients), fingerprintOf: fingerprinter(ingredients)};
		this.#stages.set(node.stage, facts);
		return facts;
	}

	#inputDigests({inputs}: Node, results: ReadonlyMap<Node, Result>): Ingredients['inputs'] {
		const digests: Record<string, InputDigest> = {};
		for (const [name, input] of Object.entries(inputs)) {
			digests[name] = this.#digestOf(input, results);
		}

		return digests;
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

			case 'file': {
				return this.inputFile(input.path).digest;
			}
		}
	}

	#lineageOfInput(input: InputRef): string {
		switch (input.ref) {
			case 'artifact': {
				return `${this.lineageOf(input.node)}.${input.output}`;
			}

			case 'each': {
				return Object.entries(input.variants).map(([variant, {node, output}]) => `${variant}:${this.lineageOf(node)}.${output}`).join(' ');
			}

			case 'folder': {
				return this.folder(input.path).digest;
			}

			case 'file': {
				return this.inputFile(input.path).digest;
			}
		}
	}

	#reasonFor(node: Node, fingerprint: Fingerprint, ingredients: Ingredients): Reason {
		const same = this.#store.recorded(fingerprint);
		if (same) {
			return {reason: 'object-missing', outputs: this.#store.missingOutputs(same, node.stage.outputs as object)};
		}

		// The nearest result has the fewest differences; of equals, the node's own latest one. One difference cannot be beaten.
		const {latest, byBaseName} = this.#earlierResults(node.stage.name);
		const own = latest.get(node.name);
		let nearest: {readonly since: Result; readonly differences: readonly Difference[]} | undefined;
		for (const earlier of [...(own ? [own] : []), ...byBaseName.get(baseName(node.name)) ?? []]) {
			const since = this.#store.recorded(earlier);
			const found = since && differences(since.ingredients, ingredients);
			if (found && (nearest === undefined || found.length < nearest.differences.length)) {
				nearest = {since, differences: found};
			}

			if (nearest?.differences.length === 1) {
				break;
			}
		}

		if (!nearest) {
			return {reason: 'never-ran'};
		}

		const {code} = nearest.since.ingredients;
		return {reason: 'changed', ...nearest, codeChanges: () => this.history.changes(code, this.#loaded.codeOf(node.stage))};
	}

	#earlierResults(stage: string): Earlier {
		const known = this.#earlier.get(stage) ?? earlierResults(this.#store.resultsOf(stage));
		this.#earlier.set(stage, known);
		return known;
	}
}

type StageFacts = {readonly ingredients: StageIngredients; readonly text: string; readonly fingerprintOf: ReturnType<typeof fingerprinter>};

/** The latest result of every node of a stage, and the latest few of all nodes that share a name but for variant and number. */
type Earlier = {readonly latest: ReadonlyMap<string, Fingerprint>; readonly byBaseName: ReadonlyMap<string, readonly Fingerprint[]>};

function earlierResults(results: ReturnType<Store['resultsOf']>): Earlier {
	const latest = new Map<string, Fingerprint>();
	const byBaseName = new Map<string, Fingerprint[]>();
	for (const {fingerprint, nodeName} of results) {
		if (!latest.has(nodeName)) {
			latest.set(nodeName, fingerprint);
		}

		const base = baseName(nodeName);
		const others = byBaseName.get(base) ?? [];
		byBaseName.set(base, others);
		if (others.length < comparedWith) {
			others.push(fingerprint);
		}
	}

	return {latest, byBaseName};
}

/** How many results of other nodes are looked at. */
const comparedWith = 20;

/** The backend that is used is an ingredient of its own; installing another must not make results stale. */
function withoutBackends(packages: Readonly<Record<string, string>>, {stage}: Node): Readonly<Record<string, string>> {
	const backends = new Set(stage.runtime?.backends.map(backend => backend.package));
	return Object.fromEntries(Object.entries(packages).filter(([name]) => !backends.has(name)));
}

function digestIn(results: ReadonlyMap<Node, Result>, {node, output}: {readonly node: Node; readonly output: string}): Digest {
	return results.get(node)!.outputs[output]!.digest;
}
