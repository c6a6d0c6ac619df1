import {architectures, findArchitecture} from './architectures.ts';
import {defaultValues} from './initial-values.ts';
import {fidInceptionV3} from './networks/fid-inception-v3.ts';
import type {FeatureArchitecture, Network} from './networks/network.ts';
import {outlineNetwork, type Outline, type OutlineOptions} from './outline.ts';

/** Networks that only compare images and are never trained here, by name. */
const featureArchitectures: Readonly<Record<string, FeatureArchitecture>> = {fid_inception_v3: fidInceptionV3};

/** Names of all networks that may compare images. */
export const featureArchitectureNames: readonly string[] = [...Object.keys(architectures), ...Object.keys(featureArchitectures)];

/** Whether there is a network of this name that compares images and classifies none. */
export function isFeatureArchitecture(name: string): boolean {
	return Object.hasOwn(featureArchitectures, name);
}

/** @throws {UserError} when there is no architecture of this name */
export function findFeatureArchitecture(name: string): FeatureArchitecture {
	return isFeatureArchitecture(name) ? featureArchitectures[name]! : findArchitecture(name);
}

/** What a network that compares images consists of. */
export type FeatureOutline = Outline & {
	/** Names of the weights of its heads, which it can do without. */
	readonly unused: ReadonlySet<string>;
};

/**
 * The layers and weights of a network up to its features.
 *
 * @throws {UserError} when there is no architecture of this name, or the images are too small for it
 */
export function outlineFeatures(name: string, {imageShape}: Pick<OutlineOptions, 'imageShape'>): FeatureOutline {
	const {trunk, ...architecture} = findFeatureArchitecture(name);
	const network: Network = {
		...architecture,
		initialValues: defaultValues,
		// For shapes, both averages are the same.
		trunk: (layers, images, options) => trunk({...layers, averageInside: layers.averagePool}, images, options),
	};
	const {layers, weights, ...outline} = outlineNetwork(name, network, {imageShape, numClasses: 1});
	const needed = weights.filter(({layer}) => layer !== architecture.head);
	const names = new Set(needed.map(weight => weight.name));
	// The auxiliary head alone demands large images, and none of its weights depends on their size.
	const trained = outlineNetwork(name, network, {imageShape: [299, 299, imageShape[2]], numClasses: 1, auxiliaryClasses: architecture.auxiliaryHead === undefined ? undefined : 1});
	return {
		...outline,
		layers: layers.filter(layer => layer.kind === 'norm' || layer.name !== architecture.head),
		weights: needed,
		unused: new Set(trained.weights.map(weight => weight.name).filter(weight => !names.has(weight))),
	};
}
