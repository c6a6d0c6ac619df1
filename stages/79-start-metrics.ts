import {Type} from '@sinclair/typebox';
import {startMetrics as startMetricsType} from '../artifacts/analyses.ts';
import {classifier} from '../artifacts/classifier.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {defineStage} from '../engine/stage.ts';
import {measureStart} from '../metrics/measure-start.ts';
import {tensors} from '../tensors/runtime.ts';

/** Images that were selected but not optimized, training images, judges → how well the starts alone show the person (paper Fig. 6 (a)). */
export const startMetrics = defineStage({
	name: 'start-metrics',
	runtime: tensors,
	inputs: {initialImages: imageSet, train: imageSet, evaluation: classifier, embedding: classifier},
	params: Type.Object({}),
	outputs: {metrics: startMetricsType},
	run: async (inputs, _, {onStep}) => ({metrics: await measureStart(inputs, onStep)}),
});
