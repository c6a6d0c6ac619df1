import type {Cell, Column, Table} from '../../artifacts/table.ts';
import {checkTable, formatCell} from '../cell.ts';
import {directionOf, type Direction} from '../effects.ts';
import {html, type Html, type HtmlValue} from '../html.ts';

/** How a table is shown on a page. */
export type TableOptions = {
	/** For each row the index of the row it is compared with. */
	readonly baselineOf: (row: number) => number;
	/** What the rows are compared with, in words; absent when no row is compared. */
	readonly baselineName?: string | undefined;
	/** The same table with texts in place of some numbers, such as `93.2±1.8`. */
	readonly shown?: Table;
	/** What stands before the first cell of a row. */
	readonly rowMark?: (row: number) => Html | undefined;
};

/**
 * A table whose metrics carry a sign, a colour and words for where the attack moved.
 * @throws {RangeError} when the table has a number that is not finite or a row of another length.
 */
export function resultTable(table: Table, {baselineOf, baselineName, shown = table, rowMark}: TableOptions): Html {
	checkTable(table);
	const {title, columns, rows, notes} = table;
	return html`
		<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table class="results">
		<caption><span>${title}</span></caption>
		<thead><tr>${columns.map(column => html`<th scope="col"${column.format === 'text' && html` class="text"`}>${columnHeading(column)}</th>`)}</tr></thead>
		<tbody>${rows.map((row, index) => html`
			<tr${baselineOf(index) === index && html` class="baseline"`}>${row.map((cell, position) => {
				const column = columns[position]!;
				const text = formatCell(shown.rows[index]?.[position] ?? cell, column);
				if (position === 0) {
					return html`<th scope="row">${rowMark?.(index)}<bdi>${text}</bdi></th>`;
				}

				const direction = cellDirection(cell, rows[baselineOf(index)]?.[position], column);
				return html`<td class="${column.format === 'text' ? 'text' : direction ?? ''}">${text}${column.strongerAttack !== undefined && baselineName !== undefined && directionMark(baselineOf(index) === index ? undefined : direction, baselineName)}</td>`;
			})}</tr>
		`)}
		</tbody></table></div>
		${baselineName !== undefined && html`<p class="note" aria-hidden="true"><span class="stronger"><span class="mark">▲</span> attack stronger</span> or <span class="weaker"><span class="mark">▼</span> weaker</span> than <bdi>${baselineName}</bdi></p>`}
		${notes.map(note => html`<p class="note">${note}</p>`)}
	`;
}

/** A column's name with its index lowered and its unit. */
export function columnHeading({name, format}: Pick<Column, 'name' | 'format'>): HtmlValue {
	const [, symbol, index] = /^([δξ])_(\w+)$/u.exec(name) ?? [];
	return [symbol === undefined ? name : html`${symbol}<sub>${index}</sub>`, format === 'percent' && html` <small>%</small>`];
}

/** The sign for a direction, with words for readers who do not see it; empty room where there is none, so that numbers stay aligned. */
export function directionMark(direction: Direction | undefined, baselineName: string): Html {
	switch (direction) {
		case 'stronger': {
			return html`<span class="mark" aria-hidden="true">▲</span><span class="unseen"> attack stronger than ${baselineName}</span>`;
		}

		case 'weaker': {
			return html`<span class="mark" aria-hidden="true">▼</span><span class="unseen"> attack weaker than ${baselineName}</span>`;
		}

		case 'unchanged': {
			return html`<span class="mark" aria-hidden="true">=</span><span class="unseen"> same as ${baselineName}</span>`;
		}

		case undefined: {
			return html`<span class="mark" aria-hidden="true"></span>`;
		}
	}
}

function cellDirection(cell: Cell, baseline: Cell | undefined, {strongerAttack}: Column): Direction | undefined {
	return strongerAttack === undefined || typeof cell !== 'number' || typeof baseline !== 'number'
		? undefined
		: directionOf(baseline, cell, {strongerAttack});
}
