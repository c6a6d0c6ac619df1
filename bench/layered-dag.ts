/** One node of the layered DAG. */
export type LayeredNode = {
	/** Position in the DAG; inputs have smaller ones. */
	readonly index: number;
	/** `t00042` */
	readonly name: string;
	/** The one or two nodes it reads, of the layer before; none in the first layer. */
	readonly inputs: readonly LayeredNode[];
	/** Names of the source files it reads. */
	readonly sources: readonly string[];
};

/** The graph that our engine and its peers bring up to date in the benchmarks. */
export type LayeredDag = {
	/** Inputs before dependents. */
	readonly nodes: readonly LayeredNode[];
	/** Nodes of a layer; the last layer may have fewer. */
	readonly width: number;
	readonly layers: number;
	/** Connections between nodes; source files do not count. */
	readonly edges: number;
	/** Names of all source files. */
	readonly sources: readonly string[];
	/** Nodes that nothing reads. */
	readonly sinks: readonly LayeredNode[];
	/** The only node that reads the leaf. */
	readonly last: LayeredNode;
};

/** Name of the source file that only the last node reads: a change of it concerns one node. */
export const leaf = 'leaf';

/**
 * Describes a DAG of `count` nodes in layers of ⌈√count⌉.
 *
 *     s0   s1   s2        first layer: a source file each
 *     │    │    │
 *     t0   t1   t2        node (layer, place) reads (layer − 1, place)
 *     │ ╲  │ ╱
 *     …                   and, where layer + place is even, also (layer − 1, place + 1); the row is a ring
 *
 * @param count at least 3, so that there are two layers
 */
export function layeredDag(count: number): LayeredDag {
	if (!Number.isInteger(count) || count < 3) {
		throw new RangeError(`A layered DAG has at least 3 nodes, got ${count}`);
	}

	const width = Math.ceil(Math.sqrt(count));
	const nodes: LayeredNode[] = [];
	for (let index = 0; index < count; index++) {
		const [layer, place] = [Math.floor(index / width), index % width];
		const above = (layer - 1) * width;
		const inputs = layer === 0 ? [] : [nodes[above + place]!, ...((layer + place) % 2 === 0 ? [nodes[above + ((place + 1) % width)]!] : [])];
		const sources = [...(layer === 0 ? [`s${place}`] : []), ...(index === count - 1 ? [leaf] : [])];
		nodes.push({index, name: `t${String(index).padStart(5, '0')}`, inputs, sources});
	}

	const read = new Set(nodes.flatMap(({inputs}) => inputs));
	return {
		nodes,
		width,
		layers: Math.ceil(count / width),
		edges: nodes.reduce((sum, {inputs}) => sum + inputs.length, 0),
		sources: [...new Set(nodes.flatMap(({sources}) => sources))],
		sinks: nodes.filter(node => !read.has(node)),
		last: nodes.at(-1)!,
	};
}
