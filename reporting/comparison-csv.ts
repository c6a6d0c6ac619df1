import type {AttackMetrics} from '../artifacts/records.ts';
import type {Cell, Column, Table} from '../artifacts/table.ts';
import {advantageOf, type AdvantageKind} from '../metrics/advantage.ts';
import {
	byDecreasingAlpha, findBaseline, type ComparisonOptions, type VariantResult,
} from './comparison.ts';
import {attackColumns, metricColumns, tableColumn} from './metric-columns.ts';

/** A dash for what was not measured or has no value. */
const nothing = '–';

/** What the paper's Table 2 has no column for. */
const furtherColumns: ReadonlyArray<Column & {readonly metric: keyof AttackMetrics}> = [
	{name: 'δ_face squared', format: 'fixed3', metric: 'faceDistanceSquared'},
	{name: 'δ_eval squared', format: 'fixed2', metric: 'evaluationDistanceSquared'},
	{name: 'precision', format: 'fixed3', metric: 'precision'},
	{name: 'recall', format: 'fixed3', metric: 'recall'},
	{name: 'density', format: 'fixed3', metric: 'density'},
	{name: 'coverage', format: 'fixed3', metric: 'coverage'},
];

/**
 * The variants for spreadsheets: the columns of `compareVariants`, squared distances, precision, recall, density and coverage, and what each variant
 * gives the attacker over the baseline. A dash stands where a metric was left out, or a baseline of 0 allows no relative change.
 *
 * @throws {UserError} when no variant has the baseline's name.
 */
export function comparisonCsvTable(variants: readonly VariantResult[], {baseline, advantage = 'relative'}: ComparisonOptions & {readonly advantage?: AdvantageKind | undefined}): Table {
	const ordered = byDecreasingAlpha(variants);
	const {metrics: before} = findBaseline(ordered, baseline);
	return {
		title: 'Attack on the variants',
		columns: [
			{name: 'variant', format: 'text'},
			{name: 'α', format: 'number'},
			...metricColumns.map(column => tableColumn(column)),
			...furtherColumns.map(({name, format}) => ({name, format})),
			...attackColumns.map(({name}): Column => ({name: `${advantage} advantage ${name}`, format: 'number'})),
		],
		rows: ordered.map(({name, alpha, metrics}): Cell[] => [
			name,
			alpha,
			...metricColumns.map(({metric}) => metrics[metric]),
			...furtherColumns.map(({metric}) => metrics[metric] ?? nothing),
			...attackColumns.map(({metric, strongerAttack}) => advantageOf(advantage, {value: metrics[metric], baseline: before[metric]}, strongerAttack) ?? nothing),
		]),
		notes: [],
	};
}
