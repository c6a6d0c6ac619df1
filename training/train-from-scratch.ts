import type {Static} from '@sinclair/typebox';
import type {ImageSet} from '../artifacts/image-set.ts';
import type {StageContext} from '../engine/stage.ts';
import {initialClassifier} from '../models/initial-classifier.ts';
import {randomStream} from '../tensors/random.ts';
import {checkClasses} from './check-classes.ts';
import {trainClassifier, type ClassifierState, type TrainedClassifier} from './train-classifier.ts';
import type {targetTrainingParams} from './defense-params.ts';

/**
 * Trains a new classifier of the classes of an image set. Initial weights, order and augmentation follow from the seed alone, so that
 * variants differ in the smoothing factor or the defence and in nothing else (paper Sec. 4.1).
 *
 * @throws {UserError} when a class has no image, or the loss stops being finite.
 */
export async function trainFromScratch(train: ImageSet, params: Static<typeof targetTrainingParams>, {seed, onStep, resume}: Pick<StageContext<ClassifierState>, 'seed' | 'onStep' | 'resume'>): Promise<TrainedClassifier> {
	const {architecture, alpha, smoothingRamp: ramp, holdUntil, fullFrom, defense, ...training} = params;
	const {shape: [, ...imageShape], identities} = train;
	checkClasses(train);
	const stream = randomStream(seed);
	const initial = initialClassifier(architecture, {numClasses: identities.length, imageShape, bottleneck: defense?.kind === 'mid' ? defense : undefined}, stream.split('weights'));
	return trainClassifier(initial, train, {...training, defense, labelSmoothing: {alpha, schedule: {holdUntil, fullFrom, ramp}}}, {stream: stream.split('training'), onStep, resume});
}
