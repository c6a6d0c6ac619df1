import {Type} from '@sinclair/typebox';
import {reliability} from '../artifacts/analyses.ts';
import {classifier} from '../artifacts/classifier.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {textArtifact} from '../engine/artifact.ts';
import {defineStage} from '../engine/stage.ts';
import {measureReliability} from '../metrics/reliability.ts';
import {buildClassifier, predictLogits} from '../models/classifier.ts';
import {tensors} from '../tensors/runtime.ts';

/** Target model, private test images → confidence and accuracy per interval of confidence. */
export const calibration = defineStage({
	name: 'calibration',
	runtime: tensors,
	inputs: {target: classifier, test: imageSet},
	params: Type.Object({
		bins: Type.Integer({minimum: 1, maximum: 1000, description: 'Equal intervals of confidence on [0, 1); confidences of exactly 1 have one of their own.'}),
	}),
	outputs: {reliability, backend: textArtifact('backend-name', 'txt')},
	async run({target, test}, {bins}, {onStep, backend}) {
		using network = buildClassifier(target);
		return {reliability: measureReliability(await predictLogits(network, test, {batchSize: 100, onStep}), test.labels, {bins}), backend};
	},
});
