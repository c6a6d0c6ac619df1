import type {WordCounts} from './word-counts.ts';

/** One row of the table. */
export type RankedWord = {
	readonly word: string;
	/** Collection → how often the word is in there. */
	readonly counts: WordCounts;
	readonly total: number;
};

/** The most frequent words, those of equal frequency in the order of their letters. */
export function rank(collections: ReadonlyArray<readonly [name: string, counts: WordCounts]>, limit: number): readonly RankedWord[] {
	const words = new Set(collections.flatMap(([, counts]) => Object.keys(counts)));
	return [...words].map(word => {
		const counts = Object.fromEntries(collections.map(([name, counted]) => [name, Object.hasOwn(counted, word) ? counted[word]! : 0]));
		return {word, counts, total: Object.values(counts).reduce((sum, value) => sum + value, 0)};
	}).toSorted((a, b) => b.total - a.total || (a.word < b.word ? -1 : 1)).slice(0, limit);
}

/** Rows under their names, aligned. */
export function tableText(table: readonly RankedWord[]): string {
	const names = Object.keys(table[0]?.counts ?? {});
	const rows = [['word', ...names, 'total'], ...table.map(({word, counts, total}) => [word, ...names.map(name => String(counts[name])), String(total)])];
	const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
	return rows.map(row => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ')).join('\n');
}
