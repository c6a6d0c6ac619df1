import type {Table} from '../artifacts/table.ts';
import {checkTable, formatCell, headerOf} from './cell.ts';

const segmenter = new Intl.Segmenter('en', {granularity: 'grapheme'});

/** Characters that terminals draw two columns wide: East Asian scripts, full-width forms and emoji. */
const wide = /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|[\u3000-\u303F\uFF01-\uFF60]/u;

/** Control, line separating and text reversing characters, which could move the cursor, recolour the terminal or lie about the order. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

const gap = '  ';

/**
 * The table for a terminal: title, header, rule, rows and notes, with columns of numbers aligned to the right.
 * @throws {RangeError} when the table has a number that is not finite or a row of another length.
 */
export function tableText(table: Table): string {
	checkTable(table);
	const {title, columns, rows, notes} = table;
	const cells = [
		columns.map(column => plain(headerOf(column))),
		...rows.map(row => row.map((cell, position) => plain(formatCell(cell, columns[position]!)))),
	];
	const widths = columns.map((_, position) => Math.max(...cells.map(row => widthOf(row[position]!))));
	const [header = '', ...lines] = cells.map(row => row.map((cell, position) =>
		pad(cell, widths[position]!, columns[position]!.format === 'text' ? 'left' : 'right')).join(gap).trimEnd());
	const rule = '─'.repeat(widths.reduce((sum, width) => sum + width, gap.length * Math.max(0, columns.length - 1)));
	return [plain(title), '', header, rule, ...lines, ...(notes.length > 0 ? ['', ...notes.map(note => plain(note))] : [])].join('\n');
}

/** How many columns of a terminal a text takes. */
export function widthOf(text: string): number {
	return [...segmenter.segment(text)].reduce((sum, {segment}) => sum + (wide.test(segment) ? 2 : 1), 0);
}

function pad(text: string, width: number, side: 'left' | 'right'): string {
	const space = ' '.repeat(Math.max(0, width - widthOf(text)));
	return side === 'left' ? text + space : space + text;
}

function plain(text: string): string {
	return text.replaceAll(unprintable, '\uFFFD');
}
