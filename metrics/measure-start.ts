import type {StartMetrics} from '../artifacts/analyses.ts';
import type {Classifier} from '../artifacts/classifier.ts';
import type {ImageSet} from '../artifacts/image-set.ts';
import type {OnStep} from '../engine/stage.ts';
import {buildClassifier, predictLogits, type ClassifierNetwork} from '../models/classifier.ts';
import {accuracy} from './accuracy.ts';
import {meanConfidence} from './confidence.ts';
import {featureDistance} from './feature-distance.ts';
import {imageFeatures} from './image-features.ts';

/** What the starts of an attack are judged by. */
export type StartEvidence = {
	/** Images of the initial latents, before optimization. */
	readonly initialImages: ImageSet;
	/** What the target model was trained on. */
	readonly train: ImageSet;
	readonly evaluation: Classifier;
	readonly embedding: Classifier;
};

/** Images per forward pass; only speed and memory depend on it. */
const batchSize = 100;

/** Measures images that were selected but not optimized (paper Fig. 6 (a)). Distances are unsquared L2, as in `measureAttack`. */
export async function measureStart({initialImages, train, ...models}: StartEvidence, onStep: OnStep): Promise<StartMetrics> {
	using evaluation = buildClassifier(models.evaluation);
	using embedding = buildClassifier(models.embedding);
	const {labels} = initialImages;
	const logits = await predictLogits(evaluation, initialImages, {batchSize, onStep});
	const distance = async (network: ClassifierNetwork) =>
		featureDistance(await imageFeatures(network, initialImages, {batchSize, onStep}), await imageFeatures(network, train, {batchSize, onStep}));
	return {
		accuracyTop1: accuracy(logits, labels),
		evaluationConfidence: meanConfidence(logits, labels),
		faceDistance: await distance(embedding),
		evaluationDistance: await distance(evaluation),
	};
}
