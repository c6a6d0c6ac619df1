import {Type} from '@sinclair/typebox';
import {classifier} from '../artifacts/classifier.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {recordLines, weightsRecord} from '../artifacts/weights-source.ts';
import {missing, readingCost} from '../costs/files.ts';
import {imageShapeOf} from '../costs/models.ts';
import {defineStage, file} from '../engine/stage.ts';
import {trainingParams} from '../training/params.ts';
import {inputTransformOf, weightsParams} from '../training/weights-params.ts';
import {importInitial} from '../weights/import.ts';
import {recordOf} from '../weights/record.ts';

/** File of weights, images of the size it will read → a classifier of whatever classes it was trained on: a feature space, or the beginning of a training. */
export const importedWeights = defineStage({
	name: 'imported-weights',
	inputs: {weights: file, images: imageSet},
	params: Type.Composite([Type.Pick(trainingParams, ['architecture']), Type.Pick(weightsParams, ['inputTransform'])]),
	outputs: {model: classifier, record: weightsRecord},
	cost: ({weights, images}, {architecture}) => ({
		...readingCost(weights),
		...missing(weights, `the weights of ${architecture}`),
		outputs: {model: {architecture, imageShape: imageShapeOf(images), hasBottleneck: false}},
	}),
	async run({weights, images: {shape: [, ...imageShape]}}, {architecture, inputTransform}, {onStep, log}) {
		const imported = await importInitial({file: weights.path, architecture, imageShape, transformInput: inputTransformOf(inputTransform)}, onStep);
		const record = recordOf(imported, []);
		for (const line of recordLines(record)) {
			log(line);
		}

		return {model: imported.classifier, record};
	},
});
