import type {StartMetrics} from '../../artifacts/analyses.ts';
import type {AttackMetrics} from '../../artifacts/records.ts';
import type {Column, Table} from '../../artifacts/table.ts';
import {UserError} from '../../engine/error.ts';
import {relativeAdvantage, type StrongerAttack} from '../../metrics/advantage.ts';
import {agreementCount, directionOf, type MetricEffect} from '../effects.ts';
import {attackColumns, tableColumn, type AttackMetricColumn} from '../metric-columns.ts';
import {checkOtherParams} from './ablated-variants.ts';
import paper from './paper-ablations.json' with {type: 'json'};

/** A run of the attack in which each stage may have looked at another target model. Factors are those of the models' label smoothing. */
export type AblatedRun = {
	readonly name: string;
	readonly samplingAlpha: number;
	readonly optimizationAlpha: number;
	readonly selectionAlpha: number;
	/** Whether selection dropped anything. */
	readonly hasSelection: boolean;
	/** What its variant changes: key path → value, as in the params file. */
	readonly patch: Readonly<Record<string, unknown>>;
	readonly metrics: AttackMetrics;
	readonly start: StartMetrics;
};

/** Which stage of the attack was given another model. */
export type AblatedStage = 'sampling' | 'optimization' | 'selection';

/** A table of the paper in small: rows of ours, each above the paper's row for the same factors. */
export type AblationTable = {
	readonly stage: AblatedStage;
	readonly table: Table;
	/** For each row the index of the row with α = 0 in the ablated stage, of the same source; −1 where there is none. */
	readonly baselines: readonly number[];
	/** What looking at another model does to the attack, one per row of ours that has a baseline. */
	readonly effects: readonly StageEffects[];
};

/** What it does to the attack that a stage looks at the model with one factor instead of that without smoothing. */
export type StageEffects = Factors & {readonly effects: readonly MetricEffect[]};

/** Factors of one row: of the model that was attacked before selection, and of the one that the ablated stage looked at. */
type Factors = {readonly attacked: number; readonly alpha: number};

type Row = Factors & {readonly source: 'here' | 'paper'; readonly values: readonly number[]};

/**
 * Tables 5, 6 and 7 of Struppek et al. 2024 in small, of those runs that belong to them: only sampling differs, only optimization differs (both without
 * selection), or only selection differs. A table without two runs of ours to compare is left out.
 *
 * @throws {UserError} when no table is left, or runs differ in other params too.
 */
export function ablationTables(runs: readonly AblatedRun[]): readonly AblationTable[] {
	checkOtherParams(runs);
	const tables = [
		tableOf('sampling', samplingRuns(runs).map(run => rowOf(run, {attacked: 0, alpha: run.samplingAlpha}))),
		tableOf('optimization', runs.filter(run => !run.hasSelection && run.samplingAlpha === 0).map(run => rowOf(run, {attacked: 0, alpha: run.optimizationAlpha}))),
		tableOf('selection', runs.filter(run => run.hasSelection && run.samplingAlpha === run.optimizationAlpha).map(run => rowOf(run, {attacked: run.optimizationAlpha, alpha: run.selectionAlpha}))),
	].filter(table => table !== undefined);
	if (tables.length === 0) {
		throw new UserError('no-ablations', 'No two variants differ in the target model of one attack stage alone', {
			hint: 'Run it with the preset that has such variants: pipeline run ablations.',
		});
	}

	return tables;
}

/** Runs that differ in what sampling looked at, and in nothing else: those of Table 5. */
function samplingRuns(runs: readonly AblatedRun[]): readonly AblatedRun[] {
	return runs.filter(run => !run.hasSelection && run.optimizationAlpha === 0);
}

const titles = {
	sampling: 'Initial latents chosen by different models, optimized on the one without smoothing, no selection (paper Table 5)',
	optimization: 'Initial latents of the model without smoothing, optimized on different models, no selection (paper Table 6)',
	selection: 'Optimized latents of one model, the most robust ones selected by different models (paper Table 7)',
} as const satisfies Record<AblatedStage, string>;

const paperRows = {
	sampling: paper.sampling.map(row => paperRow(row, 0)),
	optimization: paper.optimization.map(row => paperRow(row, 0)),
	selection: paper.selection.map(row => paperRow(row, row.attacked)),
} as const satisfies Record<AblatedStage, readonly Row[]>;

const notes = {
	sampling: [],
	optimization: ['The paper prints a change of δ_face of +0.34 for α = −0.05; its values give +0.358.'],
	selection: [
		'The paper’s rows for α = 0 selected by α = 0 and by α = −0.05 print the same ξ although the selected samples differ; its rows in which a model selects its own are runs apart from its Table 2 and differ from that by chance.',
	],
} as const satisfies Record<AblatedStage, readonly string[]>;

function tableOf(stage: AblatedStage, own: readonly Row[]): AblationTable | undefined {
	const distinct = [...new Map(own.map(row => [`${row.attacked} ${row.alpha}`, row])).values()];
	const compared = distinct.filter(row => distinct.some(other => other.attacked === row.attacked && other.alpha !== row.alpha))
		.toSorted((a, b) => (b.attacked - a.attacked) || (b.alpha - a.alpha));
	if (compared.length === 0) {
		return undefined;
	}

	const rows = compared.flatMap(row => [row, ...paperRows[stage].filter(({attacked, alpha}) => attacked === row.attacked && alpha === row.alpha)]);
	const isSelection = stage === 'selection';
	const effects = effectsOf(rows);
	const countOf = (row: Row) => effects.find(({attacked, alpha}) => row.source === 'here' && attacked === row.attacked && alpha === row.alpha)?.effects ?? [];
	return {
		stage,
		table: {
			title: titles[stage],
			columns: [
				...(isSelection ? [{name: 'attacked α', format: 'text'} satisfies Column] : []),
				{name: `${stage} α`, format: 'text'},
				{name: 'source', format: 'text'},
				...attackColumns.map(column => tableColumn(column)),
				{name: 'as in the paper', format: 'text'},
			],
			rows: rows.map(row => [...(isSelection ? [row.attacked] : []), row.alpha, row.source, ...row.values, agreementCount(countOf(row))]),
			notes: notes[stage],
		},
		baselines: rows.map(row => rows.indexOf(baselineOf(row, rows)!)),
		effects,
	};
}

function baselineOf({attacked, source}: Pick<Row, 'attacked' | 'source'>, rows: readonly Row[]): Row | undefined {
	return rows.find(other => other.alpha === 0 && other.attacked === attacked && other.source === source);
}

function effectsOf(rows: readonly Row[]): readonly StageEffects[] {
	return rows.filter(({source, alpha}) => source === 'here' && alpha !== 0).flatMap(({attacked, alpha, values}) => {
		const before = baselineOf({attacked, source: 'here'}, rows)?.values;
		const paperNow = rows.find(row => row.source === 'paper' && row.attacked === attacked && row.alpha === alpha)?.values;
		const paperBefore = baselineOf({attacked, source: 'paper'}, rows)?.values;
		const effectOf = (column: AttackMetricColumn, index: number): MetricEffect => {
			const [from, to] = [before![index]!, values[index]!];
			return {column, from, to, direction: directionOf(from, to, column), paper: paperDirections(paperBefore?.[index], paperNow?.[index], column)};
		};

		return before ? [{attacked, alpha, effects: attackColumns.map((column, index) => effectOf(column, index))}] : [];
	});
}

/** Equal numbers in two rows are repeated by mistake (see the notes), so they say nothing. */
function paperDirections(from: number | undefined, to: number | undefined, column: AttackMetricColumn): MetricEffect['paper'] {
	return from === undefined || to === undefined || from === to ? [] : [{dataset: 'FaceScrub', direction: directionOf(from, to, column)}];
}

function rowOf({metrics}: AblatedRun, factors: Factors): Row {
	return {...factors, source: 'here', values: attackColumns.map(({metric}) => metrics[metric])};
}

function paperRow({alpha, ...numbers}: (typeof paper.sampling)[number], attacked: number): Row {
	// Rounding removes what the division adds: 0.8609 instead of 0.8608999999999999.
	return {attacked, alpha, source: 'paper', values: attackColumns.map(({paper: name, format}) => {
		const value = numbers[name as keyof typeof numbers];
		return format === 'percent' ? Number((value / 100).toFixed(6)) : value;
	})};
}

/** A number of the starts with its direction, as in Fig. 6 (a). */
export type StartColumn = Column & {readonly metric: keyof StartMetrics; readonly strongerAttack: StrongerAttack};

/** What is told of images that were selected but not optimized. */
export const startColumns: readonly StartColumn[] = [
	{metric: 'faceDistance', name: 'δ_face', format: 'fixed3', strongerAttack: 'lower'},
	{metric: 'evaluationDistance', name: 'δ_eval', format: 'fixed2', strongerAttack: 'lower'},
	{metric: 'evaluationConfidence', name: 'confidence', format: 'percent', strongerAttack: 'higher'},
	{metric: 'accuracyTop1', name: 'Acc@1', format: 'percent', strongerAttack: 'higher'},
];

/** What the starts of one model give the attacker over those of the model without smoothing, by start column; `undefined` where that one's number is 0. */
export type StartAdvantage = {readonly alpha: number; readonly start: StartMetrics; readonly advantages: ReadonlyArray<number | undefined>};

/** The starts of the runs of Table 5, from the largest smoothing factor to the smallest; none unless there is α = 0 and another one. */
export function startAdvantages(runs: readonly AblatedRun[]): readonly StartAdvantage[] {
	const starts = [...new Map(samplingRuns(runs).map(({samplingAlpha, start}) => [samplingAlpha, start]))].toSorted(([a], [b]) => b - a);
	const [, baseline] = starts.find(([alpha]) => alpha === 0) ?? [];
	return baseline === undefined || starts.length === 1
		? []
		: starts.map(([alpha, start]) => ({
			alpha, start,
			advantages: startColumns.map(({metric, strongerAttack}) => relativeAdvantage(start[metric], baseline[metric], strongerAttack)),
		}));
}

/** The starts as a table: numbers, and their relative advantage over α = 0. */
export function startTable(starts: readonly StartAdvantage[]): Table {
	return {
		title: 'Selected images before any optimization, by the model that selected them (paper Fig. 6 (a))',
		columns: [
			{name: 'sampling α', format: 'text'},
			...startColumns.map(({name, format, strongerAttack}) => ({name, format, strongerAttack})),
			...startColumns.map(({name}) => ({name: `adv. ${name}`, format: 'percent'} as const)),
		],
		rows: starts.map(({alpha, start, advantages}) => [alpha, ...startColumns.map(({metric}) => start[metric]), ...advantages.map(advantage => advantage ?? '–')]),
		notes: ['Confidence: the evaluation model’s mean softmax of the target class. Advantage: relative change against α = 0, above 0 where the attacker gains, for distances too.'],
	};
}

/** All rows of all tables in full precision, for spreadsheets. */
export function ablationCsvTable(tables: readonly AblationTable[]): Table {
	const metrics = attackColumns.map(column => tableColumn(column));
	return {
		title: 'Stage ablations',
		columns: [{name: 'ablated stage', format: 'text'}, {name: 'attacked α', format: 'number'}, {name: 'stage α', format: 'number'}, {name: 'source', format: 'text'}, ...metrics],
		rows: tables.flatMap(({stage, table}) => table.rows.map(row => [stage, ...(stage === 'selection' ? [] : [0]), ...row.slice(0, -1)])),
		notes: [],
	};
}
