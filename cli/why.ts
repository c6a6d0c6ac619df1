import process from 'node:process';
import pc from 'picocolors';
import type {ExplainedDifference, Explanation, Maker} from '../engine/explain.ts';
import type {Ingredients} from '../engine/fingerprint.ts';
import type {Node} from '../engine/graph.ts';
import type {NodeState} from '../engine/plan.ts';
import {codeChangeLines} from './code-changes.ts';
import {formatReason, formatValue, printable} from './format.ts';
import {findOne, openProject} from './open.ts';
import type {CommonOptions} from './main.ts';

/** `pipeline why NODE`. */
export async function why([name]: readonly string[], options: CommonOptions): Promise<number> {
	await using project = await openProject(options);
	const node = findOne(project, name!);
	const states = await project.plan(project.needed([node]));
	const state = states.get(node)!;
	const explanation = state.state === 'stale' && state.why.reason !== 'object-missing' ? project.explain(node, state.ingredients) : undefined;
	if (options.json) {
		process.stdout.write(`${JSON.stringify(plain(node, state, explanation))}\n`);
		return 0;
	}

	const details = state.state === 'waiting' ? inputLines(state.inputs, states) : ingredientLines(state.state === 'fresh' ? state.result.ingredients : state.ingredients, explanation?.differences ?? []);
	process.stdout.write(`${[headline(node, state, explanation), ...details].join('\n')}\n`);
	return 0;
}

function headline(node: Node, state: NodeState, explanation: Explanation | undefined): string {
	switch (state.state) {
		case 'fresh': {
			const {provenance} = state.result;
			return `${pc.green('fresh')} ${printable(node.name)}: computed on ${provenance.startedAt} on ${printable(provenance.host)}, commit ${provenance.commit?.slice(0, 10) ?? 'unknown'}`;
		}

		case 'stale': {
			return `${pc.yellow('stale')} ${printable(node.name)}: ${reasonOf(node, state, explanation)}`;
		}

		case 'waiting': {
			return `${pc.dim('waiting')} ${printable(node.name)}: its inputs have to run first; if they give the same bytes, it stays fresh`;
		}
	}
}

/** The reason and the result it was found by comparing with; that of another name explains, but the node itself never ran. */
function reasonOf({name}: Node, {why}: Extract<NodeState, {state: 'stale'}>, explanation: Explanation | undefined): string {
	if (!explanation) {
		return formatReason(why);
	}

	const {since, differences} = explanation;
	const compared = `compared with the result of ${since.nodeName === name ? '' : `${printable(since.nodeName)} of `}${since.provenance.startedAt}`;
	const codeChanges = () => differences.find(({what}) => what === 'code')?.files;
	return why.reason === 'never-ran' ? `never ran (below it is ${compared})` : `${formatReason({reason: 'changed', differences, since, codeChanges})} (${compared})`;
}

function inputLines(inputs: readonly Node[], states: ReadonlyMap<Node, NodeState>): readonly string[] {
	return inputs.map(input => {
		const state = states.get(input)!;
		return `  ${printable(input.name)}: ${state.state}${state.state === 'stale' ? `, ${formatReason(state.why)}` : ''}`;
	});
}

function ingredientLines({code, params, inputs, seed, backend, packages, format, stage}: Ingredients, differences: readonly ExplainedDifference[]): readonly string[] {
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
	// Params are compared key by key, so one row may have several differences below it.
	const isAbout = (row: string) => ({what}: ExplainedDifference) => what === row || what.startsWith(`${row}.`);
	const gone = differences.filter(difference => !rows.some(([row]) => isAbout(row)(difference)));
	const width = Math.max(...[...rows.map(([row]) => row), ...differences.map(({what}) => what)].map(what => what.length));
	const line = (what: string, texts: readonly string[]) => texts.map((text, index) => printable(`  ${(index === 0 ? what : '').padEnd(width)}  ${text}`));
	const changed = (difference: ExplainedDifference) => line(difference.what, differenceTexts(difference)).map(text => pc.yellow(text));
	return [
		...rows.flatMap(([row, value]) => {
			const found = differences.filter(difference => isAbout(row)(difference));
			return found.length > 0 ? found.flatMap(difference => changed(difference)) : line(row, [typeof value === 'string' ? value : formatValue(value)]);
		}),
		...gone.flatMap(difference => changed(difference)),
	];
}

function differenceTexts({what, before, now, files, madeBefore, madeNow}: ExplainedDifference): readonly string[] {
	if (what === 'code') {
		return codeChangeLines(files);
	}

	if (what === 'seed') {
		return [[before, now].map(seed => (typeof seed === 'string' ? seed : 'none')).join(' → ')];
	}

	return what.startsWith('input ') ? [`${bytesText(before, madeBefore)} →`, bytesText(now, madeNow)] : [`${formatValue(before)} → ${formatValue(now)}`];
}

function bytesText(digest: unknown, maker: Maker | undefined): string {
	return `${typeof digest === 'string' ? digest : 'none'}${maker ? `, made as ${maker.node}.${maker.output} on ${maker.startedAt}` : ''}`;
}

function plain(node: Node, state: NodeState, explanation: Explanation | undefined): object {
	const {name} = node;
	switch (state.state) {
		case 'fresh': {
			return {node: name, state: 'fresh', ...state.result};
		}

		case 'stale': {
			const {fingerprint, ingredients, why} = state;
			const since = explanation && {node: explanation.since.nodeName, fingerprint: explanation.since.fingerprint, startedAt: explanation.since.provenance.startedAt};
			return {node: name, state: 'stale', fingerprint, ingredients, reason: why.reason, since, differences: explanation?.differences ?? []};
		}

		case 'waiting': {
			return {node: name, state: 'waiting', inputs: state.inputs.map(input => input.name)};
		}
	}
}
