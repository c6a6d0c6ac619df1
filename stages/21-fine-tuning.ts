import {classifier} from '../artifacts/classifier.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {history} from '../artifacts/records.ts';
import {trainedModel, trainingCost} from '../costs/training.ts';
import {defineStage, type StageContext} from '../engine/stage.ts';
import {tensors} from '../tensors/runtime.ts';
import {targetTrainingParams} from '../training/defense-params.ts';
import {fineTune} from '../training/fine-tune.ts';
import type {ClassifierState} from '../training/train-classifier.ts';

/** Imported weights, images → a classifier of these people, trained on from there (paper Sec. B.2 and B.3: all models start from ImageNet's weights). */
export const fineTuning = defineStage({
	name: 'fine-tuning',
	runtime: tensors,
	seeded: true,
	inputs: {train: imageSet, initial: classifier},
	params: targetTrainingParams,
	outputs: {model: classifier, history},
	cost: ({train}, params) => ({...trainingCost(train, params), outputs: {model: trainedModel(train, params)}}),
	async run({train, initial}, params, context: StageContext<ClassifierState>) {
		const {classifier: model, history: curve} = await fineTune(initial, train, params, context);
		return {model, history: curve};
	},
});
