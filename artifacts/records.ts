import {jsonArtifact} from '../engine/artifact.ts';
import type {Prdc} from '../metrics/prdc.ts';

/** One row per epoch (training) or per step (optimization); every value is finite. */
export type History = {
	/** What a row counts. */
	readonly unit: 'epoch' | 'step';
	/** Column name → one value per row, such as `loss`, `trainAccuracy`, `alpha`, `learningRate`. */
	readonly columns: Readonly<Record<string, readonly number[]>>;
};

export const history = jsonArtifact<History>()('history', {
	preview({unit, columns}) {
		const names = Object.keys(columns);
		const last = names.map(name => `${name} ${columns[name]?.at(-1)?.toPrecision(4) ?? '–'}`).join(', ');
		return `${columns[names[0] ?? '']?.length ?? 0} ${unit}s; last: ${last}`;
	},
});

/**
 * What one attack extracted from one target model. Accuracies, confidences and ξ are fractions from 0 to 1.
 * The formulas are those of the paper (Sec. 4.1, B.4) and of its published code; `metrics/` computes them. Precision, recall, density and coverage are on
 * the features of the network of the FID; they are absent where a class has too few images for its nearest neighbours.
 */
export type AttackMetrics = EveryAttackMetric & Partial<Prdc>;

/** Names of the numbers that every attack has. */
export type AttackMetricName = keyof EveryAttackMetric;

type EveryAttackMetric = {
	/** Top-1 accuracy of the target model on the private test images. */
	readonly testAccuracy: number;
	/** Top-1 accuracy of the target model on its own training images. */
	readonly trainAccuracy: number;
	/** Calibration error of the target model on the test images: 10 bins, L2 norm, 0–1. */
	readonly ece: number;
	/** Mean absolute logit of the target model on the test images; tells how far negative smoothing drove it. */
	readonly meanAbsLogit: number;
	/** Share of reconstructions the evaluation model assigns to the target class. */
	readonly attackAccuracyTop1: number;
	/** Share of reconstructions whose target class is among the evaluation model's five best. */
	readonly attackAccuracyTop5: number;
	/** Evaluation model's mean softmax of the target class. */
	readonly evaluationConfidence: number;
	/** Feature distance δ_face: mean distance to the nearest training image of the class in the embedding model's space. */
	readonly faceDistance: number;
	/** Feature distance δ_eval: the same with the evaluation model's penultimate features. */
	readonly evaluationDistance: number;
	/** The same as `faceDistance` with every distance squared before averaging, which is what the tables of the paper hold. */
	readonly faceDistanceSquared: number;
	/** The same as `evaluationDistance` with every distance squared before averaging. */
	readonly evaluationDistanceSquared: number;
	/** Fréchet distance between reconstructions and training images on the evaluation model's features, of the input that `metrics.fidInput` says. */
	readonly fid: number;
	/** Knowledge extraction score ξ_train: accuracy on the target's training images of a surrogate trained on reconstructions only. */
	readonly knowledgeExtractionTrain: number;
	/** Knowledge extraction score ξ_test: the same on the private test images. */
	readonly knowledgeExtractionTest: number;
	/** Acc@1 of the initial latents, before optimization. */
	readonly samplingAccuracyTop1: number;
	/** Acc@1 of every optimized latent, before selection. */
	readonly optimizationAccuracyTop1: number;
};

export const attackMetrics = jsonArtifact<AttackMetrics>()('attack-metrics', {
	preview: metrics => Object.entries(metrics).map(([name, value]) => `${name.padEnd(28)} ${value.toPrecision(5)}`).join('\n'),
	numbers: metrics => metrics,
});

/** For each image of a set, the index of the nearest image of the same class in another set. */
export const nearestImages = jsonArtifact<readonly number[]>()('nearest-images', {preview: indices => `${indices.length} indices`});
