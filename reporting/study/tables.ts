import type {AttackMetrics} from '../../artifacts/records.ts';
import type {Table} from '../../artifacts/table.ts';
import {ablationTables, type AblatedRun} from '../analyses/ablations.ts';
import {metricColumns} from '../metric-columns.ts';
import {analyseSweep} from '../sensitivity/analysis.ts';
import {describeValues} from '../sensitivity/words.ts';
import type {StudyGroup} from './groups.ts';
import type {MeasuredGroup} from './page.ts';

/** A group with its numbers and advantages. @throws {RangeError} when a metric is not finite */
export function measureGroup(group: StudyGroup, metrics: Readonly<Record<string, AttackMetrics>>): StudyGroup & MeasuredGroup {
	return {...group, sensitivity: analyseSweep(group.paths, group.points.map(point => ({...point, metrics: metrics[point.name]!})), [])};
}

/** The tables of the stage ablations; none when there are no such variants. */
export function ablationTablesOf(ablated: readonly AblatedRun[]): readonly Table[] {
	return ablated.length === 0 ? [] : ablationTables(ablated).map(({table}) => table);
}

/** One row per group and variant, in full precision. */
export function groupCsvTable(groups: ReadonlyArray<StudyGroup & MeasuredGroup>): Table {
	return {
		title: 'Study',
		columns: [{name: 'group', format: 'text'}, {name: 'variant', format: 'text'}, {name: 'values', format: 'text'}, ...metricColumns.map(({name}) => ({name, format: 'number'} as const))],
		rows: groups.flatMap(({title, paths, points, sensitivity: {cells}}) => points.map(({name, values}) => [
			title,
			name,
			describeValues(paths, values),
			...metricColumns.map(({metric}) => cells.find(cell => JSON.stringify(cell.values) === JSON.stringify(values))!.metrics[metric].mean),
		])),
		notes: [],
	};
}
