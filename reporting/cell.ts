import type {Cell, Column, Table} from '../artifacts/table.ts';

/** The minus sign, which is as wide as a digit where the hyphen is not. */
const minus = '−';

/** A number as people read it: rounded as the column says, with a true minus sign and never `−0`. The unit stands in the header. */
export function formatCell(cell: Cell, {format}: Pick<Column, 'format'>): string {
	return typeof cell === 'number' ? formatNumber(cell, format) : cell;
}

/** The column's name with its unit. */
export function headerOf({name, format}: Column): string {
	return format === 'percent' ? `${name} %` : name;
}

/**
 * Refuses tables that cannot be shown honestly.
 * @throws {RangeError} when a number is not finite or a row is not as long as the list of columns; names the row and the column.
 */
export function checkTable({title, columns, rows}: Table): void {
	for (const [index, row] of rows.entries()) {
		if (row.length !== columns.length) {
			throw new RangeError(`Table "${title}", row ${index + 1}: expected ${columns.length} cells, one per column, got ${row.length}`);
		}

		for (const [position, cell] of row.entries()) {
			if (typeof cell === 'number' && !Number.isFinite(cell)) {
				throw new RangeError(`Table "${title}", row ${index + 1}, column "${columns[position]?.name}": expected a finite number, got ${cell}`);
			}
		}
	}
}

/** The shortest exact decimal, with a true minus sign. */
export function signedText(value: number): string {
	return formatNumber(value, 'number');
}

function formatNumber(value: number, format: Column['format']): string {
	switch (format) {
		case 'percent': {
			return signed(rounded(value, {decimals: 1, shift: 2}));
		}

		case 'fixed2': {
			return signed(rounded(value, {decimals: 2}));
		}

		case 'fixed3': {
			return signed(rounded(value, {decimals: 3}));
		}

		case 'number':
		case 'text': {
			return signed(String(value));
		}
	}
}

/**
 * Rounds the decimal that people see, halves away from zero as the paper's Table 1 does. `toFixed` rounds the binary number behind it:
 * it makes 92.8 of 92.85. The point is moved in the text, since multiplying would round once more.
 */
function rounded(value: number, {decimals, shift = 0}: {readonly decimals: number; readonly shift?: number}): string {
	const text = String(Math.abs(value));
	const size = text.includes('e')
		? Math.abs(value) * (10 ** shift)
		: Number(`${Math.round(Number(`${text}e${shift + decimals}`))}e${-decimals}`);
	return (value < 0 ? '-' : '') + size.toFixed(decimals);
}

function signed(text: string): string {
	return /^-0(?:\.0*)?$/.test(text) ? text.slice(1) : text.replaceAll('-', minus);
}
