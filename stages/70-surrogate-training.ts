import {classifier} from '../artifacts/classifier.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {history} from '../artifacts/records.ts';
import {trainedModel, trainingCost} from '../costs/training.ts';
import {defineStage, type StageContext} from '../engine/stage.ts';
import {tensors} from '../tensors/runtime.ts';
import {trainingParams} from '../training/params.ts';
import type {ClassifierState} from '../training/train-classifier.ts';
import {trainFromScratch} from '../training/train-from-scratch.ts';

/** Reconstructions only → the surrogate, whose accuracy on real images is the knowledge extraction score (paper Sec. B.4). */
export const surrogateTraining = defineStage({
	name: 'surrogate-training',
	runtime: tensors,
	seeded: true,
	inputs: {reconstructions: imageSet},
	params: trainingParams,
	outputs: {surrogate: classifier, history},
	cost: ({reconstructions}, params) => ({...trainingCost(reconstructions, params), outputs: {surrogate: trainedModel(reconstructions, params)}}),
	async run({reconstructions}, params, context: StageContext<ClassifierState>) {
		const {classifier: surrogate, history: curve} = await trainFromScratch(reconstructions, params, context);
		return {surrogate, history: curve};
	},
});
