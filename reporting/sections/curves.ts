import type {History} from '../../artifacts/records.ts';
import {lineFigure, type FigureOptions, type Line} from '../figures.ts';
import {
	html, type Html, type HtmlValue,
} from '../html.ts';
import {attackColumns, metricColumns} from '../metric-columns.ts';
import type {ReportedVariant} from '../report.ts';
import {swatch, type VariantLook} from '../variant-look.ts';
import {columnHeading} from './result-table.ts';

/** Names of history columns as people say them; others are split into words. */
const columnWords: Readonly<Record<string, string>> = {alpha: 'smoothing factor α'};

/** Fewest smoothing factors that make a curve rather than a comparison. */
const minSweep = 4;

/** One figure per column of the histories, with a line per variant. Empty when no variant has one. */
export function historyFigures(
	variants: readonly ReportedVariant[],
	kind: 'training' | 'optimization',
	looks: ReadonlyMap<string, VariantLook>,
): Html | undefined {
	const histories = variants.flatMap(variant => variant[kind] ? [{name: variant.name, history: variant[kind]}] : []);
	const columns = [...new Set(histories.flatMap(({history}) => Object.keys(history.columns)))];
	if (columns.length === 0) {
		return undefined;
	}

	return html`${legend(histories.map(({name}) => name), looks)}<div class="figures">${columns.map(column => {
		const lines = histories.flatMap(({name, history}) => historyLine(history, column, looks.get(name)));
		const xLabel = histories[0]!.history.unit;
		const words = columnWords[column] ?? column.replaceAll(/(?<=[a-z])(?=[A-Z])/gu, ' ').toLowerCase();
		return figure(words, lines, {label: `${words} per ${xLabel}, one line per variant`, xLabel, isPercent: /accuracy$/iu.test(column)});
	})}</div>`;
}

/** Test accuracy and every metric of the attack over the smoothing factor. Empty when there are too few factors for a curve. */
export function sweepFigures(variants: readonly ReportedVariant[]): Html | undefined {
	const ordered = variants.toSorted((a, b) => a.alpha - b.alpha);
	if (new Set(ordered.map(({alpha}) => alpha)).size < minSweep) {
		return undefined;
	}

	const columns = [...metricColumns.filter(({metric}) => metric === 'testAccuracy'), ...attackColumns];
	const x = ordered.map(({alpha}) => alpha);
	return html`<div class="figures">${columns.map(column =>
		figure(columnHeading({name: column.name, format: 'text'}), [{x, y: ordered.map(({metrics}) => metrics[column.metric]), colour: 'var(--base)'}], {
			label: `${column.name} over the smoothing factor`, xLabel: 'α', isPercent: column.format === 'percent', hasDots: true,
		}))}</div>`;
}

/** A figure under its heading. */
export function figure(heading: HtmlValue, lines: readonly Line[], options: FigureOptions): Html {
	const {svg, scale} = lineFigure(lines, options);
	return html`<figure><figcaption>${heading}${scale === 'symlog' && html` <span class="quiet">(symmetric logarithmic)</span>`}</figcaption>${svg}</figure>`;
}

/** Names beside pieces of their lines. */
export function legend(names: readonly string[], looks: ReadonlyMap<string, VariantLook>): Html {
	return html`<ul class="legend">${names.map(name => {
		const look = looks.get(name);
		return html`<li>${look && swatch(look)}<bdi>${name}</bdi></li>`;
	})}</ul>`;
}

function historyLine({columns}: History, column: string, look: VariantLook | undefined): Line[] {
	const y = columns[column];
	return y && look ? [{x: y.map((_, index) => index + 1), y, ...look}] : [];
}
