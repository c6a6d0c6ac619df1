import type {Classifier, Weights} from '../artifacts/classifier.ts';
import type {RandomStream} from '../tensors/random.ts';
import {findArchitecture, planClassifier} from './architectures.ts';

type Weight = Weights[string];

/** A variational bottleneck before the last layer, as MID trains one. */
export type BottleneckOptions = NonNullable<Classifier['bottleneck']> & {
	/** Numbers that it lets through; absent: as many as the architecture says. */
	readonly width?: number | undefined;
};

/**
 * An untrained classifier. Convolutions and linear layers start uniform within ±1/√fanIn, as PyTorch's do; batch normalization starts as the identity.
 * Every weight has its own random stream, so its start depends on its name and shape only.
 *
 * Names: `block1/kernel` [kernelHeight, kernelWidth, in, out], `block1/scale`, `block1/offset`, `block1/movingMean`, `block1/movingVariance` [out] and so on;
 * `embedding/kernel` [in, out], `embedding/bias` [out] where there is an embedding; `bottleneck/kernel` [in, 2·width], `bottleneck/bias` [2·width] where there
 * is a bottleneck; `head/kernel` [in, numClasses], `head/bias` [numClasses].
 *
 * @throws {UserError} when there is no architecture of this name.
 */
export function initialClassifier(
	architecture: string,
	{numClasses, imageShape, bottleneck}: Pick<Classifier, 'numClasses' | 'imageShape'> & {readonly bottleneck?: BottleneckOptions | undefined},
	stream: RandomStream,
): Classifier {
	const {blocks, pooledSize, embeddingSize, bottleneckWidth} = planClassifier(findArchitecture(architecture), imageShape);
	const weights: Record<string, Weight> = {};
	for (const {name, kernelSize, inputChannels, outputChannels} of blocks) {
		const shape = [kernelSize, kernelSize, inputChannels, outputChannels];
		weights[`${name}/kernel`] = uniformWeight(shape, kernelSize * kernelSize * inputChannels, stream.split(`${name}/kernel`));
		weights[`${name}/scale`] = constantWeight(outputChannels, 1);
		weights[`${name}/offset`] = constantWeight(outputChannels, 0);
		weights[`${name}/movingMean`] = constantWeight(outputChannels, 0);
		weights[`${name}/movingVariance`] = constantWeight(outputChannels, 1);
	}

	const featureSize = embeddingSize ?? pooledSize;
	const width = bottleneck?.width ?? bottleneckWidth;
	return {
		architecture,
		numClasses,
		imageShape,
		...(bottleneck && {bottleneck: {noiseAtEvaluation: bottleneck.noiseAtEvaluation}}),
		weights: {
			...weights,
			...(embeddingSize === undefined ? {} : linearWeights('embedding', [pooledSize, embeddingSize], stream)),
			...(bottleneck && linearWeights('bottleneck', [featureSize, 2 * width], stream)),
			...linearWeights('head', [bottleneck ? width : featureSize, numClasses], stream),
		},
	};
}

/** Kernel [inputs, outputs] and bias [outputs] of a linear layer, uniform within ±1/√inputs, under `name/kernel` and `name/bias`. */
export function linearWeights(name: string, [inputs, outputs]: readonly [inputs: number, outputs: number], stream: RandomStream): Record<string, Weight> {
	return {
		[`${name}/kernel`]: uniformWeight([inputs, outputs], inputs, stream.split(`${name}/kernel`)),
		[`${name}/bias`]: uniformWeight([outputs], inputs, stream.split(`${name}/bias`)),
	};
}

function uniformWeight(shape: readonly number[], fanIn: number, stream: RandomStream): Weight {
	const bound = 1 / Math.sqrt(fanIn);
	return {shape, data: stream.uniforms(shape.reduce((product, size) => product * size, 1), -bound, bound)};
}

function constantWeight(length: number, value: number): Weight {
	return {shape: [length], data: new Float32Array(length).fill(value)};
}
