import {classifier} from '../artifacts/classifier.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {history} from '../artifacts/records.ts';
import {trainedModel, trainingCost} from '../costs/training.ts';
import {defineStage, type StageContext} from '../engine/stage.ts';
import {tensors} from '../tensors/runtime.ts';
import {trainingParams} from '../training/params.ts';
import type {ClassifierState} from '../training/train-classifier.ts';
import {trainFromScratch} from '../training/train-from-scratch.ts';

/** All private training images → the evaluation model, an independent judge of whom a reconstruction shows (paper Sec. B.2). */
export const evaluationTraining = defineStage({
	name: 'evaluation-training',
	runtime: tensors,
	seeded: true,
	inputs: {train: imageSet},
	params: trainingParams,
	outputs: {evaluation: classifier, history},
	cost: ({train}, params) => ({...trainingCost(train, params), outputs: {evaluation: trainedModel(train, params)}}),
	async run({train}, params, context: StageContext<ClassifierState>) {
		const {classifier: evaluation, history: curve} = await trainFromScratch(train, params, context);
		return {evaluation, history: curve};
	},
});
