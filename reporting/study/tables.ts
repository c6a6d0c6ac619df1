import type {GradientSimilarity, Projection, Reliability, ScaledDistances} from '../../artifacts/analyses.ts';
import type {AttackMetrics} from '../../artifacts/records.ts';
import type {Table} from '../../artifacts/table.ts';
import {ablationTables, startAdvantages, startTable, type AblatedRun} from '../analyses/ablations.ts';
import type {Compared} from '../analyses/compared.ts';
import {distanceTable} from '../analyses/embedding-tables.ts';
import {similarityTable} from '../analyses/gradient-similarity.ts';
import {reliabilityTable} from '../analyses/reliability.ts';
import {signedText} from '../cell.ts';
import {metricColumns} from '../metric-columns.ts';
import {analyseSweep} from '../sensitivity/analysis.ts';
import {deviationTable} from '../sensitivity/tables.ts';
import {describeValues} from '../sensitivity/words.ts';
import {agreementTable} from './agreement.ts';
import type {StudyGroup} from './groups.ts';
import type {MeasuredGroup} from './page.ts';

/** What was measured of the target models of the variants that are compared. */
export type StudyAnalyses = {
	readonly distances: ReadonlyArray<Compared<ScaledDistances>>;
	readonly projections: ReadonlyArray<Compared<Projection>>;
	readonly similarities: ReadonlyArray<Compared<GradientSimilarity>>;
	readonly reliabilities: ReadonlyArray<Compared<Reliability>>;
};

/** A group with its numbers and advantages. @throws {RangeError} when a metric is not finite */
export function measureGroup(group: StudyGroup, metrics: Readonly<Record<string, AttackMetrics>>): StudyGroup & MeasuredGroup {
	return {...group, sensitivity: analyseSweep(group.paths, group.points.map(point => ({...point, metrics: metrics[point.name]!})), [])};
}

/** Every table of the study in the order of its page, but those of the paper. @throws {UserError} when ablated runs cannot be compared */
export function studyTables({groups, ablated, analyses}: {readonly groups: readonly MeasuredGroup[]; readonly ablated: readonly AblatedRun[]; readonly analyses: StudyAnalyses}): readonly Table[] {
	return [
		...groups.flatMap(({sensitivity}) => [deviationTable(sensitivity), agreementTable(sensitivity)].filter(table => table !== undefined)),
		...ablationTablesOf(ablated),
		distanceTable(analyses.distances),
		similarityTable(analyses.similarities),
		reliabilityTable(analyses.reliabilities),
	];
}

/** The tables of the stage ablations; none when there are no such variants. */
function ablationTablesOf(ablated: readonly AblatedRun[]): readonly Table[] {
	const starts = startAdvantages(ablated);
	return ablated.length === 0 ? [] : [...ablationTables(ablated).map(({table}) => table), ...(starts.length === 0 ? [] : [startTable(starts)])];
}

/** One row per group and variant, in full precision. */
export function studyCsvTable(groups: ReadonlyArray<StudyGroup & MeasuredGroup>, ablated: readonly AblatedRun[]): Table {
	return {
		title: 'Study',
		columns: [{name: 'group', format: 'text'}, {name: 'variant', format: 'text'}, {name: 'values', format: 'text'}, ...metricColumns.map(({name}) => ({name, format: 'number'} as const))],
		rows: [
			...groups.flatMap(({title, paths, points, sensitivity: {cells}}) => points.map(({name, values}) => [
				title,
				name,
				describeValues(paths, values),
				...metricColumns.map(({metric}) => cells.find(cell => JSON.stringify(cell.values) === JSON.stringify(values))!.metrics[metric].mean),
			])),
			...ablated.map(run => ['Stage ablations', run.name, describeStages(run), ...metricColumns.map(({metric}) => run.metrics[metric])]),
		],
		notes: [],
	};
}

function describeStages({samplingAlpha, optimizationAlpha, selectionAlpha, hasSelection}: AblatedRun): string {
	return `sampling α = ${signedText(samplingAlpha)}, optimization α = ${signedText(optimizationAlpha)}, ${hasSelection ? `selection α = ${signedText(selectionAlpha)}` : 'no selection'}`;
}
