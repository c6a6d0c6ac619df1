import type {Sensitivity, SensitivityCell} from '../../artifacts/sensitivity.ts';
import type {Column, Table} from '../../artifacts/table.ts';
import {agreementCount, agreementWithPaper, directionOf, type Direction, type MetricEffect} from '../effects.ts';
import {attackColumns, tableColumn, type AttackMetricColumn} from '../metric-columns.ts';
import {comparedPath, defensePath, isBaseline, otherValues} from '../sensitivity/analysis.ts';
import {paperBaseline, paperRows, type PaperRow} from '../sensitivity/paper.ts';
import {baselineWords, columnName, valueText} from '../sensitivity/words.ts';

/** What some values do to the attack, by metric. */
export type CellEffects = {readonly values: readonly unknown[]; readonly effects: readonly MetricEffect[]};

/**
 * What every combination of values does to every metric of the attack, against no smoothing or no defence with the same other values, beside what the
 * paper's rows of the same kind say. Of the same kind are: the same factor with any number of samples, or factors of the same sign where the paper has not
 * that one; defences of the same name, with any weight. Nothing where the paper has nothing to compare with.
 */
export function cellEffects({paths, cells}: Sensitivity): readonly CellEffects[] {
	const rows = paperRows(paths);
	return (rows.length === 0 ? [] : cells).filter(cell => !isBaseline(paths, cell)).flatMap(cell => {
		const baseline = cells.find(other => isBaseline(paths, other) && otherValues(paths, other.values) === otherValues(paths, cell.values));
		const like = rowsLike(cell, paths, rows);
		return baseline ? [{values: cell.values, effects: attackColumns.map(column => effectOf(column, {baseline, cell, paper: paperDirections(like, column, rows)}))}] : [];
	});
}

function effectOf(column: AttackMetricColumn, {baseline, cell, paper}: {readonly baseline: SensitivityCell; readonly cell: SensitivityCell; readonly paper: MetricEffect['paper']}): MetricEffect {
	const [from, to] = [baseline.metrics[column.metric].mean, cell.metrics[column.metric].mean];
	return {column, from, to, direction: directionOf(from, to, column), paper};
}

const arrows = {stronger: '▲', weaker: '▼', unchanged: '='} as const satisfies Record<Direction, string>;

const words = {all: 'yes', some: 'part', none: 'no', unknown: '–'} as const satisfies Record<ReturnType<typeof agreementWithPaper>, string>;

/** Where each metric says that the attack moved, and whether the paper’s rows of the same kind say so too. Undefined when the paper has nothing to compare with. */
export function agreementTable(sensitivity: Sensitivity): Table | undefined {
	const {paths} = sensitivity;
	const compared = cellEffects(sensitivity);
	return compared.length === 0
		? undefined
		: {
			title: `Directions against ${baselineWords(paths).name}, and whether the paper’s agree`,
			columns: [
				...paths.map((path): Column => ({name: columnName(path), format: 'number'})),
				...attackColumns.map(column => ({name: tableColumn(column).name, format: 'text'} as const)),
				{name: 'as in the paper', format: 'text'},
			],
			rows: compared.map(({values, effects}) => [
				...values.map(value => (typeof value === 'number' ? value : valueText(value))),
				...effects.map(effect => `${arrows[effect.direction]} ${words[agreementWithPaper(effect)]}`),
				agreementCount(effects),
			]),
			notes: [
				'▲ the attack is stronger, ▼ weaker. yes: all of the paper’s rows of the same kind say so, on both data sets; part: some; no: none; – the paper does not say.',
			],
		};
}

/** The paper's rows that stand for one of our results. */
function rowsLike({values, alpha}: SensitivityCell, paths: readonly string[], rows: readonly PaperRow[]): readonly PaperRow[] {
	if (comparedPath(paths) === defensePath) {
		const {kind} = values[paths.indexOf(defensePath)] as {readonly kind: string};
		return rows.filter(({defense}) => defense?.kind === kind);
	}

	const same = rows.filter(row => row.alpha === alpha);
	return same.length > 0 ? same : rows.filter(row => Math.sign(row.alpha) === Math.sign(alpha));
}

function paperDirections(like: readonly PaperRow[], column: AttackMetricColumn, rows: readonly PaperRow[]): MetricEffect['paper'] {
	return like.flatMap(row => {
		const now = row.metrics[column.metric];
		const before = paperBaseline(row, rows)?.metrics[column.metric];
		return now === undefined || before === undefined ? [] : [{dataset: row.dataset, direction: directionOf(before, now, column)}];
	});
}
