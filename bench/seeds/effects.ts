import type {Column, Table} from '../../artifacts/table.ts';
import {agreementWithPaper, type MetricEffect} from '../../reporting/effects.ts';
import {attackColumns} from '../../reporting/metric-columns.ts';
import {spreadText} from './average.ts';

/** What one change of the experiment did to the attack, by metric. */
export type NamedEffects = {readonly name: string; readonly effects: readonly MetricEffect[]};

/**
 * One row per change: by how much each metric moved, and in how many of the seeds the attack moved where the paper says. There is no such count where the
 * paper's rows disagree with each other, or where it has none.
 *
 * @param seeds - for each seed the same changes in the same order, at least one seed
 */
export function effectTable(title: string, seeds: ReadonlyArray<readonly NamedEffects[]>): Table {
	return {
		title,
		columns: [
			{name: 'change', format: 'text'},
			...attackColumns.map(({name, format}): Column => ({name, format})),
			{name: 'as in the paper in every seed', format: 'text'},
		],
		rows: seeds[0]!.map(({name, effects}, row) => {
			const byMetric = effects.map((_, index) => seeds.map(seed => seed[row]!.effects[index]!));
			const counts = byMetric.map(own => agreeingSeeds(own));
			const known = counts.filter(count => count !== undefined);
			return [
				name,
				...byMetric.map((own, index) => `${changeText(own)}${counts[index] === undefined ? '' : ` (${counts[index]}/${own.length})`}`),
				known.length === 0 ? '–' : `${known.filter(count => count === seeds.length).length} of ${known.length}`,
			];
		}),
		notes: [],
	};
}

/** In how many seeds the attack moved where all of the paper's rows say; undefined where these disagree or there are none. */
function agreeingSeeds(effects: readonly MetricEffect[]): number | undefined {
	const directions = new Set(effects[0]!.paper.map(({direction}) => direction));
	return directions.size === 1 ? effects.filter(effect => agreementWithPaper(effect) === 'all').length : undefined;
}

/** The change with its sign, whichever way is good for the attacker. */
function changeText(effects: readonly MetricEffect[]): string {
	const changes = effects.map(({from, to}) => to - from);
	return `${changes.reduce((sum, change) => sum + change, 0) > 0 ? '+' : ''}${spreadText(changes, effects[0]!.column)}`;
}
