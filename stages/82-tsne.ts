import {Type} from '@sinclair/typebox';
import {projection} from '../artifacts/analyses.ts';
import {predictions} from '../artifacts/predictions.ts';
import {tsneCost} from '../costs/prediction.ts';
import {defineStage, type StageContext} from '../engine/stage.ts';
import {firstClasses, labelledFeaturesOf} from '../metrics/features.ts';
import {layOut, type TsneState} from '../metrics/tsne.ts';
import {randomStream} from '../tensors/random.ts';

/** Features of the first classes → their layout in the plane (paper Fig. 4). Every variant starts from the same random layout. */
export const tsne = defineStage({
	name: 'tsne',
	inputs: {features: predictions},
	params: Type.Object({
		classes: Type.Integer({minimum: 1, maximum: 100_000, description: 'Classes that are shown, the first ones; all when there are fewer.'}),
		perplexity: Type.Number({minimum: 1, description: 'Effective number of neighbours of a sample; below the number of samples.'}),
		earlyExaggeration: Type.Number({minimum: 1, description: 'Factor on the affinities in the first 250 iterations.'}),
		learningRate: Type.Number({exclusiveMinimum: 0, description: 'Step size of the gradient descent.'}),
		iterations: Type.Integer({minimum: 1, maximum: 1_000_000, description: 'Steps of the gradient descent.'}),
		seed: Type.Integer({description: 'Seed of the first layout; apart from that of the run, so that layouts do not change with it.'}),
	}),
	outputs: {projection},
	cost: ({features}, params) => tsneCost(features, params),
	async run({features}, {classes, seed, ...options}, {onStep, resume}: StageContext<TsneState>) {
		const shown = firstClasses(labelledFeaturesOf(features), classes);
		const {x, y, divergence} = await layOut(shown, options, {stream: randomStream(`t-SNE ${seed}`), onStep, resume});
		return {projection: {x: [...x], y: [...y], labels: [...shown.labels], divergence}};
	},
});
