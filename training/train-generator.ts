import * as tf from '@tensorflow/tfjs-core';
import type {Generator} from '../artifacts/generator.ts';
import type {ImageSet} from '../artifacts/image-set.ts';
import type {History} from '../artifacts/records.ts';
import {UserError} from '../engine/error.ts';
import type {Resumable} from '../engine/stage.ts';
import {decode} from '../models/generator.ts';
import {linearWeights} from '../models/initial-classifier.ts';
import {adam, type AdamState} from '../tensors/adam.ts';
import type {RandomStream, StreamPosition} from '../tensors/random.ts';
import {enlarged} from './enlarge.ts';
import {principalComponents, type PrincipalComponents} from './pca.ts';

/** How the image prior is trained. */
export type GeneratorTrainingOptions = {
	/** Principal components; fewer are used when the images vary in fewer directions. */
	readonly components: number;
	/** Length of a latent vector. */
	readonly latentSize: number;
	/** Units of each hidden layer. */
	readonly hidden: number;
	/** Optimizer steps. */
	readonly steps: number;
	readonly batchSize: number;
	/** Step size of Adam; falls linearly to 0 over the last 40 % of the steps. */
	readonly learningRate: number;
	/** Weight of the KL divergence. */
	readonly klWeight: number;
	/** A component of standard deviation s counts s to this power. */
	readonly weightExponent: number;
	/** Randomly changed copies of each image, for small public splits. */
	readonly augmentCopies: number;
	/** Copies of each image that are mixed with another image; 0 when absent. */
	readonly mixedCopies?: number;
};

/** What a training draws from, to whom it reports, and where it goes on. */
export type GeneratorContext = Resumable<GeneratorState> & {readonly stream: RandomStream};

/** Where the training of the autoencoder is after a step: all that decides how it goes on. The coefficients follow from images and components. */
export type GeneratorState = {
	readonly pca: PrincipalComponents;
	/** Steps that are finished. */
	readonly step: number;
	/** By the names of the variables. */
	readonly weights: Readonly<Record<string, Float32Array>>;
	readonly adam: AdamState;
	readonly losses: readonly number[];
	/** Where the two streams are that every step draws from. */
	readonly samples: StreamPosition;
	readonly noise: StreamPosition;
};

const adamBetas = {beta1: 0.9, beta2: 0.999, epsilon: 1e-8};
const logVarianceRange = [-8, 4] as const;
const hiddenLayers = {encoder: 2, decoder: 3};

/** Share of the steps with the full learning rate. */
const constantShare = 0.6;

/** Steps per row of the history. */
const historyEvery = 50;

/**
 * Trains the attacker's image prior on public images: principal components, then a variational autoencoder of their coefficients
 * (Kingma and Welling 2014). The loss is Σ wᵢ(ĉᵢ − cᵢ)² + klWeight · KL with wᵢ ∝ sᵢ^weightExponent, Σ wᵢ = 1, and coefficients
 * divided by their standard deviations sᵢ.
 * @throws {UserError} when the loss is not finite.
 */
export async function trainGenerator(images: ImageSet, options: GeneratorTrainingOptions, {stream, onStep, resume}: GeneratorContext): Promise<{generator: Generator; history: History}> {
	const {shape: [, height, width, channels]} = images;
	const pixels = enlarged(images, {moved: options.augmentCopies, mixed: options.mixedCopies}, stream.split('copies'));
	const vectors = tf.tensor2d(pixels, [pixels.length / (height * width * channels), height * width * channels]);
	try {
		const pca = resume?.pca ?? await principalComponents(vectors, {components: options.components, stream: stream.split('components'), onStep});
		const coefficients = await project(vectors, pca);
		const {decoder, history} = await trainAutoencoder(coefficients, {pca, options, stream, onStep, resume});
		const basis = pca.components.map((value, index) => value * pca.deviations[Math.floor(index / (height * width * channels))]!);
		const generator: Generator = {
			latentSize: options.latentSize,
			imageShape: [height, width, channels],
			weights: {
				mean: {shape: [pca.mean.length], data: pca.mean},
				basis: {shape: [pca.count, pca.mean.length], data: basis},
				...decoder,
			},
		};
		return {generator, history};
	} finally {
		vectors.dispose();
	}
}

/** Coefficients divided by their standard deviations, row-major [n, components]. */
async function project(vectors: tf.Tensor2D, {mean, components, deviations, count}: PrincipalComponents): Promise<Float32Array> {
	const projected = tf.tidy(() => {
		const basis = tf.tensor2d(components, [count, mean.length]);
		// Projecting the mean apart from the images spares a centred copy of them.
		const offset = tf.matMul(tf.tensor2d(mean, [1, mean.length]), basis, false, true);
		return tf.div(tf.sub(tf.matMul(vectors, basis, false, true), offset), tf.tensor1d(deviations));
	});
	try {
		return await projected.data<'float32'>();
	} finally {
		projected.dispose();
	}
}

type AutoencoderTraining = GeneratorContext & {readonly pca: PrincipalComponents; readonly options: GeneratorTrainingOptions};

async function trainAutoencoder(coefficients: Float32Array, {pca, options, stream, onStep, resume}: AutoencoderTraining) {
	const {count, deviations} = pca;
	const {latentSize, hidden, steps, batchSize, learningRate} = options;
	const initial = {
		...layerWeights('encoder', [count, ...Array.from<number>({length: hiddenLayers.encoder}).fill(hidden), 2 * latentSize], stream.split('weights')),
		...layerWeights('decoder', [latentSize, ...Array.from<number>({length: hiddenLayers.decoder}).fill(hidden), count], stream.split('weights')),
	};
	const variables = Object.fromEntries(Object.entries(initial).map(([name, {shape, data}]) => [name, tf.tidy(() => tf.variable(tf.tensor(resume?.weights[name] ?? data, [...shape])))]));
	const componentWeights = tf.tensor1d(normalized(deviations.map(deviation => deviation ** options.weightExponent)));
	const optimizer = adam(adamBetas, resume?.adam);
	const losses = [...resume?.losses ?? []];
	const samples = continued(stream.split('batches'), resume?.samples);
	const noise = continued(stream.split('noise'), resume?.noise);
	try {
		for (let step = resume?.step ?? 0; step < steps; step++) {
			const {value, grads} = tf.tidy(() => {
				const batch = drawBatch(coefficients, {count, batchSize, stream: samples});
				const epsilon = tf.tensor2d(noise.normals(batchSize * latentSize), [batchSize, latentSize]);
				return tf.variableGrads(() => autoencoderLoss(batch, {variables, epsilon, componentWeights, klWeight: options.klWeight}), Object.values(variables));
			});
			optimizer.update(variables, byName(variables, grads), learningRate * Math.min(1, (1 - (step / steps)) / (1 - constantShare)));
			if (step % historyEvery === 0 || step === steps - 1) {
				losses.push(finiteLoss((await value.data())[0]!, step));
			}

			tf.dispose([value, grads]);
			const takeState = async (): Promise<GeneratorState> => ({
				pca, step: step + 1, weights: await valuesOf(variables), adam: await optimizer.state(), losses: [...losses], samples: samples.position(), noise: noise.position(),
			});
			await onStep(step + 1, steps, 'step', takeState);
		}

		const weights = await valuesOf(variables);
		const decoder = Object.fromEntries(Object.entries(initial).filter(([name]) => name.startsWith('decoder')).map(([name, {shape}]) => [name, {shape, data: weights[name]!}]));

		const history: History = {unit: 'step', columns: {step: losses.map((_, index) => Math.min(index * historyEvery, steps - 1)), loss: losses}};
		return {decoder, history};
	} finally {
		optimizer.dispose();
		tf.dispose([variables, componentWeights]);
	}
}

type LossInputs = {readonly variables: Readonly<Record<string, tf.Variable>>; readonly epsilon: tf.Tensor2D; readonly componentWeights: tf.Tensor1D; readonly klWeight: number};

/** Mean over the batch of the weighted squared error plus the weighted KL divergence from the normal distribution. Must run inside `tf.tidy`. */
export function autoencoderLoss(batch: tf.Tensor2D, {variables, epsilon, componentWeights, klWeight}: LossInputs): tf.Scalar {
	const [n] = batch.shape;
	const latentSize = epsilon.shape[1];
	const code = decode(batch, layersOf('encoder', variables));
	const mean = tf.slice2d(code, [0, 0], [n, latentSize]);
	const logVariance = tf.clipByValue(tf.slice2d(code, [0, latentSize], [n, latentSize]), ...logVarianceRange);
	const latents = tf.add<tf.Tensor2D>(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), epsilon));
	const error = tf.square(tf.sub(decode(latents, layersOf('decoder', variables)), batch));
	const reconstruction = tf.sum(tf.mul(error, componentWeights));
	const divergence = tf.mul(tf.sum(tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1))), 0.5);
	return tf.div(tf.add(reconstruction, tf.mul(divergence, klWeight)), n);
}

function layersOf(prefix: string, variables: Readonly<Record<string, tf.Variable>>) {
	return Array.from({length: Object.keys(variables).filter(name => name.startsWith(prefix) && name.endsWith('/kernel')).length}, (_, index) => ({
		kernel: variables[`${prefix}${index + 1}/kernel`] as tf.Tensor as tf.Tensor2D,
		bias: variables[`${prefix}${index + 1}/bias`] as tf.Tensor as tf.Tensor1D,
	}));
}

function continued(stream: RandomStream, position: StreamPosition | undefined): RandomStream {
	return position ? stream.at(position) : stream;
}

async function valuesOf(variables: Readonly<Record<string, tf.Variable>>): Promise<Record<string, Float32Array>> {
	return Object.fromEntries(await Promise.all(Object.entries(variables).map(async ([name, variable]) => [name, await variable.data<'float32'>()] as const)));
}

function layerWeights(prefix: string, sizes: readonly number[], stream: RandomStream) {
	return Object.assign({}, ...sizes.slice(1).map((size, index) => linearWeights(`${prefix}${index + 1}`, [sizes[index]!, size], stream))) as ReturnType<typeof linearWeights>;
}

function drawBatch(coefficients: Float32Array, {count, batchSize, stream}: {readonly count: number; readonly batchSize: number; readonly stream: RandomStream}): tf.Tensor2D {
	const rows = coefficients.length / count;
	const batch = new Float32Array(batchSize * count);
	for (let index = 0; index < batchSize; index++) {
		const row = stream.integer(rows);
		batch.set(coefficients.subarray(row * count, (row + 1) * count), index * count);
	}

	return tf.tensor2d(batch, [batchSize, count]);
}

/** `tf.variableGrads` names gradients by the variables' own names. */
function byName(variables: Readonly<Record<string, tf.Variable>>, gradients: tf.NamedTensorMap): Record<string, tf.Tensor> {
	return Object.fromEntries(Object.entries(variables).map(([name, variable]) => [name, gradients[variable.name]!]));
}

function normalized(values: Float32Array): Float32Array {
	const sum = values.reduce((total, value) => total + value, 0);
	return values.map(value => value / sum);
}

function finiteLoss(loss: number, step: number): number {
	if (!Number.isFinite(loss)) {
		throw new UserError('loss-not-finite', `The loss of the generator is ${loss} at step ${step}`, {hint: 'Lower "generator.learningRate" or raise "generator.klWeight".'});
	}

	return loss;
}
