import {resolve} from 'node:path';
import process from 'node:process';
import {canonicalJson} from './canonical-json.ts';
import {digestText} from './digest.ts';
import {UserError} from './error.ts';
import {groupBy} from './group-by.ts';
import type {AddOptions, AnyPipeline, AnyRef, Add, Deliverables, EachRef, FileRef, FolderRef} from './pipeline.ts';
import type {Variant} from './params.ts';
import type {AnyStage} from './stage.ts';
import {commonName} from './sweep.ts';

/** A stage bound to inputs and params. */
export type Node = {
	/** Place in the order in which nodes were added: inputs before dependents. */
	readonly index: number;
	/** What people call it; unique in its graph, such as `optimization@positive`. Set when the graph is complete. */
	name: string;
	readonly stage: AnyStage;
	/** Derived from the run's seed and the name the node was added under; `null` when the stage draws no random numbers. */
	readonly seed: string | null;
	readonly inputs: Readonly<Record<string, InputRef>>;
	/** The stage's slice and nothing else. */
	readonly params: Readonly<Record<string, unknown>>;
	/** The same as canonical JSON, for fingerprints. */
	readonly paramsText: string;
	/** Variants that use the node; empty for nodes that compare variants. */
	readonly variants: Set<string>;
};

export type InputRef = AnyRef | EachRef<AnyRef['type']> | FolderRef | FileRef;

/** The wired experiment. */
export type Graph = Deliverables & {
	/** Inputs before dependents. */
	readonly nodes: readonly Node[];
	readonly variants: readonly string[];
	/** Environment variables that paths of folders and files depend on, and their values. */
	readonly environment: Readonly<Record<string, string | undefined>>;
};

/** How a graph of a sweep differs from one of variants. */
export type SweepOptions = {
	/** Key paths of the swept params. */
	readonly paths: readonly string[];
	/** Points that are left out because they failed. */
	readonly failed: readonly Variant[];
};

/** Evaluates a pipeline once per variant and then its comparison, or the analysis of a sweep. Cheap: no stage runs and no file is read. */
export function buildGraph(pipeline: AnyPipeline, variants: readonly Variant[], root: string, sweep?: SweepOptions): Graph {
	const nodes = new Nodes();
	let current: string | undefined;
	let seed = 0;

	const add: Add = (stage, inputs, params, options: AddOptions = {}) => {
		const node = nodes.add(stage as unknown as AnyStage, inputs, params, {name: options.name ?? stage.name, seedName: options.seedName, seed});
		if (current !== undefined) {
			node.variants.add(current);
		}

		const refs: Record<string, AnyRef> = {};
		for (const output of Object.keys(stage.outputs)) {
			refs[output] = {ref: 'artifact', node, output, type: stage.outputs[output]!};
		}

		return refs as never;
	};

	const environment: Record<string, string | undefined> = {};
	const located = (path: string) => resolve(root, expandVariables(path, environment));
	const folder = (path: string): FolderRef => ({ref: 'folder', path: located(path)});
	const file = (path: string): FileRef => ({ref: 'file', path: located(path)});

	const outputs = variants.map(({name, params}) => {
		current = name;
		({seed} = params);
		return [name, pipeline.variant({add, folder, file, params})] as const;
	});
	const {base} = variants[0]!;
	current = undefined;
	({seed} = base);
	const keys = Object.keys(outputs[0]![1]);
	const collected = Object.fromEntries(keys.map(key => [key, {
		ref: 'each',
		variants: Object.fromEntries(outputs.map(([name, refs]) => [name, refs[key]])),
	}]));
	const deliverables = sweep && pipeline.sweep
		? pipeline.sweep({add, folder, file, params: base, points: variants, ...sweep}, collected)
		: pipeline.compare({add, folder, file, params: base, variants}, collected);
	const names = variants.map(({name}) => name);
	nameNodes(nodes.all, variants.length, users => (sweep ? commonName(users, names) : labelOf(users)));
	return {...deliverables, nodes: nodes.all, variants: names, environment};
}

/** What a run brings up to date that names this, or nothing; nothing for a name that no deliverables have. */
export function delivered(graph: Graph, name?: string): readonly Node[] | undefined {
	const deliverables = name === undefined ? graph : graph.onRequest?.[name];
	return deliverables && [...new Set([...Object.values(deliverables.goals), ...Object.values(deliverables.reports ?? {})].map(({node}) => node))];
}

/** The goals of a graph, with those on request. */
export function allGoals(graph: Graph): Graph['goals'] {
	return Object.assign({}, graph.goals, ...Object.values(graph.onRequest ?? {}).map(({goals}) => goals)) as Graph['goals'];
}

/** The reports of a graph, with those on request. */
export function allReports(graph: Graph): NonNullable<Graph['reports']> {
	return Object.assign({}, graph.reports, ...Object.values(graph.onRequest ?? {}).map(({reports}) => reports)) as NonNullable<Graph['reports']>;
}

/** The nodes an input refers to, in a fixed order. */
export function sourcesOf(input: InputRef): readonly Node[] {
	switch (input.ref) {
		case 'artifact': {
			return [input.node];
		}

		case 'each': {
			return Object.values(input.variants).map(({node}) => node);
		}

		case 'folder':
		case 'file': {
			return [];
		}
	}
}

/** The nodes directly upstream of a node, each once. */
export function inputsOf(node: Node): readonly Node[] {
	const inputs = Object.values(node.inputs);
	const [first, second] = inputs;
	// Most nodes have one or two plain inputs, and graphs may have many thousand nodes.
	if (inputs.length === 1 && first!.ref === 'artifact') {
		return [first!.node];
	}

	if (inputs.length === 2 && first!.ref === 'artifact' && second!.ref === 'artifact' && first!.node !== second!.node) {
		return [first!.node, second!.node];
	}

	return [...new Set(inputs.flatMap(input => sourcesOf(input)))];
}

/** The goals and everything upstream of them, inputs first. */
export function neededFor(graph: Graph, goals: readonly Node[]): readonly Node[] {
	const needed = new Set(goals);
	// Inputs have lower places than their dependents: one pass from the end finds them all.
	for (const node of graph.nodes.toReversed()) {
		if (needed.has(node)) {
			for (const input of inputsOf(node)) {
				needed.add(input);
			}
		}
	}

	return graph.nodes.filter(node => needed.has(node));
}

/** The nodes of a graph that is being built; equal bindings are one node. */
class Nodes {
	/** A node can only be wired to nodes that exist: the order is topological. */
	readonly all: Node[] = [];
	readonly #known = new Map<string, Node>();
	readonly #seeds = new Map<string, string>();

	add(stage: AnyStage, inputs: Readonly<Record<string, unknown>>, params: Readonly<Record<string, unknown>>, {name, seedName = name, seed}: {readonly name: string; readonly seedName: string | undefined; readonly seed: number}): Node {
		const wired: Record<string, InputRef> = {};
		const slice = sliceOf(stage, params);
		const paramsText = canonicalJson(slice);
		const nodeSeed = stage.seeded ? this.#seedOf(seed, seedName) : null;
		let identity = `${stage.name}\n${name}\n${nodeSeed ?? ''}\n${paramsText}`;
		// Only what the stage declares: more may be wired, as more params may be given, and it depends on none of it.
		for (const key of Object.keys(stage.inputs as object)) {
			const input = (inputs as Record<string, InputRef>)[key];
			if (input === undefined) {
				throw new UserError('missing-input', `Stage "${stage.name}" is wired without its input "${key}"`, {hint: 'Wire it in pipeline.ts.'});
			}

			wired[key] = input;
			identity += `\n${identify(input)}`;
		}

		const known = this.#known.get(identity);
		if (known) {
			return known;
		}

		const node: Node = {index: this.all.length, name, stage, seed: nodeSeed, inputs: wired, params: slice, paramsText, variants: new Set()};
		this.#known.set(identity, node);
		this.all.push(node);
		return node;
	}

	#seedOf(seed: number, name: string): string {
		const key = `${seed} ${name}`;
		const known = this.#seeds.get(key) ?? seedOf(seed, name);
		this.#seeds.set(key, known);
		return known;
	}
}

/** The seed of a stage that was added under a name. */
export function seedOf(seed: number, name: string): string {
	return digestText(`seed:1:${seed}:${name}`);
}

/** Only the keys the stage declares: it never sees another stage's params, and a change there never makes it stale. */
function sliceOf(stage: AnyStage, params: Readonly<Record<string, unknown>>): Record<string, unknown> {
	const slice: Record<string, unknown> = {};
	for (const key of Object.keys(stage.params.properties as object)) {
		if (params[key] !== undefined) {
			slice[key] = params[key];
		}
	}

	return slice;
}

function identify(input: InputRef): string {
	switch (input.ref) {
		case 'artifact': {
			return `${input.node.index}.${input.output}`;
		}

		case 'each': {
			return JSON.stringify(Object.entries(input.variants).map(([variant, ref]) => [variant, identify(ref)]));
		}

		case 'folder':
		case 'file': {
			return `${input.ref} ${input.path}`;
		}
	}
}

/** Variants that nodes are named after, one by one. */
const mostNamed = 3;

/** Such as `positive+negative`, or `standard+8-more`. */
function labelOf(variants: readonly string[]): string {
	return variants.length > mostNamed ? `${variants[0]}+${variants.length - 1}-more` : variants.join('+');
}

/** Appends `@variants` where one name stands for several nodes, and a number where that is not enough. */
function nameNodes(nodes: readonly Node[], variantCount: number, labelOf: (variants: readonly string[]) => string): void {
	for (const group of groupBy(nodes, node => node.name).values()) {
		if (group.length > 1) {
			for (const node of group) {
				const isShared = node.variants.size === 0 || node.variants.size === variantCount;
				node.name = isShared ? node.name : `${node.name}@${labelOf([...node.variants])}`;
			}
		}
	}

	for (const group of groupBy(nodes, node => node.name).values()) {
		for (const [index, node] of group.slice(1).entries()) {
			node.name = `${node.name}#${index + 2}`;
		}
	}
}

/**
 * Replaces `${NAME:-default}` and `${NAME}` by what the environment says.
 * @param asked receives the variables that were asked for
 * @throws {UserError} for a variable that is not set.
 */
export function expandVariables(path: string, asked: Record<string, string | undefined> = {}): string {
	return path.replaceAll(/\${(\w+)(?::-([^}]*))?}/g, (_, name: string, fallback: string | undefined) => {
		asked[name] = process.env[name];
		const value = process.env[name] ?? fallback;
		if (value === undefined) {
			throw new UserError('variable-unset', `The environment variable ${name} is not set`, {facts: {'used in': path}});
		}

		return value;
	});
}
