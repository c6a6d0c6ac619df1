import type {Cell, Table} from '../artifacts/table.ts';
import {checkTable} from './cell.ts';

/** Texts that spreadsheets would run as a formula, the full-width forms included (OWASP, "CSV Injection"). */
const formula = /^[=+\-@\t\r\n＝＋－＠]/u;

/**
 * The table as CSV (RFC 4180, CRLF): names of the columns, then one line per row, numbers in full precision and not scaled,
 * so a percentage is the fraction it is computed as. A text that a spreadsheet would run as a formula gets a leading apostrophe.
 * @throws {RangeError} when the table has a number that is not finite or a row of another length.
 */
export function tableCsv(table: Table): string {
	checkTable(table);
	return [table.columns.map(({name}) => name), ...table.rows]
		.map(row => row.map(cell => field(cell)).join(',') + '\r\n')
		.join('');
}

function field(cell: Cell): string {
	if (typeof cell === 'number') {
		return String(cell);
	}

	const text = formula.test(cell) ? `'${cell}` : cell;
	return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
