import {Type} from '@sinclair/typebox';
import {gradientSimilarity as similarityType} from '../artifacts/analyses.ts';
import {table} from '../artifacts/table.ts';
import {textArtifact} from '../engine/artifact.ts';
import {defineStage, each} from '../engine/stage.ts';
import {comparedBy, pageParams, provenanceOf} from '../reporting/analyses/compared.ts';
import {similarityCsvTable, similarityPage, similarityTable} from '../reporting/analyses/gradient-similarity.ts';
import {tableCsv} from '../reporting/table-csv.ts';

/** Gradient similarity of every variant → figures and table (paper Fig. 6 (b)). */
export const gradientSimilarity = defineStage({
	name: 'gradient-similarity',
	inputs: {similarity: each(similarityType), backend: each(textArtifact('backend-name', 'txt'))},
	params: Type.Object(pageParams),
	outputs: {table, csv: textArtifact('csv', 'csv'), page: textArtifact('page', 'html')},
	run({similarity, backend}, params, {digests}) {
		const variants = comparedBy(params, similarity);
		return {
			table: similarityTable(variants),
			csv: tableCsv(similarityCsvTable(variants)),
			page: similarityPage(variants, provenanceOf(params, backend, digests)),
		};
	},
});
