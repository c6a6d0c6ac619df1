import {findArchitecture} from './architectures.ts';
import {bottleneckWidthOf} from './classifier-weights.ts';
import type {BottleneckOptions} from './initial-classifier.ts';
import {outlineNetwork, type OutlineOptions} from './outline.ts';

/** What the weights of a classifier depend on besides its architecture. */
export type ExpectedWeightsOptions = Pick<OutlineOptions, 'numClasses' | 'imageShape'> & {
	/** Outputs of the auxiliary head where the architecture has one; absent: it is left out. */
	readonly auxiliaryClasses?: number | undefined;
	readonly bottleneck?: BottleneckOptions | undefined;
};

/** A weight that a classifier has. */
export type ExpectedWeight = {readonly name: string; readonly shape: readonly number[]};

/**
 * Names and shapes of the weights that a classifier of an architecture has, in the order of its layers.
 * @throws {UserError} when there is no architecture of this name, or the images are too small for it
 */
export function expectedWeights(architecture: string, {numClasses, imageShape, auxiliaryClasses, bottleneck}: ExpectedWeightsOptions): readonly ExpectedWeight[] {
	const network = findArchitecture(architecture);
	const hasAuxiliaryHead = network.auxiliaryHead !== undefined && auxiliaryClasses !== undefined;
	return outlineNetwork(architecture, network, {
		numClasses,
		imageShape: hasAuxiliaryHead ? trainable(imageShape) : imageShape,
		auxiliaryClasses: hasAuxiliaryHead ? auxiliaryClasses : undefined,
		bottleneckWidth: bottleneck && (featureSize => bottleneck.width ?? bottleneckWidthOf(network, featureSize)),
	}).weights.map(({name, shape}) => ({name, shape}));
}

/** An auxiliary head demands large images, though only of a training; its network averages over all places, so that no weight depends on their size. */
function trainable([height, width, channels]: ExpectedWeightsOptions['imageShape']): ExpectedWeightsOptions['imageShape'] {
	return [Math.max(299, height), Math.max(299, width), channels];
}

/** Architectures whose network may change the scale of its input first, which is a choice and no weight; see `Classifier.transformInput`. */
const withInputTransform: ReadonlySet<string> = new Set(['inception_v3']);

/** Whether an architecture leaves open what scale its input has. */
export function hasInputTransform(architecture: string): boolean {
	return withInputTransform.has(architecture);
}
