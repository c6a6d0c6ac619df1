import process from 'node:process';
import pc from 'picocolors';
import {UserError} from '../engine/error.ts';
import {compareSides, fullName, numbersOfNodes, numbersOfRun, sideOf, typesByKind, type Comparison, type NodeNumbers, type Side} from '../engine/numbers.ts';
import type {Project} from '../engine/project.ts';
import type {RunRecord} from '../engine/run-records.ts';
import {csv} from './csv.ts';
import {formatValue, printable} from './format.ts';
import type {CommonOptions} from './main.ts';
import {openProject} from './open.ts';
import {findRun} from './runs.ts';

type MetricsOptions = CommonOptions & {readonly run?: string; readonly compare?: boolean; readonly csv?: boolean};

/** `pipeline metrics [GOAL…]` and `pipeline metrics --compare A B`. */
export async function metrics(names: readonly string[], options: MetricsOptions): Promise<number> {
	await using project = await openProject(options);
	if (options.compare) {
		await compare(project, names, options);
	} else {
		const {nodes, variants} = options.run === undefined ? await currentNumbers(project, names) : recordedNumbers(project, names, findRun(project.store, options.run));
		print(nodes, variants, options);
	}

	return 0;
}

type Numbers = {readonly nodes: readonly NodeNumbers[]; readonly variants: readonly string[]};

async function currentNumbers(project: Project, names: readonly string[]): Promise<Numbers> {
	const goals = names.length === 0 ? project.graph.nodes : project.find(names);
	const states = await project.plan(project.needed(goals));
	return {nodes: numbersOfNodes(states, project.store, project.variants.length), variants: project.graph.variants};
}

function recordedNumbers(project: Project, names: readonly string[], run: RunRecord): Numbers {
	const nodes = numbersOfRun(run, project.store, typesByKind(project.graph.nodes));
	const unknown = names.find(name => !nodes.some(node => isNamed(node, name)));
	if (unknown !== undefined) {
		throw new UserError('metrics-unknown', `Run ${run.id} has no numbers of "${unknown}"`, {hint: `It has numbers of: ${[...new Set(nodes.map(({group}) => group))].join(', ') || 'nothing'}`});
	}

	return {nodes: nodes.filter(node => names.length === 0 || names.some(name => isNamed(node, name))), variants: Object.keys(run.params)};
}

function isNamed({node, group}: NodeNumbers, name: string): boolean {
	return node === name || group === name;
}

function print(nodes: readonly NodeNumbers[], variants: readonly string[], {json, csv: isCsv}: MetricsOptions): void {
	if (json) {
		process.stdout.write(`${JSON.stringify(nodes.map(({node, variants: own, state, numbers}) => ({node, variants: own, state, numbers})))}\n`);
		return;
	}

	if (isCsv) {
		const rows = nodes.flatMap(({node, group, variants: own, state, numbers}) => (state === 'fresh' ? Object.entries(numbers).map(([metric, value]) => [node, `${group}.${metric}`, own.join('+'), value]) : [[node, group, own.join('+'), state]]));
		process.stdout.write(csv([['node', 'metric', 'variant', 'value'], ...rows]));
		return;
	}

	const groups = [...new Set(nodes.map(({group}) => group))];
	const tables = groups.map(group => tableOf(group, nodes.filter(node => node.group === group), variants));
	process.stdout.write(`${tables.length === 0 ? 'There are no numbers: no artifact of these nodes declares any.' : tables.join('\n\n')}\n`);
}

/** Metrics as rows, variants as columns. */
function tableOf(group: string, nodes: readonly NodeNumbers[], variants: readonly string[]): string {
	const columns = nodes.toSorted((a, b) => variants.indexOf(a.variants[0] ?? '') - variants.indexOf(b.variants[0] ?? ''));
	const found = [...new Set(columns.flatMap(({numbers}) => Object.keys(numbers)))];
	const rows = found.length === 0 ? ['–'] : found;
	return aligned([
		[group, ...columns.map(({variants: own}) => own.join('+') || 'value')],
		...rows.map(metric => [`  ${metric}`, ...columns.map(({state, numbers}) => (state === 'fresh' ? formatNumber(numbers[metric]) : state))]),
	]);
}

/** The first column to the left, numbers to the right. */
function aligned(rows: ReadonlyArray<readonly string[]>): string {
	const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
	const lines = rows.map(row => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ').trimEnd());
	return printable([pc.bold(lines[0]), ...lines.slice(1)].join('\n'));
}

type Named = {readonly label: string; readonly side: Side};

async function compare(project: Project, names: readonly string[], options: MetricsOptions): Promise<void> {
	const [a, b] = names;
	if (a === undefined || b === undefined || names.length > 2) {
		throw new UserError('compare-what', `Two things can be compared, got ${names.length}`, {hint: `pipeline metrics --compare A B, each a variant (${project.graph.variants.join(', ')}), or a run: a number, last, previous, or 12@VARIANT`});
	}

	const sides = [await findSide(project, a), await findSide(project, b)] as const;
	const comparison = compareSides(sides[0].side, sides[1].side);
	if (options.json) {
		process.stdout.write(`${JSON.stringify({a: sides[0].label, b: sides[1].label, ...comparison})}\n`);
	} else if (options.csv) {
		process.stdout.write(csv([
			['what', 'name', 'variant', 'a', 'b', 'difference', 'relative'],
			...comparison.params.map(({what, variant, before, now}) => ['param', what, variant, before, now]),
			...comparison.numbers.map(({metric, variant, a: before, b: now, difference, relative}) => ['number', metric, variant, before, now, difference, relative]),
		]));
	} else {
		process.stdout.write(`${describe(comparison, sides).join('\n')}\n`);
	}
}

/** A variant of the current params, a run, or a variant of a run. */
async function findSide(project: Project, name: string): Promise<Named> {
	const {variants, store} = project;
	if (variants.some(variant => variant.name === name)) {
		const {nodes} = await currentNumbers(project, []);
		return {label: name, side: sideOf(nodes, Object.fromEntries(variants.map(variant => [variant.name, variant.params])), name)};
	}

	const [run, variant] = name.split('@', 2);
	if (!/^(?:\d+|last|previous)$/.test(run!)) {
		throw new UserError('side-unknown', `There is no variant or run "${name}"`, {hint: `Variants: ${variants.map(({name: known}) => known).join(', ')}; runs: a number, last, previous, each with @VARIANT for one of its variants`});
	}

	const record = findRun(store, run!);
	if (variant !== undefined && !Object.hasOwn(record.params, variant)) {
		throw new UserError('variant-unknown', `Run ${record.id} has no variant "${variant}"`, {hint: `Its variants: ${Object.keys(record.params).join(', ')}`});
	}

	const label = `run ${record.id}${variant === undefined ? '' : `@${variant}`} of ${record.startedAt.slice(0, 19).replace('T', ' ')}`;
	return {label, side: sideOf(numbersOfRun(record, store, typesByKind(project.graph.nodes)), record.params, variant)};
}

function describe({params, numbers, equalNumbers, onlyInA, onlyInB}: Comparison, [a, b]: readonly [Named, Named]): readonly string[] {
	const paramRows = params.map(({what, variant, before, now}) => [fullName(what, variant), formatValue(before), formatValue(now)]);
	const numberRows = numbers.map(({metric, variant, a: before, b: now, difference, relative}) => [fullName(metric, variant), formatNumber(before), formatNumber(now), signed(formatNumber(difference)), relative === undefined ? '' : signed(`${(100 * relative).toFixed(1)} %`)]);
	return [
		`A is ${a.label}, B is ${b.label}`,
		'',
		paramRows.length === 0 ? 'No param differs.' : aligned([['params', 'A', 'B'], ...paramRows]),
		'',
		numberRows.length === 0 ? `No number differs (${equalNumbers} compared).` : aligned([['numbers', 'A', 'B', 'B − A', 'relative'], ...numberRows]),
		...(numberRows.length > 0 && equalNumbers > 0 ? [`${equalNumbers} more are equal.`] : []),
		...(onlyInA.length > 0 ? ['', printable(`Only in A: ${onlyInA.join(', ')}`)] : []),
		...(onlyInB.length > 0 ? ['', printable(`Only in B: ${onlyInB.join(', ')}`)] : []),
	];
}

function formatNumber(value: number | undefined): string {
	return value === undefined ? '–' : String(Number(value.toPrecision(5)));
}

function signed(text: string): string {
	return text.startsWith('-') ? text : `+${text}`;
}
