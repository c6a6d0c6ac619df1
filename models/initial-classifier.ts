import type {Classifier, Weights} from '../artifacts/classifier.ts';
import type {RandomStream} from '../tensors/random.ts';
import {findArchitecture} from './architectures.ts';
import {bottleneckWidthOf} from './classifier-weights.ts';
import {drawInitialValues} from './initial-values.ts';
import {outlineNetwork} from './outline.ts';

type Weight = Weights[string];

/** A variational bottleneck before the last layer, as MID trains one. */
export type BottleneckOptions = NonNullable<Classifier['bottleneck']> & {
	/** Numbers that it lets through; absent: as many as the architecture says. */
	readonly width?: number | undefined;
};

/**
 * An untrained classifier. Its weights are drawn as the original's constructor draws them; those of the small networks start uniform within ±1/√fanIn, as
 * PyTorch's own layers do, and batch normalization starts as the identity. Every weight has its own random stream, so its start depends on its name and shape only.
 *
 * Names of the small networks: `block1/kernel` [kernelHeight, kernelWidth, in, out], `block1/scale`, `block1/offset`, `block1/movingMean`, `block1/movingVariance`
 * [out] and so on; `embedding/kernel` [in, out], `embedding/bias` [out] where there is an embedding; `bottleneck/kernel` [in, 2·width], `bottleneck/bias` [2·width]
 * where there is a bottleneck; `head/kernel` [in, numClasses], `head/bias` [numClasses]. The others have the names and shapes of PyTorch.
 *
 * @throws {UserError} when there is no architecture of this name, or the images are too small for it.
 */
export function initialClassifier(
	architecture: string,
	{numClasses, imageShape, bottleneck}: Pick<Classifier, 'numClasses' | 'imageShape'> & {readonly bottleneck?: BottleneckOptions | undefined},
	stream: RandomStream,
): Classifier {
	const network = findArchitecture(architecture);
	const {weights} = outlineNetwork(architecture, network, {
		numClasses,
		imageShape,
		auxiliaryClasses: network.auxiliaryHead === undefined ? undefined : numClasses,
		bottleneckWidth: bottleneck && (featureSize => bottleneck.width ?? bottleneckWidthOf(network, featureSize)),
	});
	return {
		architecture,
		numClasses,
		imageShape,
		...(bottleneck && {bottleneck: {noiseAtEvaluation: bottleneck.noiseAtEvaluation}}),
		weights: Object.fromEntries(weights.map(weight => [weight.name, {
			shape: weight.shape,
			data: drawInitialValues(network.initialValues(weight), weight.shape.reduce((product, size) => product * size, 1), stream.split(weight.name)),
		}])),
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
