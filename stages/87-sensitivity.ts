import {Type} from '@sinclair/typebox';
import {imageSet} from '../artifacts/image-set.ts';
import {attackMetrics} from '../artifacts/records.ts';
import {sensitivityRecord} from '../artifacts/sensitivity.ts';
import {table} from '../artifacts/table.ts';
import {textArtifact} from '../engine/artifact.ts';
import {defineStage, each} from '../engine/stage.ts';
import {analyseSweep} from '../reporting/sensitivity/analysis.ts';
import {sensitivityPage} from '../reporting/sensitivity/page.ts';
import {deviationTable, sensitivityCsvTable} from '../reporting/sensitivity/tables.ts';
import {describeValues} from '../reporting/sensitivity/words.ts';
import {tableCsv} from '../reporting/table-csv.ts';

/** A point by name, with one value per swept param. */
const point = {name: Type.String(), values: Type.Array(Type.Unknown())};

/** The numbers and pictures of every point of a sweep → table, record and page of how sensitive they are (paper Fig. 2). */
export const sensitivity = defineStage({
	name: 'sensitivity',
	inputs: {
		metrics: each(attackMetrics),
		images: each(imageSet),
		train: each(imageSet),
		backend: each(textArtifact('backend-name', 'txt')),
	},
	params: Type.Object({
		advantage: Type.Optional(Type.Union([Type.Literal('relative'), Type.Literal('absolute')])),
		paths: Type.Array(Type.String()),
		points: Type.Array(Type.Object({...point, seed: Type.Integer(), alpha: Type.Number()})),
		failed: Type.Array(Type.Object(point)),
		params: Type.Unknown(),
	}),
	outputs: {table, sensitivity: sensitivityRecord, csv: textArtifact('csv', 'csv'), page: textArtifact('page', 'html')},
	async run({metrics, images, train, backend}, {advantage, paths, points, failed, params}, {digests}) {
		const found = analyseSweep(paths, points.map(({name, ...rest}) => ({name, ...rest, metrics: metrics[name]!})), failed);
		// With several seeds, the pictures are those of the first one.
		const pictured = found.cells.map(({values, seeds: [seed]}) => points.find(other => other.seed === seed && JSON.stringify(other.values) === JSON.stringify(values))!);
		const page = await sensitivityPage({
			sensitivity: found,
			advantage,
			pictured: pictured.map(({name, values}) => ({title: describeValues(paths, values), images: images[name]!, train: train[name]!})),
			provenance: {
				seed: [...new Set(points.map(({seed}) => seed))].join(', '),
				params,
				backend: [...new Set(Object.values(backend))].join(', '),
				inputs: Object.entries(digests.metrics as Record<string, string>).map(([variant, digest]) => ({variant, artifact: 'metrics', digest})),
			},
		});
		return {table: deviationTable(found), sensitivity: found, csv: tableCsv(sensitivityCsvTable(found, advantage)), page};
	},
});
