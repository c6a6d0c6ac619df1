/** The DAG of `bench/layered-dag.ts` in our engine: what `bench/peers.ts` and `bench/planning.ts` run. */
import {Type} from '@sinclair/typebox';
import {definePipeline, type Ref} from '../../engine/pipeline.ts';
import {layeredDag, leaf, type LayeredNode} from '../layered-dag.ts';
import {double, first, lastDouble, lastSingle, params, single} from './nodes.ts';

type Text = Ref<typeof single.outputs.text>;

export default definePipeline({
	params: {
		dag: Type.Object({
			nodes: Type.Integer({minimum: 3, description: 'How many nodes.'}),
			sources: Type.String({description: 'Folder that holds one folder per source file.'}),
		}),
		node: params,
	},
	// There is one variant, and nothing in it to compare.
	variant: () => ({}),
	compare({add, folder, params: {dag: {nodes: count, sources}, node: slice}}) {
		const dag = layeredDag(count);
		const texts = new Map<LayeredNode, Text>();
		const source = (name: string) => folder(`${sources}/${name}`);
		const wire = (node: LayeredNode): Text => {
			const [left, right] = node.inputs.map(input => texts.get(input));
			const {name} = node;
			if (!left) {
				return add(first, {source: source(node.sources[0]!)}, slice, {name}).text;
			}

			if (node === dag.last) {
				return (right ? add(lastDouble, {left, right, leaf: source(leaf)}, slice, {name}) : add(lastSingle, {left, leaf: source(leaf)}, slice, {name})).text;
			}

			return (right ? add(double, {left, right}, slice, {name}) : add(single, {left}, slice, {name})).text;
		};

		for (const node of dag.nodes) {
			texts.set(node, wire(node));
		}

		return {
			goals: Object.fromEntries(dag.sinks.map(node => [node.name, texts.get(node)!])),
			reports: {'last.txt': texts.get(dag.last)!},
		};
	},
});
