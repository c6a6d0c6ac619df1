import type {Static} from '@sinclair/typebox';
import type {Classifier, Weights} from '../artifacts/classifier.ts';
import type {ImageSet} from '../artifacts/image-set.ts';
import type {StageContext} from '../engine/stage.ts';
import {findArchitecture} from '../models/architectures.ts';
import {initialClassifier} from '../models/initial-classifier.ts';
import {randomStream} from '../tensors/random.ts';
import {checkClasses} from './check-classes.ts';
import type {targetTrainingParams} from './defense-params.ts';
import {trainClassifier, type ClassifierState, type TrainedClassifier} from './train-classifier.ts';

type Weight = Weights[string];

/**
 * Trains a classifier on from weights that it has. All of it is trained; order and augmentation follow from the seed, as from scratch.
 *
 * @throws {UserError} when a class has no image, or the loss stops being finite.
 */
export async function fineTune(initial: Classifier, train: ImageSet, params: Static<typeof targetTrainingParams>, {seed, onStep, resume}: Pick<StageContext<ClassifierState>, 'seed' | 'onStep' | 'resume'>): Promise<TrainedClassifier> {
	const {alpha, smoothingRamp: ramp, holdUntil, fullFrom, defense, ...training} = params;
	checkClasses(train);
	const stream = randomStream(seed);
	const {shape: [, ...imageShape], identities} = train;
	const fresh = initialClassifier(initial.architecture, {numClasses: identities.length, imageShape, bottleneck: defense?.kind === 'mid' ? defense : undefined}, stream.split('weights'));
	return trainClassifier(adoptWeights(initial, fresh), train, {...training, defense, labelSmoothing: {alpha, schedule: {holdUntil, fullFrom, ramp}}}, {stream: stream.split('training'), onStep, resume});
}

/**
 * An untrained classifier with the weights of another one wherever they have the same shape. What differs is the last layer, which is kept only when it has as many
 * classes (as torchvision's models are used in the authors' code: for 1,000 people the head of ImageNet stays). The auxiliary head of Inception-v3 is kept with all its
 * outputs, as there, where nobody replaces it: ImageNet's 1,000, of which the last ones are nobody's class.
 */
export function adoptWeights({weights, transformInput}: Classifier, fresh: Classifier): Classifier {
	const {auxiliaryHead, format} = findArchitecture(fresh.architecture);
	const auxiliary = new Set(auxiliaryHead === undefined ? [] : [format.nameOf(auxiliaryHead, 'kernel'), format.nameOf(auxiliaryHead, 'bias')]);
	const fits = (name: string, {shape: other}: Weight, {shape: own}: Weight) => other.join(',') === own.join(',')
		// In PyTorch's layout the outputs come first; with fewer of them than classes, the loss would have nowhere to look.
		|| (auxiliary.has(name) && other[0]! >= own[0]! && other.slice(1).join(',') === own.slice(1).join(','));
	const adopted = Object.entries(fresh.weights).map(([name, own]) => {
		const other = Object.hasOwn(weights, name) ? weights[name]! : own;
		return [name, fits(name, other, own) ? other : own] as const;
	});
	return {...fresh, ...(transformInput !== undefined && {transformInput}), weights: Object.fromEntries(adopted)};
}
