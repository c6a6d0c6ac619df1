/** Rows as CSV (RFC 4180), with a line end after each. */
export function csv(rows: ReadonlyArray<readonly unknown[]>): string {
	return rows.map(row => `${row.map(cell => field(cell)).join(',')}\n`).join('');
}

function field(cell: unknown): string {
	const text = cell === undefined || cell === null ? '' : (typeof cell === 'string' ? cell : JSON.stringify(cell));
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
