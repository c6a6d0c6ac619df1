import type {Static} from '@sinclair/typebox';
import type {Classifier} from '../artifacts/classifier.ts';
import type {ImageSet} from '../artifacts/image-set.ts';
import type {StageContext} from '../engine/stage.ts';
import {initialClassifier} from '../models/initial-classifier.ts';
import {randomStream} from '../tensors/random.ts';
import {checkClasses} from './check-classes.ts';
import type {targetTrainingParams} from './defense-params.ts';
import {trainClassifier, type ClassifierState, type TrainedClassifier} from './train-classifier.ts';

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
 * classes (as torchvision's models are used in the authors' code: for 1,000 people the head of ImageNet stays).
 */
export function adoptWeights({weights, transformInput}: Classifier, fresh: Classifier): Classifier {
	const adopted = Object.entries(fresh.weights).map(([name, own]) => {
		const other = Object.hasOwn(weights, name) ? weights[name]! : own;
		return [name, other.shape.join(',') === own.shape.join(',') ? other : own] as const;
	});
	return {...fresh, ...(transformInput !== undefined && {transformInput}), weights: Object.fromEntries(adopted)};
}
