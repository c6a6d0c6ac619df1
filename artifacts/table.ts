import {jsonArtifact} from '../engine/artifact.ts';
import {tableText} from '../reporting/table-text.ts';

/** How a column is written for people: `percent` shows a fraction times 100, `number` the shortest exact decimal. */
export type ColumnFormat = 'text' | 'number' | 'percent' | 'fixed2' | 'fixed3';

/** A column of a table. */
export type Column = {
	readonly name: string;
	/** How numbers are rounded for people; the value itself is kept in full. */
	readonly format: ColumnFormat;
	/** Whether the attack extracts more when the number is higher or lower; absent when it says nothing about the attack. */
	readonly strongerAttack?: 'higher' | 'lower';
};

/** What stands in a cell. A text in a column of numbers is shown as it is, such as a dash for "not stated". */
export type Cell = string | number;

/** A table of results for people, for CSV and for pages. Every number is finite and every row as long as the list of columns. */
export type Table = {
	readonly title: string;
	readonly columns: readonly Column[];
	readonly rows: ReadonlyArray<readonly Cell[]>;
	/** Lines below the table. */
	readonly notes: readonly string[];
};

export const table = jsonArtifact<Table>()('table', {preview: tableText});

/** Tables that belong together. */
export const tables = jsonArtifact<readonly Table[]>()('tables', {preview: all => all.map(one => tableText(one)).join('\n\n')});
