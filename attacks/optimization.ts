import * as tf from '@tensorflow/tfjs-core';
import type {LatentSet} from '../artifacts/latents.ts';
import type {History} from '../artifacts/records.ts';
import {UserError} from '../engine/error.ts';
import type {Resumable} from '../engine/stage.ts';
import {adam, type AdamState} from '../tensors/adam.ts';
import type {RandomStream} from '../tensors/random.ts';
import {type LatentBatch, latentBatches} from './latent-batches.ts';
import {describeLogits} from './losses.ts';
import {logHalved, withinMemory} from './memory.ts';
import type {AttackContext, ImageGenerator, TargetModel} from './networks.ts';
import {best, gather, choicesByClass} from './ranking.ts';
import {meanConfidences} from './scoring.ts';
import {stepGradient, type StepOptions, type StepWork} from './step-gradient.ts';
import {plainView} from './views.ts';

/** How latents are optimized. */
export type OptimizationOptions = StepOptions & {
	/** Updates of each latent. */
	readonly steps: number;
	/** Step size of Adam. */
	readonly learningRate: number;
	/** Decay of Adam's mean of gradients. */
	readonly beta1: number;
	/** Decay of Adam's mean of squared gradients. */
	readonly beta2: number;
	/** Latents that belong together; where they share no draws, it changes results by rounding only. */
	readonly batchSize: number;
	/** Latents of a batch that are computed at a time, which bounds memory and changes results by rounding only; halved while memory is short. All of the batch when absent. */
	readonly microBatch?: number | undefined;
};

/** What the attack made of its starts. */
export type OptimizationResult = {
	/** Per class the best score first, as every latent set; scores are confidences in the plain image after the last step. */
	readonly optimized: LatentSet;
	/** Per step the means of `loss` and `targetConfidence` over all latents, both of the cropped images before the step's update. */
	readonly history: History;
};

/** Where the attack is after a step of a batch: all that decides how it goes on. Random numbers are not in it: every step splits off its own stream. */
export type OptimizationState = {
	/** Batches that are finished. */
	readonly batches: number;
	/** Of the finished batches; beyond them 0. */
	readonly latents: Float32Array;
	/** Latents that fit into memory at a time. */
	readonly microBatch: number;
	/** Per step, over the latents that made it. */
	readonly sums: Sums;
	/** The batch after the finished ones; absent behind the last. */
	readonly current?: BatchState;
};

type Sums = Readonly<Record<'loss' | 'targetConfidence', Float64Array>>;

type BatchState = {
	/** Steps that are finished; may be all of them. */
	readonly step: number;
	readonly latents: Float32Array;
	readonly adam: AdamState;
};

const adamEpsilon = 1e-8;

/**
 * Attack stage 2 (Struppek et al. 2024, Sec. 2): moves each latent so that the target model recognises its image as the target class, by Adam on a
 * loss of a random square crop, drawn anew for every step, not mirrored: the Poincaré loss, as in the paper, or another one. Every batch has a fresh
 * optimizer. There is no early stopping: the latent after the last step is the result, even where an earlier one was better.
 *
 * @throws {UserError} when there are no latents, not enough memory for one, or a loss or gradient is not finite, naming step, latent, target class and what the logits say.
 */
export async function optimizeLatents(initial: LatentSet, generator: ImageGenerator, targetModel: TargetModel, options: OptimizationOptions, {stream, onStep, resume, log}: AttackContext<OptimizationState>): Promise<OptimizationResult> { // eslint-disable-line max-params -- the data flow of every attack stage
	const {steps, batchSize} = options;
	const memory = {microBatch: resume?.microBatch ?? options.microBatch ?? batchSize};
	const {targetClasses, latentSize} = initial;
	if (targetClasses.length === 0) {
		throw new UserError('no-latents', 'Expected latents to optimize, got none', {hint: 'Sampling must keep at least one latent for at least one class.'});
	}

	const batches = latentBatches(initial, batchSize);
	const total = batches.length * steps;
	const streams = Array.from({length: steps}, (_, step) => stream.split(`step ${step}`));
	const latents = Float32Array.from(resume?.latents ?? new Float32Array(initial.latents.length));
	const sums: Sums = structuredClone(resume?.sums ?? {loss: new Float64Array(steps), targetConfidence: new Float64Array(steps)});
	const stateOf = (finished: number) => structuredClone({batches: finished, latents, sums, ...memory});
	for (let index = resume?.batches ?? 0; index < batches.length; index++) {
		const batch = batches[index]!;
		const results = await optimizeBatch(batch, {
			generator, targetModel, options, memory, log, streams, targetClasses: targetClasses.subarray(batch.start, batch.start + batch.count),
			onValues(step, {losses, confidences}) {
				sums.loss[step]! += sumOf(losses);
				sums.targetConfidence[step]! += sumOf(confidences);
			},
			onStep: async (step, _total, _unit, takeState) =>
				onStep((index * steps) + step, total, 'step', takeState && (async () => ({...stateOf(index), current: await takeState()}))),
			resume: index === resume?.batches ? resume.current : undefined,
		});
		latents.set(results, batch.start * latentSize);
	}

	const scores = await meanConfidences({latents, latentSize}, {
		generator, targetModel, noise: stream.split('noise'), views: [plainView], batchSize: memory.microBatch, targetClasses, log, onStep: async () => onStep(total, total, 'step', () => stateOf(batches.length)),
	});
	const mean = (values: Float64Array) => Array.from(values, value => value / targetClasses.length);
	return {
		optimized: gather({latents, latentSize}, [...choicesByClass(targetClasses, scores).values()].flatMap(choices => best(choices, choices.length))),
		history: {unit: 'step', columns: {loss: mean(sums.loss), targetConfidence: mean(sums.targetConfidence)}},
	};
}

/** Per latent of a batch: the loss and the confidence in the target class. */
type StepValues = {readonly losses: Float32Array; readonly confidences: Float32Array};

type BatchWork = Resumable<BatchState> & StepWork & {
	readonly options: OptimizationOptions;
	/** Latents at a time; it becomes less when memory is short, and stays so. */
	readonly memory: {microBatch: number};
	readonly log: ((message: string) => void) | undefined;
	/** One per step. */
	readonly streams: readonly RandomStream[];
	readonly onValues: (step: number, values: StepValues) => void;
};

async function optimizeBatch(batch: LatentBatch, work: BatchWork): Promise<Float32Array> {
	const {learningRate, beta1, beta2} = work.options;
	const {streams, resume, onStep} = work;
	const latents = tf.tidy(() => tf.variable(resume ? tf.tensor2d(resume.latents, [batch.count, resume.latents.length / batch.count]) : batch.toTensor()));
	const optimizer = adam({beta1, beta2, epsilon: adamEpsilon}, resume?.adam);
	try {
		for (let step = resume?.step ?? 0; step < streams.length; step++) {
			const {value: {gradient, values, read: {losses, confidences, slopes}}, size} = await withinMemory(work.memory.microBatch, async most => stepGradient(latents, {stream: streams[step]!, batch, microBatch: most}, work), {onHalved: logHalved(work.log, 'latents'), param: '"optimization.microBatch"'});
			work.memory.microBatch = size;
			try {
				await requireFinite({losses, slopes, logits: values.logits}, {step, batch, work});
				optimizer.update({latents}, {latents: gradient}, learningRate);
				work.onValues(step, {losses, confidences});
				await onStep(step + 1, streams.length, 'step', async () => ({step: step + 1, latents: await latents.data<'float32'>(), adam: await optimizer.state()}));
			} finally {
				tf.dispose([gradient, values]);
			}
		}

		return await latents.data<'float32'>();
	} finally {
		optimizer.dispose();
		latents.dispose();
	}
}

type Found = {readonly losses: Float32Array; readonly slopes: Float32Array; readonly logits: tf.Tensor2D};

async function requireFinite({losses, slopes, logits}: Found, {step, batch: {start}, work}: {readonly step: number; readonly batch: LatentBatch; readonly work: BatchWork}): Promise<void> {
	const wrongLoss = losses.findIndex(loss => !Number.isFinite(loss));
	const wrongSlope = slopes.findIndex(slope => !Number.isFinite(slope));
	if (wrongLoss === -1 && wrongSlope === -1) {
		return;
	}

	const [what, value, row] = wrongLoss === -1
		? ['gradient', slopes[wrongSlope]!, Math.floor(wrongSlope * losses.length / slopes.length)] as const
		: ['loss', losses[wrongLoss]!, wrongLoss] as const;
	const numClasses = logits.shape[1];
	const reason = describeLogits((await logits.data<'float32'>()).subarray(row * numClasses, (row + 1) * numClasses));
	throw new UserError('attack-diverged', `The ${what} of latent ${start + row} became ${value} at step ${step + 1} of ${work.options.steps}`, {
		facts: {'target class': work.targetClasses[row]!, ...(reason === undefined ? {} : {logits: reason}), 'learning rate': work.options.learningRate},
		hint: 'Lower "optimization.learningRate", or choose another "optimization.loss"; if it happens at step 1, the target model or the generator does not yield numbers.',
	});
}

function sumOf(values: Float32Array): number {
	let sum = 0;
	for (const value of values) {
		sum += value;
	}

	return sum;
}
