import {classifier} from '../artifacts/classifier.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {predictions} from '../artifacts/predictions.ts';
import {predicted, predictionCost} from '../costs/prediction.ts';
import {textArtifact} from '../engine/artifact.ts';
import {defineStage, type StageContext} from '../engine/stage.ts';
import {predictionParams} from '../metrics/params.ts';
import {predictImages} from '../metrics/predict-images.ts';
import {judgeBatchSize, type PredictionState} from '../metrics/prediction-rows.ts';
import {buildJudge} from '../models/judge.ts';
import {tensors} from '../tensors/runtime.ts';

/** Model, real images of the size that it reads → what it says of them. Those of the training images are shared by all attacks. */
export const imagePredictions = defineStage({
	name: 'image-predictions',
	runtime: tensors,
	inputs: {model: classifier, images: imageSet},
	params: predictionParams,
	outputs: {predictions, backend: textArtifact('backend-name', 'txt')},
	cost: ({model, images}) => ({...predictionCost(model, images), outputs: {predictions: predicted(model, {count: images.shape[0], classes: images.identities})}}),
	async run({model, images}, {keep, input}, {onStep, resume, log, backend}: StageContext<PredictionState>) {
		using network = buildJudge(model);
		return {predictions: await predictImages(network, images, {keep, input, batchSize: judgeBatchSize(model.imageShape), onStep, resume, log}), backend};
	},
});
