import type {Classifier} from '../../artifacts/classifier.ts';
import type {Decoder} from '../../artifacts/generator.ts';
import {initialClassifier, linearWeights} from '../../models/initial-classifier.ts';
import {randomStream} from '../../tensors/random.ts';

/** What a step is made with. */
export type StepCase = {
	readonly kind: 'training' | 'attack';
	/** Of the classifier: trained, or attacked. */
	readonly architecture: string;
	/** Height and width of the images. */
	readonly size: number;
	/** Images of a training step; latents of an attack step. */
	readonly batch: number;
	/** How many more steps are timed than are asked for; short steps vary more. */
	readonly repeats: number;
	/** Steps before those that are timed, in which compilers, caches and pools of memory settle; a training makes hundreds or thousands. */
	readonly warmUps: number;
};

export const stepCases = {
	'train target-small 32': {kind: 'training', architecture: 'target-small', size: 32, batch: 12, repeats: 5, warmUps: 80},
	'attack target-small 32': {kind: 'attack', architecture: 'target-small', size: 32, batch: 100, repeats: 3, warmUps: 8},
	'train resnet18 64': {kind: 'training', architecture: 'resnet18', size: 64, batch: 32, repeats: 1, warmUps: 3},
	'attack resnet18 64': {kind: 'attack', architecture: 'resnet18', size: 64, batch: 25, repeats: 1, warmUps: 3},
} as const satisfies Record<string, StepCase>;

export type StepName = keyof typeof stepCases;

/** As in the default experiment. */
export const numClasses = 30;
export const labelSmoothing = 0.1;
export const learningRates = {training: 0.002, attack: 0.02} as const;
export const attackBetas = {beta1: 0.1, beta2: 0.1} as const;
export const cropScale: readonly [number, number] = [0.9, 1];

/** Sizes of the default experiment's decoder: latents, two hidden layers, principal components. */
const [latentSize, hidden, components] = [40, 320, 192];

const streamOf = (name: string) => randomStream(`steps of ${name}`);

/** The classifier before training; its moving moments are those of the start. */
export function classifierOf({architecture, size}: StepCase): Classifier {
	return initialClassifier(architecture, {numClasses, imageShape: [size, size, 3]}, streamOf(architecture));
}

/** The decoder that the pipeline trains, with random weights. Its images are around middle grey. */
export function decoderOf({size}: StepCase): Decoder {
	const stream = streamOf('decoder');
	const pixels = size * size * 3;
	return {
		latentSize,
		imageShape: [size, size, 3],
		weights: {
			...linearWeights('decoder1', [latentSize, hidden], stream),
			...linearWeights('decoder2', [hidden, hidden], stream),
			...linearWeights('decoder3', [hidden, components], stream),
			basis: {shape: [components, pixels], data: stream.split('basis').uniforms(components * pixels, -0.5, 0.5)},
			mean: {shape: [pixels], data: new Float32Array(pixels).fill(0.5)},
		},
	};
}

/** Images in [−1, 1], [batch, size, size, 3]. */
export function imagesOf({batch, size}: StepCase): Float32Array {
	return streamOf('images').uniforms(batch * size * size * 3, -1, 1);
}

/** Where the attack starts, [batch, latentSize]. */
export function latentsOf({batch}: StepCase): {readonly latents: Float32Array; readonly latentSize: number} {
	return {latents: streamOf('latents').normals(batch * latentSize), latentSize};
}

/** The class of each image or latent. */
export function classesOf({batch}: StepCase): Int32Array {
	return Int32Array.from({length: batch}, (_, index) => index % numClasses);
}

/** Where a step of the attack draws its crops from. */
export function cropStream(step: number) {
	return streamOf('crops').split(`step ${step}`);
}
