import type {AttackMetrics} from '../../artifacts/records.ts';
import type {Table} from '../../artifacts/table.ts';
import {advantageOf, type AdvantageKind} from '../../metrics/advantage.ts';
import {metricColumns, tableColumn, type AttackMetricColumn} from '../metric-columns.ts';
import {alphaPath, samplesPath} from './analysis.ts';
import {columnName} from './words.ts';
import sweeps from './paper-sweeps.json' with {type: 'json'};

/** One row of the paper's tables, in the units of `AttackMetrics`. */
export type PaperRow = {
	readonly dataset: string;
	readonly alpha: number;
	/** Training images of each person; absent where the paper used all. */
	readonly samples?: number;
	/** What the table states. */
	readonly metrics: Readonly<Partial<Record<keyof AttackMetrics, number>>>;
};

/** Metrics that the paper prints as percentages. */
const percentages = new Set(['test_acc', 'acc1', 'acc5', 'xi_train', 'xi_test']);

const smoothing = sweeps.smoothing.map(row => paperRow(row));
const samples = sweeps.samples.map(row => paperRow(row));

/** What the paper's ResNet-152 models gave for the params that a sweep is about: Table 4 for samples per class, Table 2 for smoothing factors; nothing for others. */
export function paperRows(paths: readonly string[]): readonly PaperRow[] {
	if (paths.includes(samplesPath)) {
		return samples;
	}

	return paths.includes(alphaPath) ? smoothing : [];
}

/** The gain of the attacker over the paper's model without smoothing of the same data set and size; undefined when it cannot be told. */
export function paperAdvantage(row: PaperRow, {metric, strongerAttack}: AttackMetricColumn, {rows, kind = 'relative'}: {readonly rows: readonly PaperRow[]; readonly kind?: AdvantageKind}): number | undefined {
	const now = row.metrics[metric];
	const before = rows.find(other => other.alpha === 0 && other.dataset === row.dataset && other.samples === row.samples)?.metrics[metric];
	return now === undefined || before === undefined ? undefined : advantageOf(kind, {value: now, baseline: before}, strongerAttack);
}

/** The paper's rows as a table in our columns; nothing when the paper has no such sweep. */
export function paperSweepTable(paths: readonly string[]): Table | undefined {
	const rows = paperRows(paths);
	if (rows.length === 0) {
		return undefined;
	}

	const hasSamples = paths.includes(samplesPath);
	return {
		title: `The paper’s Table ${hasSamples ? 4 : 2} (ResNet-152)`,
		columns: [
			{name: 'data set', format: 'text'},
			...(hasSamples ? [{name: columnName(samplesPath), format: 'number'} as const] : []),
			{name: 'α', format: 'number'},
			...metricColumns.map(column => tableColumn(column)),
			{name: 'advantage', format: 'percent'},
		],
		rows: rows.map(row => [
			row.dataset,
			...(hasSamples ? [row.samples!] : []),
			row.alpha,
			...metricColumns.map(({metric}) => row.metrics[metric] ?? '–'),
			paperAdvantage(row, accuracyColumn, {rows}) ?? '–',
		]),
		notes: ['Photographs, large networks and other feature spaces: ours is a replication at small scale. Compare directions, not sizes.'],
	};
}

const accuracyColumn = metricColumns.find((column): column is AttackMetricColumn => column.metric === 'attackAccuracyTop1')!;

function paperRow({dataset, alpha, ...numbers}: (typeof sweeps.smoothing | typeof sweeps.samples)[number]): PaperRow {
	const {samples: perClass, ...printed} = {samples: undefined, ...numbers};
	const stated = new Map<string, number>(Object.entries(printed));
	return {
		dataset,
		alpha,
		...(perClass === undefined ? {} : {samples: perClass}),
		// Rounding removes what the division adds: 0.9785 instead of 0.9784999999999999.
		metrics: Object.fromEntries(metricColumns.filter(({paper}) => stated.has(paper))
			.map(({metric, paper}) => [metric, percentages.has(paper) ? Number((stated.get(paper)! / 100).toFixed(6)) : stated.get(paper)!])),
	};
}
