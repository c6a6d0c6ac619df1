import type {Column, Table} from '../../artifacts/table.ts';
import {ablatedVariants} from '../../reporting/analyses/ablated-variants.ts';
import {ablationTables, startAdvantages, startTable} from '../../reporting/analyses/ablations.ts';
import {signedText} from '../../reporting/cell.ts';
import {metricColumns, tableColumn} from '../../reporting/metric-columns.ts';
import {analyseSweep} from '../../reporting/sensitivity/analysis.ts';
import {deviationTable} from '../../reporting/sensitivity/tables.ts';
import {baselineWords, describeValues} from '../../reporting/sensitivity/words.ts';
import {cellEffects} from '../../reporting/study/agreement.ts';
import {studyGroups, type StudyGroup} from '../../reporting/study/groups.ts';
import {averageTables} from './average.ts';
import {effectTable, type NamedEffects} from './effects.ts';
import {otherColumns} from './other-metrics.ts';
import type {MeasuredVariant, SeedStudy} from './study.ts';

/** Tables that stand together in the document, by the name of their place. */
export type Sections = ReadonlyMap<string, readonly Table[]>;

/** Every table of a study over seeds: the groups, the ablations and the analyses, what each change does to the attack, and the metrics that are in no table of the paper. */
export function studySections(studies: readonly SeedStudy[]): Sections {
	const variants = studies.map(study => study.variants);
	const analysis = (name: keyof SeedStudy['analyses']) => [averageTables(studies.map(({analyses}) => analyses[name]))];
	const groups = studyGroups(variants[0]!);
	return new Map([
		...groups.map((group, index) => [placeOf(group.title), groupTables(variants.map(own => studyGroups(own)[index]!), variants)] as const),
		...(ablatedVariants(variants[0]!).length === 0 ? [] : [['stage-ablations', ablationSection(variants)] as const]),
		['embedding', analysis('embedding')],
		['gradient-similarity', analysis('similarity')],
		['reliability', analysis('reliability')],
		['every-seed', groups.slice(0, 1).map(group => everySeedTable(group, variants))],
		['other-metrics', [averageTables(variants.map(own => metricsTable(own)))]],
	]);
}

function placeOf(title: string): string {
	return title.toLowerCase().replaceAll(' ', '-');
}

/** Numbers over all seeds, and effects seed by seed. */
function groupTables(groups: readonly StudyGroup[], variants: ReadonlyArray<readonly MeasuredVariant[]>): readonly Table[] {
	const {paths} = groups[0]!;
	const measured = groups.map(({points}, seed) => points.map(point => ({...point, metrics: variants[seed]!.find(({name}) => name === point.name)!.metrics})));
	const effects = measured.map(points => cellEffects(analyseSweep(paths, points, [])).map(({values, effects: own}): NamedEffects => ({name: describeValues(paths, values), effects: own})));
	return [
		{...deviationTable(analyseSweep(paths, measured.flat(), [])), title: 'Numbers'},
		effectTable(`Change against ${baselineWords(paths).name}${paths.length > 1 ? ' with the same other values' : ''}`, effects),
	];
}

function ablationSection(variants: ReadonlyArray<readonly MeasuredVariant[]>): readonly Table[] {
	const ablated = variants.map(own => ablationTables(ablatedVariants(own)));
	const starts = variants.map(own => startAdvantages(ablatedVariants(own)));
	return [
		...ablated[0]!.flatMap(({stage}, index) => {
			const tables = ablated.map(own => own[index]!);
			const effects = tables.map(table => table.effects.map(({attacked, alpha, effects: own}): NamedEffects =>
				({name: `${stage === 'selection' ? `attacked α = ${signedText(attacked)}, ` : ''}${stage} α = ${signedText(alpha)}`, effects: own})));
			return [averageTables(tables.map(({table}) => withoutCounts(table))), effectTable(`Change against ${stage} α = 0`, effects)];
		}),
		...(starts[0]!.length === 0 ? [] : [averageTables(starts.map(own => startTable(own)))]),
	];
}

/** The counts of agreeing directions are told seed by seed, beside the effects. */
function withoutCounts({columns, rows, ...table}: Table): Table {
	return {...table, columns: columns.slice(0, -1), rows: rows.map(row => row.slice(0, -1))};
}

/** The numbers of a group for every seed, one row each. */
function everySeedTable({points}: StudyGroup, variants: ReadonlyArray<readonly MeasuredVariant[]>): Table {
	return {
		title: 'Every seed',
		columns: [{name: 'seed', format: 'text'}, {name: 'variant', format: 'text'}, ...metricColumns.map(column => tableColumn(column))],
		rows: variants.flatMap(own => points.map(({name}) => {
			const {seed, metrics} = own.find(variant => variant.name === name)!;
			return [String(seed), name, ...metricColumns.map(({metric}) => metrics[metric])];
		})),
		notes: [],
	};
}

/** The metrics of every variant that the paper's tables have not. */
function metricsTable(variants: readonly MeasuredVariant[]): Table {
	return {
		title: 'Other metrics of every variant',
		columns: [{name: 'variant', format: 'text'}, ...otherColumns.map(({name, format}): Column => ({name, format}))],
		rows: variants.map(({name, metrics}) => [name, ...otherColumns.map(({metric}) => metrics[metric] ?? '–')]),
		notes: [],
	};
}
