import type {Table} from '../../artifacts/table.ts';
import {checkTable, formatCell, headerOf} from '../../reporting/cell.ts';
import {markdownTable} from '../statistics.ts';

/**
 * A table with its notes below, in Markdown. Columns of words at the left are aligned to the left.
 * @throws {RangeError} when a number is not finite or a row of another length
 */
export function tableMarkdown(table: Table): string {
	checkTable(table);
	const {columns, rows, notes} = table;
	const words = columns.findIndex(({format}) => format !== 'text');
	const lines = markdownTable(columns.map(column => escaped(headerOf(column))), rows.map(row => row.map((cell, position) => escaped(formatCell(cell, columns[position]!)))), words === -1 ? columns.length : Math.max(1, words));
	return [lines, ...notes.map(note => escaped(note))].join('\n\n');
}

/** Nothing in a name or a value of a param may end its cell or begin a tag. */
function escaped(text: string): string {
	return text.replaceAll('\\', '\\\\').replaceAll('|', String.raw`\|`).replaceAll('<', '&lt;');
}

/**
 * The document with each section between its two markers, such as `<!-- begin study machine -->` and `<!-- end study machine -->`.
 * @throws {RangeError} when a section has no place, or a place of the same prefix has no section
 */
export function withSections(document: string, prefix: string, sections: ReadonlyMap<string, string>): string {
	const places = [...document.matchAll(/<!-- begin (?<place>[^>]*?) -->/gu)].map(match => match.groups!.place!).filter(place => place.startsWith(`${prefix} `));
	const names = [...sections.keys()].map(name => `${prefix} ${name}`);
	const [homeless, empty] = [names.filter(name => !places.includes(name)), places.filter(place => !names.includes(place))];
	if (homeless.length > 0 || empty.length > 0) {
		throw new RangeError(`Expected a pair of markers for every section, got none for ${homeless.join(', ') || 'none'} and no section for ${empty.join(', ') || 'none'}`);
	}

	let text = document;
	for (const [name, section] of sections) {
		const [begin, end] = ['begin', 'end'].map(word => `<!-- ${word} ${prefix} ${name} -->`) as [string, string];
		const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
		if (to < from) {
			throw new RangeError(`Expected ${end} after ${begin}`);
		}

		text = `${text.slice(0, from)}\n\n${section}\n\n${text.slice(to)}`;
	}

	return text;
}
