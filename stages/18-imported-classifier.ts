import {Type} from '@sinclair/typebox';
import {classifier} from '../artifacts/classifier.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {history} from '../artifacts/records.ts';
import {recordLines, weightsRecord} from '../artifacts/weights-source.ts';
import {missing, readingCost} from '../costs/files.ts';
import {inTurn, predictionCost} from '../costs/prediction.ts';
import {trainedModel} from '../costs/training.ts';
import {defineStage, file} from '../engine/stage.ts';
import {tensors} from '../tensors/runtime.ts';
import {targetTrainingParams} from '../training/defense-params.ts';
import {inputTransformOf, weightsParams} from '../training/weights-params.ts';
import {importClassifier} from '../weights/import.ts';
import {measureImported} from '../weights/measure.ts';

/** File of weights, test images → the classifier that they make, and what it recognises (paper Sec. B.2). It was trained elsewhere, so its history is empty. */
export const importedClassifier = defineStage({
	name: 'imported-classifier',
	runtime: tensors,
	inputs: {weights: file, test: imageSet},
	params: Type.Composite([Type.Pick(targetTrainingParams, ['architecture', 'defense']), Type.Pick(weightsParams, ['inputTransform'])]),
	outputs: {model: classifier, record: weightsRecord, history},
	cost({weights, test}, params) {
		const model = trainedModel(test, params);
		return {...inTurn(readingCost(weights), predictionCost(model, test)), ...missing(weights, `the weights of ${params.architecture}`), outputs: {model}};
	},
	async run({weights, test}, {architecture, defense, inputTransform}, {onStep, log}) {
		const {identities, shape: [, ...imageShape]} = test;
		const imported = await importClassifier({
			file: weights.path,
			architecture,
			numClasses: identities.length,
			imageShape,
			bottleneck: defense?.kind === 'mid' ? defense : undefined,
			transformInput: inputTransformOf(inputTransform),
		}, onStep);
		const {classifier: model, record} = await measureImported(imported, test, onStep);
		for (const line of recordLines(record)) {
			log(line);
		}

		return {model, record, history: {unit: 'epoch' as const, columns: {}}};
	},
});
