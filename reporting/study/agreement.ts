import type {Sensitivity, SensitivityCell} from '../../artifacts/sensitivity.ts';
import type {Column, Table} from '../../artifacts/table.ts';
import {directionOf, type Direction} from '../effects.ts';
import {attackColumns, tableColumn, type AttackMetricColumn} from '../metric-columns.ts';
import {comparedPath, defensePath, isBaseline, otherValues} from '../sensitivity/analysis.ts';
import {paperBaseline, paperRows, type PaperRow} from '../sensitivity/paper.ts';
import {baselineWords, columnName, valueText} from '../sensitivity/words.ts';

const words = {stronger: '▲', weaker: '▼', unchanged: '='} as const satisfies Record<Direction, string>;

/**
 * Where each metric says that the attack moved, and whether the paper's rows of the same kind say so too. Of the same kind are: factors of the same sign,
 * with any number of samples; defences of the same name, with any weight. Undefined when the paper has nothing to compare with.
 */
export function agreementTable({paths, cells}: Sensitivity): Table | undefined {
	const rows = paperRows(paths);
	const compared = cells.filter(cell => !isBaseline(paths, cell)).flatMap(cell => {
		const baseline = cells.find(other => isBaseline(paths, other) && otherValues(paths, other.values) === otherValues(paths, cell.values));
		return baseline ? [{cell, baseline}] : [];
	});
	if (rows.length === 0 || compared.length === 0) {
		return undefined;
	}

	return {
		title: `Directions against ${baselineWords(paths).name}, and whether the paper’s agree`,
		columns: [
			...paths.map((path): Column => ({name: columnName(path), format: 'number'})),
			...attackColumns.map(column => ({name: tableColumn(column).name, format: 'text'} as const)),
			{name: 'as in the paper', format: 'text'},
		],
		rows: compared.map(({cell, baseline}) => {
			const found = attackColumns.map(column => {
				const direction = directionOf(baseline.metrics[column.metric].mean, cell.metrics[column.metric].mean, column);
				return {direction, agreement: agreementOf(direction, paperDirections(rowsLike(cell, paths, rows), column, rows))};
			});
			const comparable = found.filter(({agreement}) => agreement !== '–');
			return [
				...cell.values.map(value => (typeof value === 'number' ? value : valueText(value))),
				...found.map(({direction, agreement}) => `${words[direction]} ${agreement}`),
				comparable.length === 0 ? '–' : `${comparable.filter(({agreement}) => agreement !== 'no').length} of ${comparable.length}`,
			];
		}),
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

	return rows.filter(row => Math.sign(row.alpha) === Math.sign(alpha));
}

function paperDirections(like: readonly PaperRow[], column: AttackMetricColumn, rows: readonly PaperRow[]): readonly Direction[] {
	return like.flatMap(row => {
		const now = row.metrics[column.metric];
		const before = paperBaseline(row, rows)?.metrics[column.metric];
		return now === undefined || before === undefined ? [] : [directionOf(before, now, column)];
	});
}

function agreementOf(direction: Direction, paper: readonly Direction[]): 'yes' | 'part' | 'no' | '–' {
	const agreeing = paper.filter(other => other === direction).length;
	if (paper.length === 0) {
		return '–';
	}

	if (agreeing === 0) {
		return 'no';
	}

	return agreeing === paper.length ? 'yes' : 'part';
}
