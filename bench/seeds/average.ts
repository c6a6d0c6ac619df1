import type {Cell, Column, Table} from '../../artifacts/table.ts';
import {spreadOf} from '../../metrics/spread.ts';
import {formatCell} from '../../reporting/cell.ts';

/**
 * The same table of several seeds as one: `mean±deviation` (sample standard deviation) in place of numbers that differ, other cells as they are.
 * A dash stands where a seed has no number.
 *
 * @throws {RangeError} when the tables are not alike, so that a row of one seed would be averaged with another row of the next
 */
export function averageTables(tables: readonly Table[]): Table {
	const [first, ...others] = tables;
	if (first === undefined || others.some(table => shapeOf(table) !== shapeOf(first))) {
		throw new RangeError(`Expected tables of the same columns and number of rows, got ${tables.map(table => shapeOf(table)).join(' and ') || 'none'}`);
	}

	return {...first, rows: first.rows.map((row, index) => row.map((_, position) => averageCell(tables.map(table => table.rows[index]![position]!), first.columns[position]!)))};
}

/** A number with its deviation as people read it; the number alone where there is one seed. */
export function spreadText(values: readonly number[], column: Pick<Column, 'format'>): string {
	const {mean, deviation} = spreadOf(values);
	return deviation === null ? formatCell(mean, column) : `${formatCell(mean, column)}±${formatCell(deviation, column)}`;
}

function shapeOf({title, columns, rows}: Table): string {
	return `"${title}" with ${rows.length} rows of ${columns.map(({name}) => name).join(', ')}`;
}

function averageCell(cells: readonly Cell[], column: Column): Cell {
	const [first] = cells;
	if (cells.every(cell => cell === first)) {
		return first!;
	}

	const numbers = cells.filter(cell => typeof cell === 'number');
	if (numbers.length === cells.length) {
		return spreadText(numbers, column);
	}

	if (column.format === 'text') {
		return [...new Set(cells)].join(', ');
	}

	return '–';
}
