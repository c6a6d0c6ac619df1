import type {Predictions} from '../artifacts/predictions.ts';
import type {AttackMetrics} from '../artifacts/records.ts';
import {accuracy} from './accuracy.ts';
import {calibrationError} from './calibration-error.ts';
import {checkReferences} from './check-evidence.ts';
import {meanConfidence} from './confidence.ts';
import {featureDistance, nearestReferences} from './feature-distance.ts';
import {labelledFeaturesOf} from './features.ts';
import {frechetDistance} from './frechet-distance.ts';
import {meanAbsoluteLogit} from './mean-absolute-logit.ts';
import {
	prdc, shortClasses, type Prdc, type PrdcDefinition,
} from './prdc.ts';

/** What the models say of the images by which one attack is judged. */
export type AttackEvidence = {
	/** The target model, of the private test images: logits. */
	readonly targetTest: Predictions;
	/** The target model, of what it was trained on: logits. */
	readonly targetTrain: Predictions;
	/** The surrogate, of the private test images: logits. */
	readonly surrogateTest: Predictions;
	/** The surrogate, of the private images that the reconstructions are compared with: those the target model was trained on, or all that it could have been. Logits. */
	readonly surrogateTrain: Predictions;
	/** The evaluation model, of the selected reconstructions: logits and features. */
	readonly selected: Predictions;
	/** The evaluation model, of the reconstructions of all optimized latents, before selection: logits. */
	readonly optimized: Predictions;
	/** The evaluation model, of the images of the initial latents, before optimization: logits. */
	readonly initial: Predictions;
	/** The evaluation model, of the private images compared with: features. */
	readonly train: Predictions;
	/** The embedding model, of the selected reconstructions: features. */
	readonly selectedFaces: Predictions;
	/** The embedding model, of the private images compared with: features. */
	readonly trainFaces: Predictions;
	/** The network of the FID, of the selected reconstructions and of the private images compared with: features. */
	readonly fidSelected: Predictions;
	readonly fidTrain: Predictions;
	/** The network of precision, recall, density and coverage, of the same images: features. */
	readonly fidelitySelected: Predictions;
	readonly fidelityTrain: Predictions;
};

/** What the numbers mean where sources differ. */
export type MeasuringOptions = {
	/** Nearest neighbours of precision, recall, density and coverage; when absent 3, and these metrics are left out where a class has too few images. */
	readonly neighbours?: number | undefined;
	/** `standard` when absent. */
	readonly prdcDefinition?: PrdcDefinition | undefined;
};

/** What was measured. */
export type Measurement = {
	readonly metrics: AttackMetrics;
	/** For each selected reconstruction the index of the nearest of the private images compared with, of its class, in the embedding space. */
	readonly nearest: readonly number[];
	/** What could not be measured and why, as sentences. */
	readonly notes: readonly string[];
};

const defaultNeighbours = 3;

/**
 * Measures one attack (paper Sec. 4.1 and B.4). Accuracies and ξ are fractions; distances are L2, and squared beside it.
 *
 * @throws {UserError} when there is nothing to compare with, or a model has fewer classes than the images
 */
export function measureAttack(evidence: AttackEvidence, options: MeasuringOptions = {}): Measurement {
	const {targetTest, selected, initial, optimized} = evidence;
	checkReferences(selected, evidence.train);
	const [images, train, faces, trainFaces] = [selected, evidence.train, evidence.selectedFaces, evidence.trainFaces].map(of => labelledFeaturesOf(of)) as [Labelled, Labelled, Labelled, Labelled];
	const {values: fidelity, notes} = measureFidelity(evidence, options);
	const metrics: AttackMetrics = {
		testAccuracy: top(targetTest),
		trainAccuracy: top(evidence.targetTrain),
		ece: calibrationError(targetTest.logits, targetTest.labels),
		meanAbsLogit: meanAbsoluteLogit(targetTest.logits),
		attackAccuracyTop1: top(selected),
		attackAccuracyTop5: top(selected, 5),
		evaluationConfidence: meanConfidence(selected.logits, selected.labels),
		faceDistance: featureDistance(faces, trainFaces),
		evaluationDistance: featureDistance(images, train),
		faceDistanceSquared: featureDistance(faces, trainFaces, {squared: true}),
		evaluationDistanceSquared: featureDistance(images, train, {squared: true}),
		fid: frechetDistance(labelledFeaturesOf(evidence.fidSelected), labelledFeaturesOf(evidence.fidTrain)),
		knowledgeExtractionTrain: top(evidence.surrogateTrain),
		knowledgeExtractionTest: top(evidence.surrogateTest),
		samplingAccuracyTop1: top(initial),
		optimizationAccuracyTop1: top(optimized),
		...fidelity,
	};
	return {metrics, nearest: [...nearestReferences(faces, trainFaces).indices], notes};
}

type Labelled = ReturnType<typeof labelledFeaturesOf>;

function top({logits, labels}: Predictions, k = 1): number {
	return accuracy(logits, labels, {k});
}

/** Precision, recall, density and coverage, unless nobody asked for a number of neighbours and a class has too few images for the usual one. */
function measureFidelity({fidelitySelected, fidelityTrain}: AttackEvidence, {neighbours, prdcDefinition: definition = 'standard'}: MeasuringOptions): {values: Partial<Prdc>; notes: readonly string[]} {
	const [real, generated] = [labelledFeaturesOf(fidelityTrain), labelledFeaturesOf(fidelitySelected)];
	const k = neighbours ?? defaultNeighbours;
	const [short] = neighbours === undefined ? shortClasses(real, generated, k) : [];
	return short
		? {values: {}, notes: [`precision, recall, density and coverage are left out: they need more than ${k} images of each class, and class ${short.label} has ${short.count} ${short.set} ones; set "metrics.neighbours" lower`]}
		: {values: prdc(real, generated, {k, definition}), notes: []};
}
