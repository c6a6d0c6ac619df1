import type {Classifier} from '../../artifacts/classifier.ts';
import type {Generator} from '../../artifacts/generator.ts';
import {initialClassifier, linearWeights} from '../../models/initial-classifier.ts';
import {randomStream} from '../../tensors/random.ts';

/** Height and width of what the untrained networks see and make. */
export const untrainedSize = 8;

/** A classifier of RGB images with random weights: real in everything but its opinions. */
export function untrainedClassifier(seed: string, {architecture = 'surrogate-small', numClasses = 3} = {}): Classifier {
	return initialClassifier(architecture, {numClasses, imageShape: [untrainedSize, untrainedSize, 3]}, randomStream(seed));
}

/** A generator of RGB images with random weights, around middle grey. */
export function untrainedGenerator(seed: string, {latentSize = 3, hidden = 6, components = 5} = {}): Generator {
	const stream = randomStream(seed);
	const pixels = untrainedSize * untrainedSize * 3;
	return {
		latentSize,
		imageShape: [untrainedSize, untrainedSize, 3],
		weights: {
			...linearWeights('layer1', [latentSize, hidden], stream),
			...linearWeights('layer2', [hidden, components], stream),
			basis: {shape: [components, pixels], data: stream.uniforms(components * pixels, -0.5, 0.5)},
			mean: {shape: [pixels], data: new Float32Array(pixels).fill(0.5)},
		},
	};
}
