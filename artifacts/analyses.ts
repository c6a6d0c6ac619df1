import {jsonArtifact} from '../engine/artifact.ts';

/** Samples in the plane, where neighbours in feature space lie together (t-SNE). Distances between far groups mean little, axes nothing. */
export type Projection = {
	/** [count] each. */
	readonly x: readonly number[];
	readonly y: readonly number[];
	/** [count]; class of each sample. */
	readonly labels: readonly number[];
	/** Kullback–Leibler divergence between the affinities in feature space and in the plane: 0 or more, lower is more faithful. */
	readonly divergence: number;
};

export const projection = jsonArtifact<Projection>()('projection', {
	preview: ({labels, divergence}) => `${labels.length} samples of ${new Set(labels).size} classes, divergence ${divergence.toPrecision(4)}`,
	numbers: ({divergence}) => ({tsneDivergence: divergence}),
});

/** The four distances of each sample, as shares (0–1) of the largest distance between any two samples of the model. */
export type ScaledDistances = {
	/** [count]; mean distance to the other samples of the same class. */
	readonly meanIntra: readonly number[];
	/** [count]; mean distance to the samples of other classes. */
	readonly meanInter: readonly number[];
	/** [count]; distance to the nearest other sample of the same class. */
	readonly nearestIntra: readonly number[];
	/** [count]; distance to the nearest sample of another class. */
	readonly nearestInter: readonly number[];
	/** [count]; class of each sample. */
	readonly labels: readonly number[];
	/** What the distances were divided by, in the unit of the features; above 0. */
	readonly maximum: number;
};

/** The four distances, in the order of reports. */
export const distanceKinds = ['meanIntra', 'meanInter', 'nearestIntra', 'nearestInter'] as const;

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

export const scaledDistances = jsonArtifact<ScaledDistances>()('scaled-distances', {
	preview: distances => distanceKinds.map(kind => `${kind.padEnd(13)} ${meanOf(distances[kind]).toPrecision(4)} on average`).join('\n'),
	numbers: distances => Object.fromEntries(distanceKinds.map(kind => [`${kind}Distance`, meanOf(distances[kind])])),
});

/** Which loss an attack descends. */
export type AttackLoss = 'poincare' | 'cross-entropy';

/** How alike the gradients of consecutive optimizer steps are, for one loss. Position k belongs to step t = k + 2 and compares it with step t − 1. */
export type SimilarityCurve = {
	readonly loss: AttackLoss;
	/** Cosine from −1 to 1, averaged over the samples whose two gradients are not zero; `null` where there is no such sample. */
	readonly mean: ReadonlyArray<number | null>;
	/** Sample standard deviation over the same samples; `null` where there are fewer than two. */
	readonly deviation: ReadonlyArray<number | null>;
	/** Samples left out because a gradient is exactly zero and has no direction. */
	readonly zeroGradients: readonly number[];
};

/** Gradient similarity of the attack on one target model (Struppek et al. 2024, Eq. 4). */
export type GradientSimilarity = {
	/** Latents that were optimized. */
	readonly samples: number;
	readonly curves: readonly SimilarityCurve[];
};

/** Steps at the end that are averaged to one number. */
export const lateSteps = 10;

/** Mean of a curve over all steps, or the last ones, that have a value; `null` when none has. */
export function meanSimilarity({mean}: SimilarityCurve, last = mean.length): number | null {
	const values = mean.slice(-last).filter(value => value !== null);
	return values.length === 0 ? null : meanOf(values);
}

/** The same over all samples, where a gradient that is zero counts as cosine 0, as PyTorch's `cosine_similarity` does it. */
export function meanSimilarityWithZeros({mean, zeroGradients}: SimilarityCurve, samples: number, last = mean.length): number {
	return meanOf(mean.map((value, step) => (value ?? 0) * (samples - zeroGradients[step]!) / samples).slice(-last));
}

/** Share of the pairs of consecutive gradients that were left out, 0–1. */
export function zeroShare({zeroGradients}: SimilarityCurve, samples: number): number {
	return meanOf(zeroGradients) / samples;
}

export const gradientSimilarity = jsonArtifact<GradientSimilarity>()('gradient-similarity', {
	preview: ({samples, curves}) => curves.map(curve =>
		`${curve.loss.padEnd(13)} cosine ${meanSimilarity(curve)?.toFixed(3) ?? '–'} on average, ${meanSimilarity(curve, lateSteps)?.toFixed(3) ?? '–'} in the last ${lateSteps} steps; ${(100 * zeroShare(curve, samples)).toFixed(1)} % without direction`).join('\n'),
	numbers: ({samples, curves}) => Object.fromEntries(curves.flatMap(curve => [
		[`${curve.loss} gradient similarity`, meanSimilarity(curve)],
		[`${curve.loss} gradient similarity, last ${lateSteps} steps`, meanSimilarity(curve, lateSteps)],
		[`${curve.loss} zero gradients`, zeroShare(curve, samples)],
	].filter((entry): entry is [string, number] => entry[1] !== null))),
});

/** Samples whose confidence lies in one interval. */
export type CalibrationBin = {
	/** Confidences from here on … */
	readonly lower: number;
	/** … to below here; equal to `lower` = 1 for the bin of confidences of exactly 1. */
	readonly upper: number;
	readonly count: number;
	/** Mean confidence; `null` when the bin is empty. */
	readonly confidence: number | null;
	/** Share of correct predictions; `null` when the bin is empty. */
	readonly accuracy: number | null;
};

/** How confidence and accuracy of a model fit together. */
export type Reliability = {
	/** In ascending order; the last one holds confidences of exactly 1. */
	readonly bins: readonly CalibrationBin[];
	/** Calibration error over these bins, L2 norm, 0–1. */
	readonly ece: number;
	/** Share of correct predictions, 0–1. */
	readonly accuracy: number;
	/** Mean confidence of the top prediction, 0–1. */
	readonly confidence: number;
};

export const reliability = jsonArtifact<Reliability>()('reliability', {
	preview: ({ece, accuracy, confidence}) => `ECE ${ece.toFixed(4)}: right in ${(100 * accuracy).toFixed(1)} % at a mean confidence of ${(100 * confidence).toFixed(1)} %`,
	numbers: ({ece, confidence}) => ({ece, meanConfidence: confidence}),
});

/** What the evaluation and embedding models say about images that were selected but not optimized (Struppek et al. 2024, Fig. 6 (a)). */
export type StartMetrics = {
	/** Share that the evaluation model assigns to the target class, 0–1. */
	readonly accuracyTop1: number;
	/** Evaluation model's mean softmax of the target class, 0–1. */
	readonly evaluationConfidence: number;
	/** Feature distance δ_face to the training images of the class. */
	readonly faceDistance: number;
	/** Feature distance δ_eval to the training images of the class. */
	readonly evaluationDistance: number;
};

export const startMetrics = jsonArtifact<StartMetrics>()('start-metrics', {
	preview: metrics => Object.entries(metrics).map(([name, value]) => `${name.padEnd(21)} ${value.toPrecision(5)}`).join('\n'),
	numbers: metrics => Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`start ${name}`, value])),
});
