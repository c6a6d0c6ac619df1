import type {AttackMetrics} from '../../artifacts/records.ts';
import type {Table} from '../../artifacts/table.ts';
import {advantageOf, type AdvantageKind} from '../../metrics/advantage.ts';
import {metricColumns, tableColumn, type AttackMetricColumn} from '../metric-columns.ts';
import {alphaPath, defensePath, samplesPath} from './analysis.ts';
import {columnName, valueText} from './words.ts';
import sweeps from './paper-sweeps.json' with {type: 'json'};

/** One row of the paper's tables, in the units of `AttackMetrics`. */
export type PaperRow = {
	readonly dataset: string;
	readonly alpha: number;
	/** Training images of each person; absent where the paper used all. */
	readonly samples?: number;
	/** As the param of that name has it; absent in tables that are not about defences. */
	readonly defense?: {readonly kind: string};
	/** What the table states. */
	readonly metrics: Readonly<Partial<Record<keyof AttackMetrics, number>>>;
};

/** Metrics that the paper prints as percentages. */
const percentages = new Set(['test_acc', 'acc1', 'acc5', 'xi_train', 'xi_test']);

const smoothing = sweeps.smoothing.map(row => paperRow(row));
const samples = sweeps.samples.map(row => paperRow(row));
const defenses = sweeps.defenses.map(row => paperRow(row));

/** What the paper's ResNet-152 models gave for the params that a sweep is about: Table 4 for samples per class, Table 2 for smoothing factors, Table 3 for defences; nothing for others. */
export function paperRows(paths: readonly string[]): readonly PaperRow[] {
	if (paths.includes(samplesPath)) {
		return samples;
	}

	if (paths.includes(alphaPath)) {
		return smoothing;
	}

	return paths.includes(defensePath) ? defenses : [];
}

/** The row without smoothing and defence of the same data set and size. */
export function paperBaseline(row: PaperRow, rows: readonly PaperRow[]): PaperRow | undefined {
	return rows.find(({alpha, defense, dataset, samples}) => alpha === 0 && (defense ?? {kind: 'none'}).kind === 'none' && dataset === row.dataset && samples === row.samples);
}

/** The gain of the attacker over the row without smoothing and defence of the same data set and size; undefined when it cannot be told. */
export function paperAdvantage(row: PaperRow, {metric, strongerAttack}: AttackMetricColumn, {rows, kind = 'relative'}: {readonly rows: readonly PaperRow[]; readonly kind?: AdvantageKind}): number | undefined {
	const now = row.metrics[metric];
	const before = paperBaseline(row, rows)?.metrics[metric];
	return now === undefined || before === undefined ? undefined : advantageOf(kind, {value: now, baseline: before}, strongerAttack);
}

/** The paper's rows as a table in our columns; nothing when the paper has no such sweep. */
export function paperSweepTable(paths: readonly string[]): Table | undefined {
	const rows = paperRows(paths);
	if (rows.length === 0) {
		return undefined;
	}

	const hasSamples = rows === samples;
	const hasDefenses = rows === defenses;
	const number = hasSamples ? 4 : 2;
	return {
		title: `The paper’s Table ${hasDefenses ? 3 : number} (ResNet-152)`,
		columns: [
			{name: 'data set', format: 'text'},
			...(hasSamples ? [{name: columnName(samplesPath), format: 'number'} as const] : []),
			hasDefenses ? {name: columnName(defensePath), format: 'text'} : {name: columnName(alphaPath), format: 'number'},
			...metricColumns.map(column => tableColumn(column)),
			{name: 'advantage', format: 'percent'},
		],
		rows: rows.map(row => [
			row.dataset,
			...(hasSamples ? [row.samples!] : []),
			hasDefenses ? valueText(row.defense) : row.alpha,
			...metricColumns.map(({metric}) => row.metrics[metric] ?? '–'),
			paperAdvantage(row, accuracyColumn, {rows}) ?? '–',
		]),
		notes: [
			...(hasDefenses ? ['FID and δ_eval of the rows of MID and BiDO for CelebA were measured in another setting than those above them.'] : []),
			'Photographs, large networks and other feature spaces: ours is a replication at small scale. Compare directions, not sizes.',
		],
	};
}

const accuracyColumn = metricColumns.find((column): column is AttackMetricColumn => column.metric === 'attackAccuracyTop1')!;

type PrintedRow = {
	readonly dataset: string;
	readonly alpha?: number;
	readonly samples?: number;
	readonly defense?: {readonly kind: string; readonly alpha?: number};
};

function paperRow({dataset, defense, alpha = defense?.alpha ?? 0, samples: perClass, ...numbers}: PrintedRow): PaperRow {
	const stated = new Map<string, number>(Object.entries(numbers));
	return {
		dataset,
		alpha,
		...(defense && {defense}),
		...(perClass === undefined ? {} : {samples: perClass}),
		// Rounding removes what the division adds: 0.9785 instead of 0.9784999999999999.
		metrics: Object.fromEntries(metricColumns.filter(({paper}) => stated.has(paper))
			.map(({metric, paper}) => [metric, percentages.has(paper) ? Number((stated.get(paper)! / 100).toFixed(6)) : stated.get(paper)!])),
	};
}
