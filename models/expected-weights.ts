import type {Classifier} from '../artifacts/classifier.ts';
import {randomStream} from '../tensors/random.ts';
import {initialClassifier, type BottleneckOptions} from './initial-classifier.ts';

/** What the weights of a classifier depend on besides its architecture. */
export type ExpectedWeightsOptions = Pick<Classifier, 'numClasses' | 'imageShape'> & {
	readonly bottleneck?: BottleneckOptions | undefined;
};

/**
 * Names and shapes of the weights that a classifier of an architecture has, in the order of its layers.
 * @throws {UserError} when there is no architecture of this name
 */
export function expectedWeights(architecture: string, options: ExpectedWeightsOptions): ReadonlyArray<{readonly name: string; readonly shape: readonly number[]}> {
	const {weights} = initialClassifier(architecture, options, randomStream('shapes alone'));
	return Object.entries(weights).map(([name, {shape}]) => ({name, shape}));
}

/** Beginnings of the names of layers that published files hold and no network here has: the classes that FaceNet and the FID network were trained on. */
const removable: Readonly<Record<string, readonly string[]>> = {
	inception_resnet_v1: ['logits.'],
	fid_inception: ['fc.'],
};

/** Beginnings of the names of weights that a file of an architecture may hold and nobody uses. */
export function removableWeights(architecture: string): readonly string[] {
	return Object.hasOwn(removable, architecture) ? removable[architecture]! : [];
}

/** Architectures whose network may change the scale of its input first, which is a choice and no weight; see `Classifier.transformInput`. */
const withInputTransform: ReadonlySet<string> = new Set(['inception_v3']);

/** Whether an architecture leaves open what scale its input has. */
export function hasInputTransform(architecture: string): boolean {
	return withInputTransform.has(architecture);
}
