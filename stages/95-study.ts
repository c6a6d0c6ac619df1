import {Type} from '@sinclair/typebox';
import {startMetrics} from '../artifacts/analyses.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {attackMetrics} from '../artifacts/records.ts';
import {tables} from '../artifacts/table.ts';
import {textArtifact} from '../engine/artifact.ts';
import {defineStage, each} from '../engine/stage.ts';
import {provenanceOf} from '../reporting/analyses/compared.ts';
import {describeValues} from '../reporting/sensitivity/words.ts';
import {agreementTable} from '../reporting/study/agreement.ts';
import {ablatedVariants, studyGroups} from '../reporting/study/groups.ts';
import {studyPage} from '../reporting/study/page.ts';
import {ablationTablesOf, groupCsvTable, measureGroup} from '../reporting/study/tables.ts';
import {deviationTable} from '../reporting/sensitivity/tables.ts';
import {tableCsv} from '../reporting/table-csv.ts';

/** The numbers and pictures of all variants → every table of the paper that applies, beside the paper's (Tables 2–7). */
export const study = defineStage({
	name: 'study',
	inputs: {
		metrics: each(attackMetrics),
		start: each(startMetrics),
		images: each(imageSet),
		train: each(imageSet),
		backend: each(textArtifact('backend-name', 'txt')),
	},
	params: Type.Object({
		variants: Type.Array(Type.Object({
			name: Type.String(),
			alpha: Type.Number(),
			samples: Type.Integer(),
			patch: Type.Record(Type.String(), Type.Unknown()),
			samplingAlpha: Type.Number(),
			optimizationAlpha: Type.Number(),
			selectionAlpha: Type.Number(),
			hasSelection: Type.Boolean(),
		})),
		analyses: Type.Array(Type.Tuple([Type.String(), Type.String()])),
		seed: Type.Integer(),
		params: Type.Unknown(),
	}),
	outputs: {tables, csv: textArtifact('csv', 'csv'), page: textArtifact('page', 'html')},
	async run({metrics, start, images, train, backend}, {variants, analyses, seed, params}, {digests}) {
		const groups = studyGroups(variants.map(variant => ({...variant, seed}))).map(group => measureGroup(group, metrics));
		const ablated = ablatedVariants(variants).map(variant => ({...variant, metrics: metrics[variant.name]!, start: start[variant.name]!}));
		const pictured = groups.flatMap(({title, paths, points}) => points.map(({name, values}) => ({
			title: `${title}: ${describeValues(paths, values)}`, images: images[name]!, train: train[name]!,
		})));
		const page = await studyPage({groups, ablated, pictured, analyses, numVariants: variants.length, provenance: provenanceOf({seed, params}, backend, {metrics: digests.metrics!})});
		return {
			tables: [
				...groups.flatMap(({sensitivity}) => [deviationTable(sensitivity), agreementTable(sensitivity)].filter(table => table !== undefined)),
				...ablationTablesOf(ablated),
			],
			csv: tableCsv(groupCsvTable(groups)),
			page,
		};
	},
});
