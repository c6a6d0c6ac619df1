import * as tf from '@tensorflow/tfjs-core';
import type {Classifier, Weights} from '../artifacts/classifier.ts';
import {
	passBottleneck, splitBottleneck, type BottleneckOutput, type RowStreams,
} from './bottleneck.ts';
import {networkOf} from './classifier-weights.ts';
import {weightOf} from './layers.ts';
import {bottleneckLayer} from './outline.ts';
import {asImages, asVectors} from './tensor-layers.ts';
import {trainingLayers, type Moments} from './training-layers.ts';
import {toComputed, toStored, type WeightFormat} from './weight-format.ts';

/** Share of a batch's moments in the moving moments, as PyTorch's momentum. */
const batchNormMomentum = 0.1;

/** What one batch says; all tensors belong to the caller. */
export type TrainingStep = {
	readonly loss: tf.Scalar;
	/** [n, numClasses] */
	readonly logits: tf.Tensor2D;
	/** By the names of the variables. */
	readonly gradients: Readonly<Record<string, tf.Tensor>>;
};

/** What a loss may look at besides the logits. */
export type ForwardPass = {
	/** Outputs of the hidden layers, first one first: of the four stages in the large networks. */
	readonly hidden: readonly tf.Tensor4D[];
	/** Where the classifier has a bottleneck. */
	readonly bottleneck: BottleneckOutput | undefined;
	/** Logits of the auxiliary head, where the classifier has one. */
	readonly auxiliary: tf.Tensor2D | undefined;
};

/** A classifier in training mode: batch normalization uses the moments of the batch. */
export type TrainableClassifier = {
	/** Everything gradients change, by the names of the weights. */
	readonly variables: Readonly<Record<string, tf.Variable>>;
	/**
	 * One forward and backward pass; it also moves the moving moments. Images as `classifierInput` makes them. A bottleneck draws its noise from
	 * the streams, one per image, and so does dropout; without them the bottleneck passes its mean on and nothing is dropped.
	 */
	step(images: tf.Tensor4D, lossOf: (logits: tf.Tensor2D, pass: ForwardPass) => tf.Scalar, streams?: RowStreams): Promise<TrainingStep>;
	/** The numbers of tensors that are computed from a forward pass alone, the same as that of a step; it moves nothing. */
	look(images: tf.Tensor4D, select: (pass: ForwardPass) => readonly tf.Tensor[], streams?: RowStreams): Promise<readonly Float32Array[]>;
	/** The weights of the moment. */
	snapshot(): Promise<Weights>;
	dispose(): void;
};

/** @throws {UserError} when there is no architecture of its name, or the images are too small for it. */
export function trainableClassifier(classifier: Classifier): TrainableClassifier {
	const {numClasses, weights, transformInput} = classifier;
	const {network, outline, auxiliaryClasses} = networkOf(classifier, {withAuxiliaryHead: true});
	const {format, head} = network;
	const ofPart = (...parts: readonly string[]) => outline.weights.filter(({part}) => parts.includes(part));
	const moving = Object.fromEntries(ofPart('movingMean', 'movingVariance').map(({name}) => [name, copyOf(weightOf(weights, name))]));
	const constants = Object.fromEntries(outline.weights.filter(({name, isTrained}) => !isTrained && !moving[name]).map(({name}) => [name, tensorOf(weightOf(weights, name))]));
	const variables = Object.fromEntries(outline.weights.filter(({isTrained}) => isTrained).map(({name}) => [name, variableOf(toComputed(format, weightOf(weights, name)))]));

	const forward = (images: tf.Tensor4D, moments: Moments[], streams: RowStreams | undefined) => {
		const layers = trainingLayers(format, {
			weight(layer, part) {
				const name = format.nameOf(layer, part);
				return variables[name] ?? constants[name]!;
			},
			moments,
			streams,
		});
		const {features, hidden, auxiliary} = network.trunk<tf.Tensor>(layers, images, {auxiliaryClasses, transformInput});
		const passed = outline.bottleneckWidth === undefined ? undefined : splitBottleneck(asVectors(layers.linear(features, bottleneckLayer, {outputs: 2 * outline.bottleneckWidth})));
		return {
			logits: asVectors(layers.linear(passed ? passBottleneck(passed, streams) : features, head, {outputs: numClasses})),
			pass: {hidden: hidden.map(activations => asImages(activations)), bottleneck: passed, auxiliary: auxiliary && asVectors(auxiliary)},
		};
	};

	return {
		variables,
		async step(images, lossOf, streams) {
			const moments: Moments[] = [];
			const logits: tf.Tensor2D[] = [];
			const {value: loss, grads} = tf.variableGrads(() => {
				const {logits: output, pass} = forward(images, moments, streams);
				logits.push(tf.keep(output));
				return lossOf(output, pass);
			}, Object.values(variables));
			await absorb(moments, moving, format);
			return {loss, logits: logits[0]!, gradients: Object.fromEntries(Object.entries(variables).map(([name, {name: id}]) => [name, grads[id]!]))};
		},
		async look(images, select, streams) {
			const moments: Moments[] = [];
			const tensors = tf.tidy(() => [...select(forward(images, moments, streams).pass)]);
			tf.dispose(moments.map(({mean, variance}) => [mean, variance]));
			const numbers = await Promise.all(tensors.map(async tensor => tensor.data<'float32'>()));
			tf.dispose(tensors);
			return numbers;
		},
		async snapshot() {
			const entries = Object.entries(weights).map(async ([name, weight]) => [name, variables[name] ? await storedOf(variables[name], format) : copyOf(moving[name] ?? weight)] as const);
			return Object.fromEntries(await Promise.all(entries));
		},
		dispose() {
			tf.dispose([variables, constants]);
		},
	};
}

/** Moves the moving moments and frees those of the batch. The moving variance takes the unbiased one, as in PyTorch. */
async function absorb(moments: readonly Moments[], moving: Weights, format: WeightFormat): Promise<void> {
	// All at once, because a GPU takes as long to be asked as to answer.
	const numbers = await Promise.all(moments.map(async ({mean, variance}) => Promise.all([mean.data<'float32'>(), variance.data<'float32'>()])));
	for (const [index, {layer, mean, variance, count}] of moments.entries()) {
		const [means, variances] = numbers[index]!;
		move(weightOf(moving, format.nameOf(layer, 'movingMean')).data, means, 1);
		// A single value has no unbiased variance.
		move(weightOf(moving, format.nameOf(layer, 'movingVariance')).data, variances, count / Math.max(1, count - 1));
		tf.dispose([mean, variance]);
	}
}

function move(moving: Float32Array, values: Float32Array, factor: number): void {
	for (const [index, value] of values.entries()) {
		moving[index] = ((1 - batchNormMomentum) * moving[index]!) + (batchNormMomentum * factor * value);
	}
}

function copyOf({shape, data}: Weights[string]): Weights[string] {
	return {shape, data: Float32Array.from(data)};
}

function tensorOf({shape, data}: Weights[string]): tf.Tensor {
	return tf.keep(tf.tensor(data, [...shape]));
}

function variableOf({shape, data}: Weights[string]): tf.Variable {
	const start = tf.tensor(data, [...shape]);
	const variable = tf.variable(start);
	start.dispose();
	return variable;
}

async function storedOf(variable: tf.Variable, format: WeightFormat): Promise<Weights[string]> {
	return toStored(format, {shape: variable.shape, data: await variable.data<'float32'>()});
}
