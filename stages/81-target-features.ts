import {Type} from '@sinclair/typebox';
import {classifier} from '../artifacts/classifier.ts';
import {labelledFeatures} from '../artifacts/features.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {textArtifact} from '../engine/artifact.ts';
import {defineStage} from '../engine/stage.ts';
import {imageFeatures} from '../metrics/image-features.ts';
import {buildClassifier} from '../models/classifier.ts';
import {tensors} from '../tensors/runtime.ts';

/** Target model, its training images → its penultimate activations of them, without augmentation (paper Sec. 4.3). */
export const targetFeatures = defineStage({
	name: 'target-features',
	runtime: tensors,
	inputs: {target: classifier, train: imageSet},
	params: Type.Object({}),
	outputs: {features: labelledFeatures, backend: textArtifact('backend-name', 'txt')},
	async run({target, train}, _, {onStep, backend}) {
		using network = buildClassifier(target);
		return {features: await imageFeatures(network, train, {batchSize: 100, onStep}), backend};
	},
});
