import type {Table} from '../artifacts/table.ts';
import {metricColumns, tableColumn, type MetricColumn} from './metric-columns.ts';
import paper from './paper-results.json' with {type: 'json'};

/** Names of the data sets whose results the paper states for its main architecture, in its order. */
export const paperDatasets: readonly string[] = [...new Set(paper.rows.map(({dataset}) => dataset))];

/** Where the paper can be read. */
export const paperLink = `https://arxiv.org/abs/${paper.source.arxiv}`;

/** What the paper says about a metric for one data set and smoothing factor, in the unit of `AttackMetrics`; undefined when it does not say. */
export function paperValue(dataset: string, alpha: number, {paper: name}: Pick<MetricColumn, 'paper'>): number | undefined {
	const row = paper.rows.find(row => row.dataset === dataset && row.alpha === alpha);
	return row && inOurUnit(row, name);
}

/** The smoothing factor of the paper that stands for ours: the same number, or the one it studies most with the same sign. */
export function paperAlpha(alpha: number): number {
	return paper.rows.find(row => Math.sign(row.alpha) === Math.sign(alpha))?.alpha ?? 0;
}

/** The paper's results in the columns of our comparison. */
export function paperTable(): Table {
	const {authors, venue, arxiv, table, architecture} = paper.source;
	return {
		title: `The paper’s results (${architecture})`,
		columns: [{name: 'data set', format: 'text'}, {name: 'α', format: 'number'}, ...metricColumns.map(column => tableColumn(column))],
		rows: paper.rows.map(row => [row.dataset, row.alpha, ...metricColumns.map(column => inOurUnit(row, column.paper))]),
		notes: [
			`${authors}, ${venue}, arXiv:${arxiv}, Table ${table}. Photographs, other networks and other feature spaces: compare directions, not sizes.`,
			'The ECE printed for CelebA with α = 0 and −0.05 is larger than the accuracy allows for over-confident models (at most √(1 − accuracy)); it is shown as published.',
		],
	};
}

function inOurUnit(row: (typeof paper.rows)[number], name: MetricColumn['paper']): number {
	const isPercent = name in paper.units && paper.units[name as keyof typeof paper.units] === 'percent';
	// Rounding removes what the division adds: 0.9785 instead of 0.9784999999999999.
	return isPercent ? Number((row[name] / 100).toFixed(6)) : row[name];
}
