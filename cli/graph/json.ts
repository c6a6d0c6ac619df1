import type {InputRef, Node} from '../../engine/graph.ts';
import type {NodeState} from '../../engine/plan.ts';
import {formatReason} from '../format.ts';

/** Every node with its state, and every input, as data. */
export function toJson(states: ReadonlyMap<Node, NodeState>): string {
	const nodes = [...states].map(([{name, stage, variants}, state]) => ({
		node: name,
		stage: stage.name,
		variants: [...variants],
		state: state.state,
		...(state.state === 'fresh' && {durationMs: state.result.provenance.durationMs}),
		...(state.state === 'stale' && {why: formatReason(state.why)}),
	}));
	const inputs = [...states.keys()].flatMap(node => Object.entries(node.inputs).flatMap(([input, ref]) => plainInputs(input, ref).map(plain => ({node: node.name, ...plain}))));
	return `${JSON.stringify({nodes, inputs})}\n`;
}

/** Where an input comes from; one line per variant when it collects all of them. */
function plainInputs(input: string, ref: InputRef): readonly object[] {
	switch (ref.ref) {
		case 'artifact': {
			return [{input, from: ref.node.name, output: ref.output}];
		}

		case 'each': {
			return Object.entries(ref.variants).map(([variant, {node: from, output}]) => ({input: `${input}.${variant}`, from: from.name, output}));
		}

		case 'folder': {
			return [{input, folder: ref.path}];
		}

		case 'file': {
			return [{input, file: ref.path}];
		}
	}
}
