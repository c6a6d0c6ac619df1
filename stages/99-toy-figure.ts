import {Type} from '@sinclair/typebox';
import {history} from '../artifacts/records.ts';
import {table} from '../artifacts/table.ts';
import {toyInversion, toyNetwork, toyPoints, toyRecord} from '../artifacts/toy.ts';
import {textArtifact} from '../engine/artifact.ts';
import {defineStage, each} from '../engine/stage.ts';
import {tableCsv} from '../reporting/table-csv.ts';
import {toyPage} from '../reporting/toy/page.ts';
import {besidePaper} from '../reporting/toy/paper.ts';
import {toyCsvTable, toyTable} from '../reporting/toy/tables.ts';
import {confidenceGrid, toyClassifier} from '../toy/classifier.ts';
import {toyDataParams, toyFigureParams, toyInversionParams, toyTrainingParams} from '../toy/params.ts';

/** The networks of all smoothing factors and the attacks on them → table, record and page (paper Fig. 1). */
export const toyFigure = defineStage({
	name: 'toy-figure',
	inputs: {points: toyPoints, network: each(toyNetwork), history: each(history), inversion: each(toyInversion)},
	params: Type.Object({
		figure: toyFigureParams,
		models: Type.Array(Type.Object({name: Type.String(), alpha: Type.Number()})),
		settings: Type.Object({data: toyDataParams, training: toyTrainingParams, inversion: toyInversionParams}),
	}),
	outputs: {table, csv: textArtifact('csv', 'csv'), record: toyRecord, page: textArtifact('page', 'html')},
	run({points, network, history: curve, inversion}, {figure, models, settings}, {digests}) {
		const outcomes = models.map(({name, alpha}) => ({...inversion[name]!, alpha, trainingLoss: curve[name]!.columns.loss!.at(-1)!}));
		const record = {settings, results: besidePaper(outcomes, settings)};
		const page = toyPage({
			points,
			models: record.results.map((result, index) => {
				const {name} = models[index]!;
				return {...result, history: curve[name]!, confidenceGrid: confidenceGrid(toyClassifier(network[name]!), figure)};
			}),
			settings,
			inversion: settings.inversion,
			axes: figure,
			provenance: {
				seed: `${settings.data.numpySeed} (points), ${settings.training.pytorchSeed} (weights)`,
				params: {...settings, alphas: models.map(({alpha}) => alpha), figure},
				backend: 'float64 arithmetic',
				inputs: Object.entries(digests).flatMap(([artifact, found]) => (typeof found === 'string'
					? [{variant: 'all', artifact, digest: found}]
					: Object.entries(found).map(([variant, digest]) => ({variant, artifact, digest})))),
			},
		});
		return {table: toyTable(record, settings), csv: tableCsv(toyCsvTable(record)), record, page};
	},
});
