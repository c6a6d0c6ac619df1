import {Type} from '@sinclair/typebox';
import {predictions} from '../artifacts/predictions.ts';
import {attackMetrics, nearestImages} from '../artifacts/records.ts';
import {metricsCost} from '../costs/prediction.ts';
import {defineStage} from '../engine/stage.ts';
import {measureAttack} from '../metrics/measure-attack.ts';

/** What models say of reconstructions and real images → every number of one row of the result table (paper Sec. 4.1 and B.4). */
export const metrics = defineStage({
	name: 'metrics',
	inputs: {
		targetTest: predictions,
		targetTrain: predictions,
		surrogateTest: predictions,
		surrogateTrain: predictions,
		selected: predictions,
		optimized: predictions,
		initial: predictions,
		train: predictions,
		selectedFaces: predictions,
		trainFaces: predictions,
		fidSelected: predictions,
		fidTrain: predictions,
		fidelitySelected: predictions,
		fidelityTrain: predictions,
	},
	params: Type.Object({
		neighbours: Type.Optional(Type.Integer({minimum: 1, maximum: 1000, description: 'Nearest neighbours of precision, recall, density and coverage; every class needs more images than this. 3 when absent, and then these metrics are left out where a class has fewer.'})),
		prdcDefinition: Type.Optional(Type.Union([Type.Literal('standard'), Type.Literal('official')], {description: 'Precision, recall and density: "standard" as published, "official" as in the authors\' code, which looks at the nearest ball alone and divides the density by the number of real images. "standard" when absent.'})),
	}),
	outputs: {metrics: attackMetrics, nearest: nearestImages},
	cost: evidence => metricsCost(evidence),
	run(evidence, params, {log}) {
		const {metrics: numbers, nearest, notes} = measureAttack(evidence, params);
		for (const note of notes) {
			log(note);
		}

		return {metrics: numbers, nearest};
	},
});
