import type {StartMetrics} from '../artifacts/analyses.ts';
import type {Predictions} from '../artifacts/predictions.ts';
import {accuracy} from './accuracy.ts';
import {meanConfidence} from './confidence.ts';
import {featureDistance} from './feature-distance.ts';
import {labelledFeaturesOf} from './features.ts';

/** What the models say of the images by which the starts of an attack are judged. */
export type StartEvidence = {
	/** The evaluation model, of the images of the initial latents: logits. */
	readonly initial: Predictions;
	/** The evaluation model, of the same images, and of what the target model was trained on: features. */
	readonly initialFeatures: Predictions;
	readonly train: Predictions;
	/** The embedding model, of the same: features. */
	readonly initialFaces: Predictions;
	readonly trainFaces: Predictions;
};

/** Measures images that were selected but not optimized (paper Fig. 6 (a)). Distances are unsquared L2, as in `measureAttack`. */
export function measureStart({initial: {logits, labels}, initialFeatures, train, initialFaces, trainFaces}: StartEvidence): StartMetrics {
	const distance = (images: Predictions, references: Predictions) => featureDistance(labelledFeaturesOf(images), labelledFeaturesOf(references));
	return {
		accuracyTop1: accuracy(logits, labels),
		evaluationConfidence: meanConfidence(logits, labels),
		faceDistance: distance(initialFaces, trainFaces),
		evaluationDistance: distance(initialFeatures, train),
	};
}
