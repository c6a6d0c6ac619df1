import {Type} from '@sinclair/typebox';
import {attackMetrics} from '../artifacts/records.ts';
import {table} from '../artifacts/table.ts';
import {textArtifact} from '../engine/artifact.ts';
import {defineStage, each} from '../engine/stage.ts';
import {compareVariants} from '../reporting/comparison.ts';
import {comparisonCsvTable} from '../reporting/comparison-csv.ts';
import {attackEffects, effectCounts} from '../reporting/effects.ts';
import {tableCsv} from '../reporting/table-csv.ts';
import {comparedVariants, variantResults} from '../reporting/variants.ts';

/** The numbers of every variant → the result table (paper Table 2). */
export const comparison = defineStage({
	name: 'comparison',
	inputs: {metrics: each(attackMetrics)},
	params: Type.Object({
		advantage: Type.Optional(Type.Union([Type.Literal('relative'), Type.Literal('absolute')], {description: 'Gain of the attacker over the baseline, in CSV files and figures: as a share of its value, or as a difference. "relative" when absent.'})),
		baseline: Type.String({description: 'Name of the variant the others are compared with.'}),
		variants: comparedVariants,
	}),
	outputs: {table, csv: textArtifact('csv', 'csv')},
	run({metrics}, {baseline, advantage, variants}) {
		const results = variantResults(variants, metrics);
		const compared = compareVariants(results, {baseline});
		const counts = effectCounts(attackEffects(results, {baseline}));
		return {table: {...compared, notes: [...counts, ...compared.notes]}, csv: tableCsv(comparisonCsvTable(results, {baseline, advantage}))};
	},
});
