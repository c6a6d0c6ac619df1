import {Type} from '@sinclair/typebox';
import {gradientSimilarity, projection, reliability, scaledDistances, startMetrics} from '../artifacts/analyses.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {attackMetrics} from '../artifacts/records.ts';
import {tables} from '../artifacts/table.ts';
import {textArtifact} from '../engine/artifact.ts';
import {defineStage, each} from '../engine/stage.ts';
import {ablatedVariants} from '../reporting/analyses/ablated-variants.ts';
import {comparedBy, pageParams, provenanceOf} from '../reporting/analyses/compared.ts';
import {describeValues} from '../reporting/sensitivity/words.ts';
import {studyGroups} from '../reporting/study/groups.ts';
import {studyPage} from '../reporting/study/page.ts';
import {measureGroup, studyCsvTable, studyTables} from '../reporting/study/tables.ts';
import {tableCsv} from '../reporting/table-csv.ts';

/** The numbers and pictures of all variants, and the analyses of those that are compared → every table of the paper that applies, beside the paper's (Tables 2–7, Figs. 2 and 4–6). */
export const study = defineStage({
	name: 'study',
	inputs: {
		metrics: each(attackMetrics),
		start: each(startMetrics),
		images: each(imageSet),
		train: each(imageSet),
		distances: each(scaledDistances),
		projection: each(projection),
		similarity: each(gradientSimilarity),
		reliability: each(reliability),
		backend: each(textArtifact('backend-name', 'txt')),
	},
	params: Type.Object({
		...pageParams,
		studied: Type.Array(Type.Object({
			name: Type.String(),
			alpha: Type.Number(),
			samples: Type.Integer(),
			patch: Type.Record(Type.String(), Type.Unknown()),
			samplingAlpha: Type.Number(),
			optimizationAlpha: Type.Number(),
			selectionAlpha: Type.Number(),
			hasSelection: Type.Boolean(),
		}), {description: 'All variants; `variants` names those whose target models are analysed.'}),
	}),
	outputs: {tables, csv: textArtifact('csv', 'csv'), page: textArtifact('page', 'html')},
	async run({metrics, start, images, train, backend, ...analysed}, {studied, ...params}, {digests}) {
		const groups = studyGroups(studied.map(variant => ({...variant, seed: params.seed}))).map(group => measureGroup(group, metrics));
		const ablated = ablatedVariants(studied).map(variant => ({...variant, metrics: metrics[variant.name]!, start: start[variant.name]!}));
		const analyses = {
			distances: comparedBy(params, analysed.distances),
			projections: comparedBy(params, analysed.projection),
			similarities: comparedBy(params, analysed.similarity),
			reliabilities: comparedBy(params, analysed.reliability),
		};
		const pictured = groups.flatMap(({title, paths, points}) => points.map(({name, values}) => ({
			title: `${title}: ${describeValues(paths, values)}`, images: images[name]!, train: train[name]!,
		})));
		const {images: _images, train: _train, ...numbers} = digests;
		return {
			tables: studyTables({groups, ablated, analyses}),
			csv: tableCsv(studyCsvTable(groups, ablated)),
			page: await studyPage({groups, ablated, analyses, pictured, numVariants: studied.length, provenance: provenanceOf(params, backend, numbers)}),
		};
	},
});
