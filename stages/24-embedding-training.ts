import {classifier} from '../artifacts/classifier.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {history} from '../artifacts/records.ts';
import {trainedModel, trainingCost} from '../costs/training.ts';
import {defineStage, type StageContext} from '../engine/stage.ts';
import {tensors} from '../tensors/runtime.ts';
import {trainingParams} from '../training/params.ts';
import type {ClassifierState} from '../training/train-classifier.ts';
import {trainFromScratch} from '../training/train-from-scratch.ts';

/** Images of people nobody else uses → the embedding model, whose feature space tells how alike two faces are (the FaceNet of the paper, Sec. B.4). */
export const embeddingTraining = defineStage({
	name: 'embedding-training',
	runtime: tensors,
	seeded: true,
	inputs: {images: imageSet},
	params: trainingParams,
	outputs: {embedding: classifier, history},
	cost: ({images}, params) => ({...trainingCost(images, params), outputs: {embedding: trainedModel(images, params)}}),
	async run({images}, params, context: StageContext<ClassifierState>) {
		const {classifier: embedding, history: curve} = await trainFromScratch(images, params, context);
		return {embedding, history: curve};
	},
});
