import {Type} from '@sinclair/typebox';
import {startMetrics as startMetricsType} from '../artifacts/analyses.ts';
import {predictions} from '../artifacts/predictions.ts';
import {defineStage} from '../engine/stage.ts';
import {measureStart} from '../metrics/measure-start.ts';

/** What the judges say of images that were selected but not optimized, and of training images → how well the starts alone show the person (paper Fig. 6 (a)). */
export const startMetrics = defineStage({
	name: 'start-metrics',
	inputs: {initial: predictions, initialFeatures: predictions, train: predictions, initialFaces: predictions, trainFaces: predictions},
	params: Type.Object({}),
	outputs: {metrics: startMetricsType},
	run: evidence => ({metrics: measureStart(evidence)}),
});
