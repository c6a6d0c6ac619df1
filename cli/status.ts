import process from 'node:process';
import pc from 'picocolors';
import type {Node} from '../engine/graph.ts';
import type {NodeState} from '../engine/plan.ts';
import {formatDuration, formatReason} from './format.ts';
import {openProject} from './open.ts';
import type {CommonOptions} from './main.ts';

const colors: Record<NodeState['state'], (text: string) => string> = {fresh: pc.green, stale: pc.yellow, waiting: pc.dim};

/** `pipeline status`. */
export async function status(names: readonly string[], options: CommonOptions): Promise<number> {
	await using project = await openProject(options);
	printStatus(await project.plan(project.needed(project.find(names))), options.json ?? false);
	return 0;
}

/** One line or one JSON object per node. */
export function printStatus(states: ReadonlyMap<Node, NodeState>, isJson: boolean, isDryRun = false): void {
	if (isJson) {
		process.stdout.write(`${JSON.stringify([...states].map(([node, state]) => plainState(node, state)))}\n`);
		return;
	}

	const width = Math.max(0, ...[...states.keys()].map(({name}) => name.length));
	for (const [node, state] of states) {
		process.stdout.write(`${colors[state.state](state.state.padEnd(10))}${node.name.padEnd(width)}  ${pc.dim(describe(state))}`.trimEnd() + '\n');
	}

	const count = (wanted: NodeState['state']) => [...states.values()].filter(({state}) => state === wanted).length;
	const verb = isDryRun ? 'would run' : 'stale';
	process.stdout.write(`${count('stale')} ${verb}, ${count('waiting')} wait for them, ${count('fresh')} fresh\n`);
}

function describe(state: NodeState): string {
	switch (state.state) {
		case 'fresh': {
			return `${formatDuration(state.result.provenance.durationMs)} on ${state.result.provenance.startedAt.slice(0, 10)}`;
		}

		case 'stale': {
			return formatReason(state.why);
		}

		case 'waiting': {
			return `for ${state.inputs.map(({name}) => name).join(', ')}`;
		}
	}
}

function plainState({name, stage}: Node, state: NodeState): object {
	switch (state.state) {
		case 'fresh': {
			return {node: name, stage: stage.name, state: 'fresh', fingerprint: state.result.fingerprint, outputs: state.result.outputs};
		}

		case 'stale': {
			return {node: name, stage: stage.name, state: 'stale', fingerprint: state.fingerprint, why: formatReason(state.why)};
		}

		case 'waiting': {
			return {node: name, stage: stage.name, state: 'waiting', inputs: state.inputs.map(input => input.name)};
		}
	}
}
