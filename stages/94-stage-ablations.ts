import {Type} from '@sinclair/typebox';
import {startMetrics} from '../artifacts/analyses.ts';
import {attackMetrics} from '../artifacts/records.ts';
import {tables} from '../artifacts/table.ts';
import {textArtifact} from '../engine/artifact.ts';
import {defineStage, each} from '../engine/stage.ts';
import {ablationCsvTable, ablationTables, startAdvantages, startTable} from '../reporting/analyses/ablations.ts';
import {ablationsPage} from '../reporting/analyses/ablations-page.ts';
import {provenanceOf} from '../reporting/analyses/compared.ts';
import {tableCsv} from '../reporting/table-csv.ts';

/** Numbers of attacks whose stages looked at different target models → the paper's Tables 5–7 and Fig. 6 (a) in small. */
export const stageAblations = defineStage({
	name: 'stage-ablations',
	inputs: {metrics: each(attackMetrics), start: each(startMetrics), backend: each(textArtifact('backend-name', 'txt'))},
	params: Type.Object({
		runs: Type.Array(Type.Object({
			name: Type.String(), samplingAlpha: Type.Number(), optimizationAlpha: Type.Number(), selectionAlpha: Type.Number(), hasSelection: Type.Boolean(), patch: Type.Record(Type.String(), Type.Unknown()),
		})),
		seed: Type.Integer(),
		params: Type.Unknown(),
	}),
	outputs: {tables, csv: textArtifact('csv', 'csv'), page: textArtifact('page', 'html')},
	run({metrics, start, backend}, {runs, ...params}, {digests}) {
		const ablated = runs.map(run => ({...run, metrics: metrics[run.name]!, start: start[run.name]!}));
		const ablations = ablationTables(ablated);
		const starts = startAdvantages(ablated);
		return {
			tables: [...ablations.map(({table}) => table), ...(starts.length === 0 ? [] : [startTable(starts)])],
			csv: tableCsv(ablationCsvTable(ablations)),
			page: ablationsPage(ablated, provenanceOf(params, backend, digests)),
		};
	},
});
