import {classifier} from '../artifacts/classifier.ts';
import {generator} from '../artifacts/generator.ts';
import {latentSet} from '../artifacts/latents.ts';
import {predictions} from '../artifacts/predictions.ts';
import {renderBatchSize} from '../attacks/render.ts';
import {latentPredictionCost, predicted} from '../costs/prediction.ts';
import {textArtifact} from '../engine/artifact.ts';
import {defineStage, type StageContext} from '../engine/stage.ts';
import {predictionParams} from '../metrics/params.ts';
import {predictLatents, shownTo} from '../metrics/predict-latents.ts';
import {judgeBatchSize, type PredictionState} from '../metrics/prediction-rows.ts';
import {buildGenerator} from '../models/generator.ts';
import {buildJudge} from '../models/judge.ts';
import {tensors} from '../tensors/runtime.ts';

/** Model, latents, generator → what the model says of their images at its own size, which are kept nowhere (paper Sec. B.4). */
export const latentPredictions = defineStage({
	name: 'latent-predictions',
	runtime: tensors,
	inputs: {model: classifier, latents: latentSet, generator},
	params: predictionParams,
	outputs: {predictions, backend: textArtifact('backend-name', 'txt')},
	cost: ({model, latents, generator: prior}) => ({...latentPredictionCost(model, latents, prior), outputs: {predictions: predicted(model, {count: latents.count, classes: model.numClasses ?? 1})}}),
	async run({model, latents, generator: prior}, {keep, input}, {onStep, resume, log, backend}: StageContext<PredictionState>) {
		using network = buildJudge(model);
		using generate = buildGenerator(shownTo(model, prior));
		const batchSize = Math.min(judgeBatchSize(model.imageShape), renderBatchSize(prior));
		return {predictions: await predictLatents(network, latents, generate, {keep, input, batchSize, onStep, resume, log}), backend};
	},
});
