import {Type} from '@sinclair/typebox';
import {reliability as reliabilityType} from '../artifacts/analyses.ts';
import {table} from '../artifacts/table.ts';
import {textArtifact} from '../engine/artifact.ts';
import {defineStage, each} from '../engine/stage.ts';
import {comparedBy, pageParams, provenanceOf} from '../reporting/analyses/compared.ts';
import {reliabilityCsvTable, reliabilityPage, reliabilityTable} from '../reporting/analyses/reliability.ts';
import {tableCsv} from '../reporting/table-csv.ts';

/** Calibration of every variant → reliability diagrams and table. */
export const reliability = defineStage({
	name: 'reliability',
	inputs: {reliability: each(reliabilityType), backend: each(textArtifact('backend-name', 'txt'))},
	params: Type.Object(pageParams),
	outputs: {table, csv: textArtifact('csv', 'csv'), page: textArtifact('page', 'html')},
	run({reliability: measured, backend}, params, {digests}) {
		const variants = comparedBy(params, measured);
		return {
			table: reliabilityTable(variants),
			csv: tableCsv(reliabilityCsvTable(variants)),
			page: reliabilityPage(variants, provenanceOf(params, backend, digests)),
		};
	},
});
