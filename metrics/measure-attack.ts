import * as tf from '@tensorflow/tfjs-core';
import type {Classifier} from '../artifacts/classifier.ts';
import type {ImageSet} from '../artifacts/image-set.ts';
import type {AttackMetrics} from '../artifacts/records.ts';
import type {OnStep} from '../engine/stage.ts';
import {
	buildClassifier, classifierInput, predictLogits, type ClassifierNetwork,
} from '../models/classifier.ts';
import {accuracy} from './accuracy.ts';
import {calibrationError} from './calibration-error.ts';
import {checkEvidence} from './check-evidence.ts';
import {meanConfidence} from './confidence.ts';
import {featureDistance, nearestReferences} from './feature-distance.ts';
import type {LabelledFeatures} from './features.ts';
import {frechetDistance} from './frechet-distance.ts';
import {imageFeatures} from './image-features.ts';
import {meanAbsoluteLogit} from './mean-absolute-logit.ts';
import {
	prdc, shortClasses, type Prdc, type PrdcDefinition,
} from './prdc.ts';

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

/** What the numbers mean where sources differ. */
export type MeasuringOptions = {
	/**
	 * What the feature network of the FID sees. `standard`: images in [−1, 1], as it was trained on. `official`: the same normalised once more, so in
	 * [−3, 1], as in the paper's code; its FIDs compare only with others of the same kind. `standard` when absent.
	 */
	readonly fidInput?: 'standard' | 'official' | undefined;
	/** Nearest neighbours of precision, recall, density and coverage; when absent 3, and these metrics are left out where a class has too few images. */
	readonly neighbours?: number | undefined;
	/** `standard` when absent. */
	readonly prdcDefinition?: PrdcDefinition | undefined;
};

/** What was measured. */
export type Measurement = {
	readonly metrics: AttackMetrics;
	/** For each reconstruction the index of the nearest training image of its class in the embedding space. */
	readonly nearest: readonly number[];
	/** What could not be measured and why, as sentences. */
	readonly notes: readonly string[];
};

const defaultNeighbours = 3;

/**
 * Measures one attack (paper Sec. 4.1 and B.4). Accuracies and ξ are fractions; distances are L2, and squared beside it.
 *
 * @throws {UserError} when images are missing, or a model yields NaN
 */
export async function measureAttack(evidence: AttackEvidence, onStep: OnStep, options: MeasuringOptions = {}): Promise<Measurement> {
	const {images, candidates, initialImages, train, test} = evidence;
	checkEvidence(evidence);
	using target = buildClassifier(evidence.target);
	using evaluation = buildClassifier(evidence.evaluation);
	using embedding = buildClassifier(evidence.embedding);
	using surrogate = buildClassifier(evidence.surrogate);
	const {fidInput = 'standard'} = options;
	const passes = fidInput === 'official' ? 13 : 11;
	let done = 0;
	const logitsOf = async (network: ClassifierNetwork, set: ImageSet) => {
		const logits = await predictLogits(network, set, {batchSize});
		await onStep(++done, passes, 'pass');
		return logits;
	};

	const featuresOf = async (network: ClassifierNetwork, set: ImageSet) => {
		const features = await imageFeatures(network, set, {batchSize});
		await onStep(++done, passes, 'pass');
		return features;
	};

	const testLogits = await logitsOf(target, test);
	const imageLogits = await logitsOf(evaluation, images);
	const [attackFeatures, trainFeatures] = [await featuresOf(evaluation, images), await featuresOf(evaluation, train)];
	const [imageFaces, trainFaces] = [await featuresOf(embedding, images), await featuresOf(embedding, train)];
	const [fidImages, fidTrain] = fidInput === 'official'
		? [await featuresOf(normalisedTwice(evaluation), images), await featuresOf(normalisedTwice(evaluation), train)]
		: [attackFeatures, trainFeatures];
	const {values: fidelity, notes} = measureFidelity(trainFeatures, attackFeatures, options);
	const metrics: AttackMetrics = {
		testAccuracy: accuracy(testLogits, test.labels),
		trainAccuracy: accuracy(await logitsOf(target, train), train.labels),
		ece: calibrationError(testLogits, test.labels),
		meanAbsLogit: meanAbsoluteLogit(testLogits),
		attackAccuracyTop1: accuracy(imageLogits, images.labels),
		attackAccuracyTop5: accuracy(imageLogits, images.labels, {k: 5}),
		evaluationConfidence: meanConfidence(imageLogits, images.labels),
		faceDistance: featureDistance(imageFaces, trainFaces),
		evaluationDistance: featureDistance(attackFeatures, trainFeatures),
		faceDistanceSquared: featureDistance(imageFaces, trainFaces, {squared: true}),
		evaluationDistanceSquared: featureDistance(attackFeatures, trainFeatures, {squared: true}),
		fid: frechetDistance(fidImages, fidTrain),
		knowledgeExtractionTrain: accuracy(await logitsOf(surrogate, train), train.labels),
		knowledgeExtractionTest: accuracy(await logitsOf(surrogate, test), test.labels),
		samplingAccuracyTop1: accuracy(await logitsOf(evaluation, initialImages), initialImages.labels),
		optimizationAccuracyTop1: accuracy(await logitsOf(evaluation, candidates), candidates.labels),
		...fidelity,
	};
	return {metrics, nearest: [...nearestReferences(imageFaces, trainFaces).indices], notes};
}

/** A network whose images are normalised once more than it expects. */
function normalisedTwice(network: ClassifierNetwork): ClassifierNetwork {
	return {...network, features: images => tf.tidy(() => network.features(classifierInput(images)))};
}

/** Precision, recall, density and coverage, unless nobody asked for a number of neighbours and a class has too few images for the usual one. */
function measureFidelity(real: LabelledFeatures, generated: LabelledFeatures, {neighbours, prdcDefinition: definition = 'standard'}: MeasuringOptions): {values: Partial<Prdc>; notes: readonly string[]} {
	const k = neighbours ?? defaultNeighbours;
	const [short] = neighbours === undefined ? shortClasses(real, generated, k) : [];
	return short
		? {values: {}, notes: [`precision, recall, density and coverage are left out: they need more than ${k} images of each class, and class ${short.label} has ${short.count} ${short.set} ones; set "metrics.neighbours" lower`]}
		: {values: prdc(real, generated, {k, definition}), notes: []};
}
