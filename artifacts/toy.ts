import {artifactType, jsonArtifact} from '../engine/artifact.ts';
import {canonicalJson} from '../engine/canonical-json.ts';
import {float32, int32} from './arrays.ts';
import {decodeSafetensors, encodeSafetensors} from './safetensors.ts';

/** A place in the plane. */
export type Place = readonly [x: number, y: number];

/** Labelled points in the plane. */
export type ToyPoints = {
	/** Row-major [count, 2]. */
	readonly points: Float32Array;
	/** [count]; 0 to the number of classes − 1. */
	readonly labels: Int32Array;
};

/** A trained classifier of points: linear layers, each but the last followed by batch normalization and ReLU; the last one has no bias. */
export type ToyNetwork = {
	/** Numbers per point from the input to the logits, such as [2, 20, 20, 3]. */
	readonly widths: readonly number[];
	/** What training changes. Per hidden layer: weight (row-major [outputs, inputs]), bias, scale γ, shift β; then the weight of the last layer. */
	readonly weights: Float64Array;
	/** Running means of the batch normalizations, one hidden layer after the other. */
	readonly means: Float64Array;
	/** Their running variances. */
	readonly variances: Float64Array;
};

/** How a model inversion attack on a network went. */
export type ToyInversion = {
	/** The start, and where every update led. */
	readonly path: readonly Place[];
	/** Index, from 0, of the step before whose update the confidence was high enough; `null` when there was none. */
	readonly steps: number | null;
	/** In the target class, 0 to 1, before the last update. */
	readonly confidence: number;
	/** From the end of the path to the nearest training point of the target class. */
	readonly distance: number;
	/** That training point. */
	readonly nearest: Place;
};

/** What the attack on the network of one smoothing factor gave, beside what the paper says. */
export type ToyResult = ToyInversion & {
	/** Smoothing factor the network was trained with. */
	readonly alpha: number;
	/** Label smoothing loss before the last update of the training. */
	readonly trainingLoss: number;
	/** What the paper prints for this factor; `null` for other factors, and where the params are not the paper's. */
	readonly paper: {readonly steps: number; readonly distance: number | null} | null;
	/** Whether the steps are the paper's, and the distance too to the digits it prints; `null` where there is nothing to compare with. */
	readonly agrees: boolean | null;
};

/** All that the toy example found out. */
export type ToyRecord = {
	/** The params it was computed with. */
	readonly settings: unknown;
	/** In the order of the params. */
	readonly results: readonly ToyResult[];
};

export const toyPoints = artifactType<'toy-points', ToyPoints>({
	kind: 'toy-points',
	extension: 'safetensors',
	encode: ({points, labels}) => encodeSafetensors({
		arrays: {points: {shape: [labels.length, 2], data: points}, labels: {shape: [labels.length], data: labels}},
		metadata: {},
	}),
	decode(bytes) {
		const {points, labels} = decodeSafetensors(bytes).arrays;
		return {points: float32(points, 'points'), labels: int32(labels, 'labels')};
	},
	preview: ({labels}) => `${labels.length} points of ${new Set(labels).size} classes`,
});

/** As JSON, which keeps every bit of a float64 where the arrays of safetensors files here are float32. */
export const toyNetwork = artifactType<'toy-network', ToyNetwork>({
	kind: 'toy-network',
	extension: 'json',
	encode: ({widths, ...arrays}) => [new TextEncoder().encode(canonicalJson({
		widths, ...Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, [...array]])),
	}))],
	decode(bytes) {
		const {widths, weights, means, variances} = JSON.parse(new TextDecoder().decode(bytes)) as Record<keyof ToyNetwork, number[]>;
		return {widths, weights: Float64Array.from(weights), means: Float64Array.from(means), variances: Float64Array.from(variances)};
	},
	preview: ({widths, weights}) => `${widths.join('–')}, ${weights.length} weights`,
});

export const toyInversion = jsonArtifact<ToyInversion>()('toy-inversion', {
	preview: ({path, steps, distance}) => `${steps === null ? `not confident enough after ${path.length - 1} steps` : `${steps} steps`}, ${distance.toPrecision(5)} from the nearest training point`,
});

export const toyRecord = jsonArtifact<ToyRecord>()('toy-record', {
	preview: ({results}) => `${results.length} smoothing factors`,
});
