import type {Classifier} from '../artifacts/classifier.ts';
import type {ImageSet} from '../artifacts/image-set.ts';
import type {AttackMetrics} from '../artifacts/records.ts';
import type {OnStep} from '../engine/stage.ts';
import {buildClassifier, predictFeatures, predictLogits, type ClassifierNetwork} from '../models/classifier.ts';
import {accuracy} from './accuracy.ts';
import {calibrationError} from './calibration-error.ts';
import {meanConfidence} from './confidence.ts';
import {featureDistance, nearestReferences} from './feature-distance.ts';
import type {LabelledFeatures} from './features.ts';
import {frechetDistance} from './frechet-distance.ts';
import {meanAbsoluteLogit} from './mean-absolute-logit.ts';

/** Everything one attack is judged by. All image sets share their classes. */
export type AttackEvidence = {
	/** Selected reconstructions. */
	readonly images: ImageSet;
	/** Reconstructions of all optimized latents, before selection. */
	readonly candidates: ImageSet;
	/** Images of the initial latents, before optimization. */
	readonly initialImages: ImageSet;
	/** What the target model was trained on. */
	readonly train: ImageSet;
	readonly test: ImageSet;
	readonly target: Classifier;
	readonly evaluation: Classifier;
	readonly embedding: Classifier;
	readonly surrogate: Classifier;
};

/** Images per forward pass; only speed and memory depend on it. */
const batchSize = 100;

/**
 * Measures one attack (paper Sec. 4.1 and B.4). Accuracies and ξ are fractions; distances are unsquared L2.
 * @returns the numbers, and for each reconstruction the index of the nearest training image of its class in the embedding space
 */
export async function measureAttack(evidence: AttackEvidence, onStep: OnStep): Promise<{metrics: AttackMetrics; nearest: readonly number[]}> {
	const {images, candidates, initialImages, train, test} = evidence;
	using target = buildClassifier(evidence.target);
	using evaluation = buildClassifier(evidence.evaluation);
	using embedding = buildClassifier(evidence.embedding);
	using surrogate = buildClassifier(evidence.surrogate);
	const passes = 11;
	let done = 0;
	const logitsOf = async (network: ClassifierNetwork, set: ImageSet) => {
		const logits = await predictLogits(network, set, {batchSize});
		await onStep(++done, passes, 'pass');
		return logits;
	};

	const featuresOf = async (network: ClassifierNetwork, set: ImageSet): Promise<LabelledFeatures> => {
		const values = await predictFeatures(network, set, {batchSize});
		await onStep(++done, passes, 'pass');
		return {values, size: values.length / set.labels.length, labels: set.labels};
	};

	const testLogits = await logitsOf(target, test);
	const imageLogits = await logitsOf(evaluation, images);
	const [imageFeatures, trainFeatures] = [await featuresOf(evaluation, images), await featuresOf(evaluation, train)];
	const [imageFaces, trainFaces] = [await featuresOf(embedding, images), await featuresOf(embedding, train)];
	const metrics: AttackMetrics = {
		testAccuracy: accuracy(testLogits, test.labels),
		trainAccuracy: accuracy(await logitsOf(target, train), train.labels),
		ece: calibrationError(testLogits, test.labels),
		meanAbsLogit: meanAbsoluteLogit(testLogits),
		attackAccuracyTop1: accuracy(imageLogits, images.labels),
		attackAccuracyTop5: accuracy(imageLogits, images.labels, {k: 5}),
		evaluationConfidence: meanConfidence(imageLogits, images.labels),
		faceDistance: featureDistance(imageFaces, trainFaces),
		evaluationDistance: featureDistance(imageFeatures, trainFeatures),
		fid: frechetDistance(imageFeatures, trainFeatures),
		knowledgeExtractionTrain: accuracy(await logitsOf(surrogate, train), train.labels),
		knowledgeExtractionTest: accuracy(await logitsOf(surrogate, test), test.labels),
		samplingAccuracyTop1: accuracy(await logitsOf(evaluation, initialImages), initialImages.labels),
		optimizationAccuracyTop1: accuracy(await logitsOf(evaluation, candidates), candidates.labels),
	};
	return {metrics, nearest: [...nearestReferences(imageFaces, trainFaces).indices]};
}
