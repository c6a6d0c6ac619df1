import process from 'node:process';
import {UserError} from '../engine/error.ts';
import type {Node} from '../engine/graph.ts';
import type {Store} from '../engine/store.ts';
import {printable} from './format.ts';
import {findOne, openProject, recordedElsewhere} from './open.ts';
import type {CommonOptions} from './main.ts';

/** `pipeline log NODE`. */
export async function log([name]: readonly string[], options: CommonOptions): Promise<number> {
	await using project = await openProject(options);
	const elsewhere = recordedElsewhere(project, name!);
	if (elsewhere) {
		print(name!, elsewhere.provenance.log, options);
		return 0;
	}

	const node = findOne(project, name!);
	const state = (await project.plan(project.needed([node]))).get(node)!;
	const text = state.state === 'fresh' ? state.result.provenance.log : project.store.runs.failureLog(node.name) ?? earlierLog(project.store, node);
	if (text === undefined) {
		throw new UserError('log-missing', `"${node.name}" never ran`, {hint: `Run it: pipeline run ${node.name}`});
	}

	print(node.name, text, options);
	return 0;
}

function print(node: string, text: string, {json}: CommonOptions): void {
	process.stdout.write(json ? `${JSON.stringify({node, log: text})}\n` : `${printable(text)}${text === '' ? '(it wrote nothing)\n' : '\n'}`);
}

/** The log of the latest result of a node, which is stale now. */
function earlierLog(store: Store, node: Node): string | undefined {
	const earlier = store.resultsOf(node.stage.name).find(({nodeName}) => nodeName === node.name);
	return earlier && store.recorded(earlier.fingerprint)?.provenance.log;
}
