import {classifier} from '../artifacts/classifier.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {history} from '../artifacts/records.ts';
import {trainedModel, trainingCost} from '../costs/training.ts';
import {defineStage, type StageContext} from '../engine/stage.ts';
import {tensors} from '../tensors/runtime.ts';
import {targetTrainingParams} from '../training/defense-params.ts';
import type {ClassifierState} from '../training/train-classifier.ts';
import {trainFromScratch} from '../training/train-from-scratch.ts';

/** Private subset → the target model that is attacked, trained with label smoothing (paper Sec. 4.1) and maybe a defence (paper Sec. B.5). */
export const targetTraining = defineStage({
	name: 'target-training',
	runtime: tensors,
	seeded: true,
	inputs: {train: imageSet},
	params: targetTrainingParams,
	outputs: {target: classifier, history},
	cost: ({train}, params) => ({...trainingCost(train, params), outputs: {target: trainedModel(train, params)}}),
	async run({train}, params, context: StageContext<ClassifierState>) {
		const {classifier: target, history: curve} = await trainFromScratch(train, params, context);
		return {target, history: curve};
	},
});
