import type {Sensitivity, SensitivityCell} from '../../artifacts/sensitivity.ts';
import type {Cell, Column, Table} from '../../artifacts/table.ts';
import type {AdvantageKind} from '../../metrics/advantage.ts';
import type {Spread} from '../../metrics/spread.ts';
import {formatCell} from '../cell.ts';
import {attackColumns, metricColumns, tableColumn} from '../metric-columns.ts';
import {comparedPath, isBaseline} from './analysis.ts';
import {
	axisName, baselineWords, columnName, valueText,
} from './words.ts';

/** A dash for what was not measured. */
const nothing = '–';

/** A column with how it is filled. */
type Field = {readonly column: Column; readonly spread: (cell: SensitivityCell) => Spread | null};

/**
 * One row per combination of values: means as numbers, for pages and comparisons. What failed is a row of dashes.
 */
export function sensitivityTable(sensitivity: Sensitivity): Table {
	return tableOf(sensitivity, spread => spread.mean);
}

/** The same with `mean±deviation` where there are several seeds, for people. */
export function deviationTable(sensitivity: Sensitivity): Table {
	return tableOf(sensitivity, (spread, column) => (spread.deviation === null ? spread.mean : `${formatCell(spread.mean, column)}±${formatCell(spread.deviation, column)}`));
}

/** Everything in full precision, for spreadsheets: means, standard deviations where there are several seeds, and all advantages of one kind where there are any. */
export function sensitivityCsvTable(sensitivity: Sensitivity, kind: AdvantageKind = 'relative'): Table {
	const {paths, cells} = sensitivity;
	const isRepeated = hasSeveralSeeds(sensitivity);
	const measured = [
		...metricColumns.map(({metric, name, format}): Field => ({column: {name, format}, spread: ({metrics}) => metrics[metric]})),
		...(hasAdvantage(sensitivity)
			? attackColumns.map(({metric, name, format}): Field => ({
				column: {name: kind === 'relative' ? `advantage ${name}` : `absolute advantage ${name}`, format: kind === 'relative' ? 'percent' : format},
				spread: ({advantage}) => advantage?.[metric]?.[kind] ?? null,
			}))
			: []),
	];
	return {
		title: 'Sensitivity',
		columns: [
			...paths.map((path): Column => ({name: path, format: 'number'})),
			{name: 'seeds', format: 'number'},
			...measured.flatMap(({column}) => [column, ...(isRepeated ? [{...column, name: `${column.name} sd`}] : [])]),
		],
		rows: cells.map(cell => [
			...cell.values.map(value => (typeof value === 'number' ? value : valueText(value))),
			cell.seeds.length,
			...measured.flatMap(({spread}): Cell[] => {
				const found = spread(cell);
				return [found?.mean ?? '', ...(isRepeated ? [found?.deviation ?? ''] : [])];
			}),
		]),
		notes: [],
	};
}

/** Whether any cell has more than one seed. */
export function hasSeveralSeeds({cells}: Sensitivity): boolean {
	return cells.some(({seeds}) => seeds.length > 1);
}

/** Whether any cell but that without smoothing or defence itself can be compared with it. */
export function hasAdvantage({paths, cells}: Sensitivity): boolean {
	return cells.some(cell => cell.advantage !== null && !isBaseline(paths, cell));
}

function tableOf(sensitivity: Sensitivity, show: (spread: Spread, column: Column) => Cell): Table {
	const {paths, cells, failed} = sensitivity;
	const isRepeated = hasSeveralSeeds(sensitivity);
	const measured = fieldsOf(sensitivity);
	const lost = [...new Map(failed.map(({values}) => [JSON.stringify(values), values]))]
		.filter(([key]) => cells.every(({values}) => JSON.stringify(values) !== key)).map(([, values]) => values);
	return {
		title: `Sensitivity to ${paths.map(path => axisName(path)).join(' and ')}`,
		columns: [
			...paths.map((path): Column => ({name: columnName(path), format: 'number'})),
			...(isRepeated ? [{name: 'seeds', format: 'number'} as const] : []),
			...measured.map(({column}) => column),
		],
		rows: [
			...cells.map(cell => [
				...cell.values.map(value => valueCell(value)),
				...(isRepeated ? [cell.seeds.length] : []),
				...measured.map(({column, spread}): Cell => {
					const found = spread(cell);
					return found === null ? nothing : show(found, column);
				}),
			]),
			...lost.map(values => [...values.map(value => valueCell(value)), ...(isRepeated ? [0] : []), ...measured.map(() => nothing)]),
		],
		notes: notesOf(sensitivity),
	};
}

function fieldsOf(sensitivity: Sensitivity): readonly Field[] {
	const advantage = ({advantage}: SensitivityCell) => advantage?.attackAccuracyTop1;
	return [
		...metricColumns.map((column): Field => ({column: tableColumn(column), spread: ({metrics}) => metrics[column.metric]})),
		...(hasAdvantage(sensitivity)
			? [
				{column: {name: 'ΔAcc@1', format: 'percent'}, spread: cell => advantage(cell)?.absolute ?? null},
				{column: {name: 'advantage', format: 'percent'}, spread: cell => advantage(cell)?.relative ?? null},
			] satisfies Field[]
			: []),
	];
}

function valueCell(value: unknown): Cell {
	return typeof value === 'number' ? value : valueText(value);
}

function notesOf(sensitivity: Sensitivity): readonly string[] {
	const {cells, failed} = sensitivity;
	const seeds = [...new Set(cells.flatMap(cell => cell.seeds))];
	return [
		...(hasSeveralSeeds(sensitivity) ? [`Mean ± sample standard deviation over the seeds ${seeds.join(', ')}.`] : []),
		advantageNote(sensitivity),
		...(failed.length > 0 ? [`Failed and left out: ${failed.map(({name}) => name).join(' ')}. Run the sweep again to try once more.`] : []),
	];
}

/** What the advantage is, or why there is none. */
function advantageNote(sensitivity: Sensitivity): string {
	const {paths, cells} = sensitivity;
	if (comparedPath(paths) === undefined) {
		return 'No advantage is shown: α is not swept, so there is no α = 0 to compare with.';
	}

	const {name, at, param} = baselineWords(paths);
	if (!hasAdvantage(sensitivity)) {
		return cells.some(cell => isBaseline(paths, cell))
			? `No advantage is shown: no other ${param} has a result for the same seed and other values as ${name}.`
			: `No advantage is shown: there is no result for ${name} to compare with.`;
	}

	const paired = hasSeveralSeeds(sensitivity) ? ', compared seed by seed' : '';
	return `ΔAcc@1: gain of the attacker over ${name}${paths.length > 1 ? ' with the same other values' : ''} in points; advantage: the same as a share of Acc@1 ${at}${paired}.`;
}
