import * as tf from '@tensorflow/tfjs-core';
import type {Classifier, Weights} from '../artifacts/classifier.ts';
import type {ImageSet} from '../artifacts/image-set.ts';
import type {History} from '../artifacts/records.ts';
import {UserError} from '../engine/error.ts';
import type {Resumable} from '../engine/stage.ts';
import {labelSmoothingLoss} from '../losses/label-smoothing.ts';
import {smoothingFactor, type SmoothingSchedule} from '../losses/smoothing-schedule.ts';
import {trainableClassifier, type TrainableClassifier} from '../models/trainable-classifier.ts';
import type {Optimizer} from '../tensors/optimizer.ts';
import {batchInMemory} from '../tensors/out-of-memory.ts';
import type {RandomStream} from '../tensors/random.ts';
import {augmentedBatch, type Augmentation} from './augmentation.ts';
import {batchesOf, type LastBatch} from './batches.ts';
import {defensePenalty, type Defense} from './defense.ts';
import {learningRateAt, type LearningRateSchedule} from './learning-rate.ts';
import {createOptimizer, type OptimizerChoice, type OptimizerState} from './optimizers.ts';

/** How to train a classifier. */
export type ClassifierTraining = OptimizerChoice & LearningRateSchedule & {
	readonly epochs: number;
	/** Images per step. */
	readonly batchSize: number;
	/** What becomes of a last batch that is not full; `large` when absent. */
	readonly lastBatch?: LastBatch | undefined;
	readonly labelSmoothing: {readonly alpha: number; readonly schedule: SmoothingSchedule};
	readonly augmentation: Augmentation;
	/** What is added to the loss; absent: nothing. */
	readonly defense?: Defense | undefined;
};

/** What a training draws from, to whom it reports every optimizer step, and where it goes on. */
export type TrainingContext = Resumable<ClassifierState> & {
	/** The order of the images and their augmentation; independent of the smoothing factor, so that trainings differ in it alone. */
	readonly stream: RandomStream;
};

/** Where a training is after a step: all that decides how it goes on. Random numbers are not in it: every epoch splits off its own streams. */
export type ClassifierState = {
	/** Epochs that are finished. */
	readonly epoch: number;
	/** Steps of this epoch that are finished; may be all of them. */
	readonly step: number;
	/** Of this epoch. */
	readonly totals: Totals;
	readonly columns: Columns;
	readonly weights: Weights;
	readonly optimizer: OptimizerState;
};

/** Sums over the images of an epoch that were seen so far. */
type Totals = {readonly loss: number; readonly correct: number; readonly images: number};

type Columns = Readonly<Record<'loss' | 'trainAccuracy' | 'learningRate' | 'alpha', number[]>>;

/** A trained classifier, and per epoch: mean `loss` (that of a defence included), `trainAccuracy` (0–1, while training), `learningRate` and smoothing factor `alpha`. */
export type TrainedClassifier = {readonly classifier: Classifier; readonly history: History};

/** What stays the same during an epoch. */
type Epoch = {readonly number: number; readonly alpha: number; readonly learningRate: number; readonly stream: RandomStream; readonly defense: Defense | undefined};

/**
 * Trains a classifier with label smoothing of either sign (Struppek et al. 2024, Eq. 3), by Adam or SGD. A defence adds to that loss.
 *
 * @throws {UserError} when the loss stops being finite.
 */
export async function trainClassifier(initial: Classifier, trainSet: ImageSet, training: ClassifierTraining, {stream, onStep, resume}: TrainingContext): Promise<TrainedClassifier> {
	const network = trainableClassifier({...initial, weights: resume?.weights ?? initial.weights});
	const optimizer = createOptimizer(training, resume?.optimizer);
	const columns: Columns = structuredClone(resume?.columns ?? {loss: [], trainAccuracy: [], learningRate: [], alpha: []});
	const {epochs, batchSize, lastBatch, labelSmoothing} = training;
	try {
		for (let number = resume?.epoch ?? 0; number < epochs; number++) {
			const epoch: Epoch = {
				number,
				alpha: smoothingFactor(labelSmoothing.alpha, number, epochs, labelSmoothing.schedule),
				learningRate: learningRateAt(number, epochs, training),
				stream: stream.split(`epoch ${number}`),
				defense: training.defense,
			};
			const batches = batchesOf(epoch.stream.split('order').permutation(trainSet.shape[0]), batchSize, lastBatch);
			const isResumed = number === resume?.epoch;
			const totals = isResumed ? {...resume.totals} : {loss: 0, correct: 0, images: 0};
			for (let step = isResumed ? resume.step : 0; step < batches.length; step++) {
				const indices = batches[step]!;
				const images = augmentedBatch(trainSet, indices, epoch.stream.split('augmentation'), training.augmentation);
				const labels = indices.map(image => trainSet.labels[image]!);
				const {loss, correct} = await batchInMemory(labels.length, async () => learn({network, optimizer}, {images, labels, indices, numClasses: initial.numClasses}, epoch));
				if (!Number.isFinite(loss)) {
					throw diverged(loss, {architecture: initial.architecture, epoch, step, training});
				}

				totals.loss += loss * labels.length;
				totals.correct += correct;
				totals.images += labels.length;
				const takeState = async (): Promise<ClassifierState> => ({
					epoch: number, step: step + 1, totals: {...totals}, columns: structuredClone(columns), weights: await network.snapshot(), optimizer: await optimizer.state(),
				});
				await onStep((number * batches.length) + step + 1, epochs * batches.length, 'step', takeState);
			}

			columns.loss.push(totals.loss / totals.images);
			columns.trainAccuracy.push(totals.correct / totals.images);
			columns.learningRate.push(epoch.learningRate);
			columns.alpha.push(epoch.alpha);
		}

		return {classifier: {...initial, weights: await network.snapshot()}, history: {unit: 'epoch', columns}};
	} finally {
		optimizer.dispose();
		network.dispose();
	}
}

type Batch = {readonly images: tf.Tensor4D; readonly labels: Int32Array; readonly indices: Int32Array; readonly numClasses: number};

/** One optimizer step. Frees the images. Noise belongs to an image and an epoch, as augmentation does. Resolves to the mean loss and the number of correct predictions before the step. */
export async function learn(
	{network, optimizer}: {network: TrainableClassifier; optimizer: Optimizer<OptimizerState>},
	{images, labels, indices, numClasses}: Batch,
	{alpha, learningRate, stream, defense}: Epoch,
): Promise<{loss: number; correct: number}> {
	const noise = stream.split('noise');
	const streams = (row: number) => noise.split(`image ${indices[row]}`);
	const penaltyOf = defense && await defensePenalty(defense, {images, labels, numClasses}, async select => network.look(images, select, streams));
	const {loss, logits, gradients} = await network.step(images, (output, pass) => {
		const main = labelSmoothingLoss(output, labels, alpha);
		// The auxiliary head of Inception-v3 counts as much as the main one, as in the authors' code.
		const smoothed = pass.auxiliary ? tf.add<tf.Scalar>(main, labelSmoothingLoss(pass.auxiliary, labels, alpha)) : main;
		return penaltyOf ? tf.add(smoothed, penaltyOf(pass)) : smoothed;
	}, streams);
	try {
		optimizer.update(network.variables, gradients, learningRate);
		return {loss: (await loss.data())[0]!, correct: countCorrect(await logits.data<'float32'>(), labels)};
	} finally {
		tf.dispose([images, loss, logits, gradients]);
	}
}

function countCorrect(logits: Float32Array, labels: Int32Array): number {
	const numClasses = logits.length / labels.length;
	let correct = 0;
	for (const [index, label] of labels.entries()) {
		const row = logits.subarray(index * numClasses, (index + 1) * numClasses);
		correct += row.every((value, classIndex) => classIndex === label || value < row[label]!) ? 1 : 0;
	}

	return correct;
}

function diverged(loss: number, {architecture, epoch, step, training}: {architecture: string; epoch: Epoch; step: number; training: ClassifierTraining}): UserError {
	return new UserError('training-diverged', `The loss of "${architecture}" became ${loss} in epoch ${epoch.number + 1} of ${training.epochs}, step ${step + 1}`, {
		facts: {alpha: epoch.alpha, learningRate: epoch.learningRate, batchSize: training.batchSize},
		hint: epoch.alpha < 0
			? 'Negative smoothing has no lowest loss: lower learningRate, bring alpha nearer to 0, or let it set in later (holdUntil, fullFrom).'
			: 'Lower learningRate, or raise batchSize.',
	});
}
