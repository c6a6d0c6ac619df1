import {Type} from '@sinclair/typebox';
import {scaledDistances} from '../artifacts/analyses.ts';
import {predictions} from '../artifacts/predictions.ts';
import {distancesCost} from '../costs/prediction.ts';
import {defineStage} from '../engine/stage.ts';
import {labelledFeaturesOf} from '../metrics/features.ts';
import {measureDistances} from '../metrics/scaled-distances.ts';

/** Features → how far every sample is from its own class and from others, scaled by the largest distance (paper Fig. 5). */
export const featureDistances = defineStage({
	name: 'feature-distances',
	inputs: {features: predictions},
	params: Type.Object({}),
	outputs: {distances: scaledDistances},
	cost: ({features}) => distancesCost(features),
	run: async ({features}, _, {onStep}) => ({distances: await measureDistances(labelledFeaturesOf(features), onStep)}),
});
