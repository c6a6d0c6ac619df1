import {resolve} from 'node:path';
import process from 'node:process';
import {canonicalJson} from './canonical-json.ts';
import {digestText} from './digest.ts';
import {UserError} from './error.ts';
import type {AddOptions, AnyPipeline, AnyRef, Add, Deliverables, EachRef, FolderRef} from './pipeline.ts';
import type {Variant} from './params.ts';
import type {AnyStage} from './stage.ts';

/** A stage bound to inputs and params. */
export type Node = {
	/** Structural identity: equal for nodes that bind the same stage to the same inputs, params and name. */
	readonly id: string;
	/** What people call it; unique in its graph, such as `optimization@positive`. Set when the graph is complete. */
	name: string;
	readonly stage: AnyStage;
	/** Derived from the run's seed and the name the node was added under; `null` when the stage draws no random numbers. */
	readonly seed: string | null;
	readonly inputs: Readonly<Record<string, InputRef>>;
	/** The stage's slice and nothing else. */
	readonly params: Readonly<Record<string, unknown>>;
	/** Variants that use the node; empty for nodes that compare variants. */
	readonly variants: Set<string>;
};

export type InputRef = AnyRef | EachRef<AnyRef['type']> | FolderRef;

/** The wired experiment. */
export type Graph = Deliverables & {
	/** Inputs before dependents. */
	readonly nodes: readonly Node[];
	readonly variants: readonly string[];
};

/** Evaluates a pipeline once per variant and then its comparison. Cheap: no stage runs and no file is read. */
export function buildGraph(pipeline: AnyPipeline, variants: readonly Variant[], root: string): Graph {
	const nodes = new Map<string, Node>();
	let current: string | undefined;
	let seed = 0;

	const add: Add = (stage, inputs, params, options: AddOptions = {}) => {
		const node = makeNode(stage as unknown as AnyStage, inputs, params, {name: options.name ?? stage.name, seed});
		const known = nodes.get(node.id) ?? node;
		nodes.set(known.id, known);
		if (current !== undefined) {
			known.variants.add(current);
		}

		return Object.fromEntries(Object.entries(stage.outputs).map(([output, type]) =>
			[output, {ref: 'artifact', node: known, output, type}])) as never;
	};

	const folder = (path: string): FolderRef => ({ref: 'folder', path: resolve(root, expandVariables(path))});

	const outputs = variants.map(({name, params}) => {
		current = name;
		({seed} = params);
		return [name, pipeline.variant({add, folder, params})] as const;
	});
	const {base} = variants[0]!;
	current = undefined;
	({seed} = base);
	const keys = Object.keys(outputs[0]![1]);
	const collected = Object.fromEntries(keys.map(key => [key, {
		ref: 'each',
		variants: Object.fromEntries(outputs.map(([name, refs]) => [name, refs[key]])),
	}]));
	const deliverables = pipeline.compare({add, folder, params: base, variants}, collected);
	// A map keeps insertion order, and a node can only be wired to nodes that exist: the order is topological.
	const all = [...nodes.values()];
	nameNodes(all, variants.length);
	return {...deliverables, nodes: all, variants: variants.map(({name}) => name)};
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

		case 'folder': {
			return [];
		}
	}
}

/** The nodes directly upstream of a node, each once. */
export function inputsOf(node: Node): readonly Node[] {
	return [...new Set(Object.values(node.inputs).flatMap(input => sourcesOf(input)))];
}

/** The goals and everything upstream of them, inputs first. */
export function neededFor(graph: Graph, goals: readonly Node[]): readonly Node[] {
	const needed = new Set<Node>();
	const visit = (node: Node) => {
		if (!needed.has(node)) {
			needed.add(node);
			for (const input of inputsOf(node)) {
				visit(input);
			}
		}
	};

	for (const goal of goals) {
		visit(goal);
	}

	return graph.nodes.filter(node => needed.has(node));
}

type Identity = {readonly name: string; readonly seed: number};

function makeNode(stage: AnyStage, inputs: Readonly<Record<string, unknown>>, params: Readonly<Record<string, unknown>>, {name, seed}: Identity): Node {
	const slice = sliceOf(stage, params);
	const wired = inputs as Record<string, InputRef>;
	const missing = Object.keys(stage.inputs as object).filter(key => wired[key] === undefined);
	if (missing.length > 0) {
		throw new UserError('missing-input', `Stage "${stage.name}" is wired without its input "${missing.join('", "')}"`, {hint: 'Wire it in pipeline.ts.'});
	}

	const identity = {
		stage: stage.name,
		name,
		seed: stage.seeded ? digestText(`seed:1:${seed}:${name}`) : null,
		params: slice,
		inputs: Object.fromEntries(Object.entries(wired).map(([key, input]) => [key, identify(input)])),
	};
	return {id: digestText(canonicalJson(identity)), name, stage, seed: identity.seed, inputs: wired, params: slice, variants: new Set()};
}

/** Only the keys the stage declares: it never sees another stage's params, and a change there never makes it stale. */
function sliceOf(stage: AnyStage, params: Readonly<Record<string, unknown>>): Record<string, unknown> {
	const keys = Object.keys(stage.params.properties as object);
	return Object.fromEntries(keys.filter(key => params[key] !== undefined).map(key => [key, params[key]]));
}

function identify(input: InputRef): unknown {
	switch (input.ref) {
		case 'artifact': {
			return `${input.node.id}.${input.output}`;
		}

		case 'each': {
			return Object.fromEntries(Object.entries(input.variants).map(([variant, ref]) => [variant, identify(ref)]));
		}

		case 'folder': {
			return {folder: input.path};
		}
	}
}

/** Appends `@variants` where one name stands for several nodes, and a number where that is not enough. */
function nameNodes(nodes: readonly Node[], variantCount: number): void {
	for (const group of groupBy(nodes, node => node.name)) {
		if (group.length > 1) {
			for (const node of group) {
				const isShared = node.variants.size === 0 || node.variants.size === variantCount;
				node.name = isShared ? node.name : `${node.name}@${[...node.variants].join('+')}`;
			}
		}
	}

	for (const group of groupBy(nodes, node => node.name)) {
		for (const [index, node] of group.slice(1).entries()) {
			node.name = `${node.name}#${index + 2}`;
		}
	}
}

/** Replaces `${NAME:-default}` and `${NAME}` by what the environment says. @throws {UserError} for a variable that is not set. */
function expandVariables(path: string): string {
	return path.replaceAll(/\${(\w+)(?::-([^}]*))?}/g, (_, name: string, fallback: string | undefined) => {
		const value = process.env[name] ?? fallback;
		if (value === undefined) {
			throw new UserError('variable-unset', `The environment variable ${name} is not set`, {facts: {'used in': path}});
		}

		return value;
	});
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
	const groups = new Map<string, Item[]>();
	for (const item of items) {
		const key = keyOf(item);
		const group = groups.get(key);
		if (group) {
			group.push(item);
		} else {
			groups.set(key, [item]);
		}
	}

	return [...groups.values()];
}
