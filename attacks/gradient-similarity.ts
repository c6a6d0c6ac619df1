import * as tf from '@tensorflow/tfjs-core';
import type {AttackLoss, GradientSimilarity, SimilarityCurve} from '../artifacts/analyses.ts';
import type {LatentPool} from '../artifacts/latents.ts';
import {UserError} from '../engine/error.ts';
import type {OnStep} from '../engine/stage.ts';
import {spreadOf} from '../metrics/spread.ts';
import {classifierInputOf} from '../models/image-range.ts';
import {adam} from '../tensors/adam.ts';
import type {RandomStream} from '../tensors/random.ts';
import {randomCrops} from '../training/augmentation.ts';
import {latentBatches, type LatentBatch} from './latent-batches.ts';
import {attackLosses} from './losses.ts';
import type {ImageGenerator, TargetModel} from './networks.ts';
import {imageStreams} from './views.ts';

/** How gradients are followed. */
export type SimilarityOptions = {
	/** Latents that are optimized, the first ones of the pool. */
	readonly samples: number;
	/** Optimizer steps T, at least 2. */
	readonly steps: number;
	/** What the attack descends; each loss is followed on its own. */
	readonly losses: readonly AttackLoss[];
	/**
	 * The image x of Eq. 4: what the attack looks at before the random crop, or what the generator yields. They differ where a fixed crop or
	 * resizing lies between, the generator's `view`.
	 */
	readonly point: 'view' | 'generator';
	/** Whether the random crop of each step, a part of the attack's loop, takes place. */
	readonly randomCrop: boolean;
	/** Smallest and largest share of the image area that it keeps. */
	readonly cropScale: readonly [number, number];
	/** Step size of Adam. */
	readonly learningRate: number;
	readonly beta1: number;
	readonly beta2: number;
	/** Latents at a time; changes results by rounding only. */
	readonly batchSize: number;
};

/** Who is attacked, with what. */
export type SimilarityNetworks = {
	readonly generator: ImageGenerator;
	readonly targetModel: TargetModel;
};

const adamEpsilon = 1e-8;

/**
 * How alike the gradients of consecutive steps of the attack are (Struppek et al. 2024, Eq. 4 and Fig. 6 (b)): the latents are optimized as in attack
 * stage 2, with target classes drawn uniformly and without any selection, and at each step t ≥ 2 the cosine between ∂L/∂x of this step and of the one
 * before is averaged over samples. Gradients that are exactly zero, as saturated models give them, have no direction: they are counted and left out.
 *
 * @param pool - Latents [n, latentSize].
 * @throws {UserError} when the pool is smaller than `samples`, or a loss or gradient is not finite.
 */
export async function measureSimilarity(pool: LatentPool, networks: SimilarityNetworks, options: SimilarityOptions, {numClasses, stream, onStep}: {readonly numClasses: number; readonly stream: RandomStream; readonly onStep: OnStep}): Promise<GradientSimilarity> {
	const {samples, losses, steps, batchSize} = options;
	const available = pool.latents.length / pool.latentSize;
	if (samples > available) {
		throw new UserError('pool-too-small', `Gradient similarity follows ${samples} latents, but the pool has ${available}`, {
			hint: 'Raise "latentPool.size" or lower "gradientSimilarity.samples".',
		});
	}

	const classStream = stream.split('target classes');
	const targetClasses = Int32Array.from({length: samples}, () => classStream.integer(numClasses));
	const batches = latentBatches({...pool, latents: pool.latents.subarray(0, samples * pool.latentSize)}, batchSize);
	const stepStreams = Array.from({length: steps}, (_, step) => stream.split(`step ${step}`));
	const total = losses.length * batches.length * steps;
	const curves: SimilarityCurve[] = [];
	for (const [lossIndex, loss] of losses.entries()) {
		const cosines = Array.from({length: steps - 1}, () => [] as Array<number | undefined>);
		for (const [batchIndex, batch] of batches.entries()) {
			const before = ((lossIndex * batches.length) + batchIndex) * steps;
			await followBatch(batch, {
				...networks, options, loss, stepStreams, targetClasses: targetClasses.subarray(batch.start, batch.start + batch.count),
				async onCosines(step, values) {
					cosines[step - 2]?.push(...values);
					await onStep(before + step, total, 'step');
				},
			});
		}

		curves.push(curveOf(loss, cosines));
	}

	return {samples, curves};
}

/** The cosine between two vectors, in float64; undefined when one of them is zero. */
export function cosineSimilarity(first: Float32Array, second: Float32Array): number | undefined {
	let [product, firstSquare, secondSquare] = [0, 0, 0];
	for (const [index, value] of first.entries()) {
		product += value * second[index]!;
		firstSquare += value ** 2;
		secondSquare += second[index]! ** 2;
	}

	return firstSquare === 0 || secondSquare === 0 ? undefined : Math.min(1, Math.max(-1, product / Math.sqrt(firstSquare) / Math.sqrt(secondSquare)));
}

/** @param cosines - Per step the cosine of each sample, undefined where a gradient is zero. */
function curveOf(loss: AttackLoss, cosines: ReadonlyArray<ReadonlyArray<number | undefined>>): SimilarityCurve {
	const spreads = cosines.map(values => {
		const defined = values.filter(value => value !== undefined);
		return defined.length === 0 ? {mean: null, deviation: null} : spreadOf(defined);
	});
	return {
		loss,
		mean: spreads.map(({mean}) => mean),
		deviation: spreads.map(({deviation}) => deviation),
		zeroGradients: cosines.map(values => values.filter(value => value === undefined).length),
	};
}

type BatchWork = SimilarityNetworks & {
	readonly options: SimilarityOptions;
	readonly loss: AttackLoss;
	readonly stepStreams: readonly RandomStream[];
	/** Of this batch. */
	readonly targetClasses: Int32Array;
	/** Step t from 1 on, with the cosines to the step before; none at step 1. */
	readonly onCosines: (step: number, cosines: ReadonlyArray<number | undefined>) => Promise<void>;
};

async function followBatch(batch: LatentBatch, work: BatchWork): Promise<void> {
	const {learningRate, beta1, beta2} = work.options;
	const latents = tf.tidy(() => tf.variable(batch.toTensor()));
	const optimizer = adam({beta1, beta2, epsilon: adamEpsilon});
	let previous: Float32Array | undefined;
	try {
		for (const [index, stream] of work.stepStreams.entries()) {
			const gradients = gradientsOf(latents, {stream, start: batch.start}, work);
			try {
				const current = await gradients.image.data<'float32'>();
				requireFinite(current, {step: index + 1, batch, work});
				optimizer.update({latents}, {latents: gradients.latent}, learningRate);
				await work.onCosines(index + 1, previous ? cosinesOf(previous, current, batch.count) : []);
				previous = current;
			} finally {
				tf.dispose(Object.values(gradients));
			}
		}
	} finally {
		optimizer.dispose();
		latents.dispose();
	}
}

function cosinesOf(previous: Float32Array, current: Float32Array, count: number): ReadonlyArray<number | undefined> {
	const size = current.length / count;
	return Array.from({length: count}, (_, index) => cosineSimilarity(previous.subarray(index * size, (index + 1) * size), current.subarray(index * size, (index + 1) * size)));
}

/**
 * ∂L/∂x at the point of the options, [n, height, width, channels], and from it by the chain rule ∂L/∂z, [n, latentSize]. L is the sum over samples, so that
 * no sample's gradient depends on the batch. The caller owns the tensors.
 */
function gradientsOf(latents: tf.Tensor2D, {stream, start}: {readonly stream: RandomStream; readonly start: number}, {generator, targetModel, options, loss, targetClasses}: BatchWork): {image: tf.Tensor4D; latent: tf.Tensor2D} {
	const {point, randomCrop, cropScale} = options;
	const isGenerator = point === 'generator';
	const attackView = generator.view ?? (images => images);
	const noise = stream.split('noise');
	return tf.tidy(() => {
		const classes = tf.tensor1d(targetClasses, 'int32');
		const pointOf = (z: tf.Tensor2D) => (isGenerator ? generator.generate(z) : attackView(generator.generate(z)));
		const lossOf = (x: tf.Tensor4D) => {
			const view = isGenerator ? attackView(x) : x;
			const images = randomCrop ? randomCrops(view, imageStreams(stream, start), {scale: cropScale, flip: 0, perImage: true}) : view;
			const logits = targetModel.logits(classifierInputOf(images, generator.range), row => noise.split(`image ${start + row}`));
			return tf.sum(attackLosses[loss](logits, classes));
		};

		const image = tf.grad(x => lossOf(x as tf.Tensor4D))(pointOf(latents)) as tf.Tensor4D;
		const latent = tf.grad(z => tf.sum(tf.mul(pointOf(z as tf.Tensor2D), image)))(latents) as tf.Tensor2D;
		return {image, latent};
	});
}

function requireFinite(gradients: Float32Array, {step, batch: {start, count}, work}: {readonly step: number; readonly batch: LatentBatch; readonly work: BatchWork}): void {
	const wrong = gradients.findIndex(value => !Number.isFinite(value));
	if (wrong !== -1) {
		const sample = Math.floor(wrong * count / gradients.length);
		throw new UserError('attack-diverged', `The gradient of latent ${start + sample} became ${gradients[wrong]} at step ${step} of ${work.options.steps}`, {
			facts: {loss: work.loss, 'target class': work.targetClasses[sample]!, 'learning rate': work.options.learningRate},
			hint: 'Lower "optimization.learningRate"; if it happens at step 1, the target model or the generator does not yield numbers.',
		});
	}
}
