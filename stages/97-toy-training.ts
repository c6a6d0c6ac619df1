import {Type} from '@sinclair/typebox';
import {history} from '../artifacts/records.ts';
import {toyNetwork, toyPoints} from '../artifacts/toy.ts';
import {defineStage, type StageContext} from '../engine/stage.ts';
import {initialNetwork} from '../toy/layers.ts';
import {toyAlpha, toyTrainingParams} from '../toy/params.ts';
import {trainToy, type ToyTrainingState} from '../toy/training.ts';

/** Points → a small network that tells their classes apart, trained with label smoothing. */
export const toyTraining = defineStage({
	name: 'toy-training',
	inputs: {points: toyPoints},
	params: Type.Composite([toyTrainingParams, Type.Object({alpha: toyAlpha, numClasses: Type.Integer({minimum: 2})})]),
	outputs: {network: toyNetwork, history},
	async run({points}, {widths, numClasses, pytorchSeed, ...training}, context: StageContext<ToyTrainingState>) {
		const {network, history: curve} = await trainToy(initialNetwork([2, ...widths, numClasses], pytorchSeed), points, training, context);
		return {network, history: curve};
	},
});
