import type {Classifier} from '../artifacts/classifier.ts';
import {findArchitecture} from './architectures.ts';
import {weightOf} from './layers.ts';
import type {Network} from './networks/network.ts';
import {bottleneckLayer, outlineNetwork, type Outline} from './outline.ts';

/** What the weights of a classifier depend on besides its architecture. */
export type ClassifierWeightsOptions = Pick<Classifier, 'numClasses' | 'imageShape'> & {
	/** Outputs of the auxiliary head where the architecture has one; absent: as many as there are classes; 0: the head is left out. */
	readonly auxiliaryClasses?: number;
};

/**
 * The weights that a classifier of an architecture has, in the order of its layers. Those of the originals have the names and layouts of their PyTorch state
 * dicts, without `num_batches_tracked`.
 *
 * @throws {UserError} when there is no architecture of this name, or the images are too small for it.
 */
export function classifierWeights(architecture: string, {numClasses, imageShape, auxiliaryClasses = numClasses}: ClassifierWeightsOptions): ReadonlyArray<{readonly name: string; readonly shape: readonly number[]}> {
	const network = findArchitecture(architecture);
	const options = {numClasses, imageShape, auxiliaryClasses: network.auxiliaryHead === undefined || auxiliaryClasses === 0 ? undefined : auxiliaryClasses};
	return outlineNetwork(architecture, network, options).weights.map(({name, shape}) => ({name, shape}));
}

/** The network of a classifier, and its outline. The auxiliary head is in it where it is asked for and the weights have it. */
export function networkOf({architecture, numClasses, imageShape, bottleneck, weights}: Classifier, {withAuxiliaryHead}: {readonly withAuxiliaryHead: boolean}): {network: Network; outline: Outline; auxiliaryClasses: number | undefined} {
	const network = findArchitecture(architecture);
	const {format, auxiliaryHead} = network;
	const auxiliaryClasses = withAuxiliaryHead && auxiliaryHead !== undefined ? weights[format.nameOf(auxiliaryHead, 'bias')]?.data.length : undefined;
	const bottleneckWidth = bottleneck && (() => weightOf(weights, format.nameOf(bottleneckLayer, 'bias')).data.length / 2);
	return {network, outline: outlineNetwork(architecture, network, {numClasses, imageShape, auxiliaryClasses, bottleneckWidth}), auxiliaryClasses};
}

/** Numbers that a bottleneck lets through unless it says otherwise: half as many as there are features, as the paper's 1024 of 2048, unless the network says otherwise. */
export function bottleneckWidthOf({bottleneckWidth}: Network, featureSize: number): number {
	return bottleneckWidth ?? Math.ceil(featureSize / 2);
}
