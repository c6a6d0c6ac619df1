import {Type} from '@sinclair/typebox';
import {projection, scaledDistances} from '../artifacts/analyses.ts';
import {table} from '../artifacts/table.ts';
import {textArtifact} from '../engine/artifact.ts';
import {defineStage, each} from '../engine/stage.ts';
import {comparedBy, pageParams, provenanceOf} from '../reporting/analyses/compared.ts';
import {embeddingPage} from '../reporting/analyses/embedding-page.ts';
import {distanceTable, embeddingCsvTable} from '../reporting/analyses/embedding-tables.ts';
import {tableCsv} from '../reporting/table-csv.ts';

/** Distances and layouts of every variant → the embedding analysis (paper Figs. 4 and 5). */
export const embedding = defineStage({
	name: 'embedding',
	inputs: {distances: each(scaledDistances), projection: each(projection), backend: each(textArtifact('backend-name', 'txt'))},
	params: Type.Object(pageParams),
	outputs: {table, csv: textArtifact('csv', 'csv'), page: textArtifact('page', 'html')},
	run({distances, projection: projections, backend}, params, {digests}) {
		const [measured, laidOut] = [comparedBy(params, distances), comparedBy(params, projections)];
		const both = measured.map((variant, index) => ({...variant, value: {distances: variant.value, projection: laidOut[index]!.value}}));
		return {
			table: distanceTable(measured),
			csv: tableCsv(embeddingCsvTable(both)),
			page: embeddingPage(measured, laidOut, provenanceOf(params, backend, digests)),
		};
	},
});
