import process from 'node:process';
import pc from 'picocolors';
import type {Difference, Ingredients} from '../engine/fingerprint.ts';
import type {Node} from '../engine/graph.ts';
import type {NodeState} from '../engine/plan.ts';
import {formatReason, formatValue} from './format.ts';
import {findOne, openProject} from './open.ts';
import type {CommonOptions} from './main.ts';

/** `pipeline why NODE`. */
export async function why([name]: readonly string[], options: CommonOptions): Promise<number> {
	await using project = await openProject(options);
	const node = findOne(project, name!);
	const states = await project.plan(project.needed([node]));
	const state = states.get(node)!;
	if (options.json) {
		process.stdout.write(`${JSON.stringify(plain(node, state))}\n`);
		return 0;
	}

	process.stdout.write(`${headline(node, state)}\n`);
	if (state.state === 'waiting') {
		for (const input of state.inputs) {
			const inputState = states.get(input)!;
			process.stdout.write(`  ${input.name}: ${inputState.state}${inputState.state === 'stale' ? `, ${formatReason(inputState.why)}` : ''}\n`);
		}

		return 0;
	}

	const ingredients = state.state === 'fresh' ? state.result.ingredients : state.ingredients;
	const changes = state.state === 'stale' && state.why.reason === 'changed' ? state.why.differences : [];
	printIngredients(ingredients, changes);
	return 0;
}

function headline(node: Node, state: NodeState): string {
	switch (state.state) {
		case 'fresh': {
			const {provenance} = state.result;
			return `${pc.green('fresh')} ${node.name}: computed on ${provenance.startedAt} on ${provenance.host}, commit ${provenance.commit?.slice(0, 10) ?? 'unknown'}`;
		}

		case 'stale': {
			const since = state.why.reason === 'changed' ? ` (compared with the result of ${state.why.since.provenance.startedAt})` : '';
			return `${pc.yellow('stale')} ${node.name}: ${formatReason(state.why)}${since}`;
		}

		case 'waiting': {
			return `${pc.dim('waiting')} ${node.name}: its inputs have to run first; if they give the same bytes, it stays fresh`;
		}
	}
}

function printIngredients({code, params, inputs, seed, backend, packages, format, stage}: Ingredients, changes: readonly Difference[]): void {
	const rows: Array<readonly [string, unknown]> = [
		['stage', stage],
		['cache format', format],
		['code', code],
		...Object.entries(params).map(([key, value]) => [`params.${key}`, value] as const),
		...Object.entries(inputs).flatMap(([key, value]) => (typeof value === 'string' ? [[`input ${key}`, value] as const] : Object.entries(value).map(([variant, digest]) => [`input ${key}.${variant}`, digest] as const))),
		['seed', seed],
		['backend', backend],
		...Object.entries(packages).map(([key, value]) => [`package ${key}`, value] as const),
	];
	const known = new Set(rows.map(([what]) => what));
	const all = [...rows, ...changes.filter(({what}) => !known.has(what)).map(({what, now}) => [what, now] as const)];
	const width = Math.max(...all.map(([what]) => what.length));
	for (const [what, value] of all) {
		const change = changes.find(difference => difference.what === what || difference.what.startsWith(`${what}.`));
		const text = typeof value === 'string' ? value : formatValue(value);
		process.stdout.write(change ? pc.yellow(`  ${what.padEnd(width)}  ${formatValue(change.before)} → ${formatValue(change.now)}\n`) : `  ${what.padEnd(width)}  ${text}\n`);
	}
}

function plain(node: Node, state: NodeState): object {
	const {name} = node;
	switch (state.state) {
		case 'fresh': {
			return {node: name, state: 'fresh', ...state.result};
		}

		case 'stale': {
			const {fingerprint, ingredients, why} = state;
			return {node: name, state: 'stale', fingerprint, ingredients, reason: why.reason, differences: why.reason === 'changed' ? why.differences : []};
		}

		case 'waiting': {
			return {node: name, state: 'waiting', inputs: state.inputs.map(input => input.name)};
		}
	}
}
