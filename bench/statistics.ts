/** @param numbers at least one */
export function median(numbers: readonly number[]): number {
	const sorted = numbers.toSorted((a, b) => a - b);
	return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

/** A Markdown table. @param words how many columns at the left hold words; the others hold numbers */
export function markdownTable(header: readonly string[], rows: ReadonlyArray<readonly string[]>, words = 1): string {
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	return [line(header), `|${header.map((_, column) => (column < words ? '---' : '---:')).join('|')}|`, ...rows.map(row => line(row))].join('\n');
}
