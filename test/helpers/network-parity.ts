import * as tf from '@tensorflow/tfjs-core';
import type {Classifier, Weights} from '../../artifacts/classifier.ts';
import {labelSmoothingLoss} from '../../losses/label-smoothing.ts';
import {buildClassifier} from '../../models/classifier.ts';
import {trainableClassifier} from '../../models/trainable-classifier.ts';
import {pytorchFormat, toStored} from '../../models/weight-format.ts';
import {formulaClassifier, uniform} from './formula-classifier.ts';
import {fixture} from './tensors.ts';

/** Of a tensor: the largest absolute value, the norm, four entries, and two sums with signs. */
export type Summary = readonly [largest: number, norm: number, ...number[]];

/** Images of `images`, as many as `count`, and how far PyTorch's own float32 is from its float64 there, which the summaries are of. */
type Run = {readonly side: number; readonly count: number; readonly float32Errors: Errors};

/** What test/fixtures/networks.py wrote of a network. */
export type NetworkCase = {
	readonly weights: Readonly<Record<string, readonly number[]>>;
	readonly evaluation: Run & {readonly scale: number; readonly images: string; readonly logits: Summary; readonly features: Summary; readonly hidden: readonly Summary[]; readonly inputGradient: Summary};
	readonly training: Run & {
		readonly logits: Summary;
		readonly auxiliary?: Summary;
		readonly hidden: readonly Summary[];
		readonly loss: number;
		readonly gradients: Readonly<Record<string, Summary>>;
		readonly moments: Readonly<Record<string, Summary>>;
	};
};

/** Largest error of each kind of number. */
export type Errors = Readonly<Record<string, number>>;

export const networkCases = fixture<Record<string, NetworkCase>>('networks.json');

/** The classifier of a case; its architecture is the first word of the case's name. */
export function classifierOf(name: string, side: number, scale: number): Classifier {
	const isFull = name.includes('with auxiliary head and transformed input');
	return formulaClassifier({architecture: name.split(' ')[0]!, side, scale, auxiliaryClasses: isFull ? 7 : 0, transformInput: isFull});
}

/** Gradients of this share of the largest one in a network are rounding: those of biases before batch normalization are 0. */
const negligible = 1e-3;

/** The largest error of several tensors, by name; what is negligible beside the largest of them is compared to that. */
function largestError(tensors: Weights, expected: Readonly<Record<string, Summary>>): number {
	const [largest, norm] = [0, 1].map(part => negligible * Math.max(...Object.values(expected).map(summary => summary[part]!))) as [number, number];
	return Math.max(...Object.entries(expected).map(([key, summary]) => summaryError(tensors[key]!.data, summary, {largest, norm})));
}

/** How far numbers are from a summary: entries relative to the largest, sums relative to the norm, neither below its floor; infinite where they are not numbers. */
export function summaryError(numbers: Float32Array, summary: Summary, floors?: {readonly largest: number; readonly norm: number}): number {
	const rest = summary.slice(2);
	const [largest, norm] = [Math.max(summary[0], floors?.largest ?? 0) || 1, Math.max(summary[1], floors?.norm ?? 0) || 1];
	const entries = [0, 1, 2, 3].map(index => numbers[Math.floor(index * (numbers.length - 1) / 3)]!);
	const sums = [0, 0];
	let [most, squares] = [0, 0];
	const signs = [signsOf(0, numbers.length), signsOf(1, numbers.length)];
	for (const [index, value] of numbers.entries()) {
		sums[0]! += signs[0]![index]! * value;
		sums[1]! += signs[1]![index]! * value;
		squares += value * value;
		most = Math.max(most, Math.abs(value));
	}

	const errors = [
		Math.abs(most - summary[0]) / largest,
		Math.abs(Math.sqrt(squares) - summary[1]) / norm,
		...entries.map((value, index) => Math.abs(value - rest[index]!) / largest),
		...sums.map((value, index) => Math.abs(value - rest[index + entries.length]!) / norm),
	];
	return errors.some(error => Number.isNaN(error)) ? Infinity : Math.max(...errors);
}

const signs = new Map<number, Int8Array>();

/** The signs of a sum, for numbers up to a count. */
function signsOf(index: number, count: number): Int8Array {
	const known = signs.get(index);
	if (known && known.length >= count) {
		return known;
	}

	const made = Int8Array.from(uniform(`signs ${index}`, 2 * count), value => (value < 0 ? -1 : 1));
	signs.set(index, made);
	return made;
}

/** Images as our network reads them: the fixture's numbers are what the original is given, which may expect images in [0, 1] where ours are in [−1, 1]. */
function ourInput(name: string, images: tf.Tensor4D): tf.Tensor4D {
	return ['vgg16_bn', 'ir50'].includes(name.split(' ')[0]!) ? tf.sub(tf.mul(images, 2), 1) : images;
}

/** Compares inference and the gradient for the images with the original. */
export function evaluationErrors(name: string): Errors {
	const {evaluation} = networkCases[name]!;
	const {side, count, scale} = evaluation;
	using network = buildClassifier(classifierOf(name, side, scale));
	return tf.tidy(() => {
		const images = imagesOf(evaluation.images, count, side);
		const input = ourInput(name, images);
		const logits = network.logits(input);
		const direction = tf.tensor(uniform('direction', logits.size), logits.shape);
		return {
			logits: errorOf(logits, evaluation.logits),
			features: errorOf(network.features(input), evaluation.features),
			hidden: Math.max(...network.hidden(input).map((activations, index) => errorOf(activations, evaluation.hidden[index]!))),
			inputGradient: errorOf(tf.grad(x => tf.sum(tf.mul(network.logits(ourInput(name, x as tf.Tensor4D)), direction)))(images), evaluation.inputGradient),
		};
	});
}

/** Compares a training step with the original: outputs, gradients for the weights, and moments after it. */
export async function trainingErrors(name: string): Promise<Errors> {
	const {training} = networkCases[name]!;
	const {side, count} = training;
	const network = trainableClassifier(classifierOf(name, side, 0));
	const images = tf.tidy(() => ourInput(name, imagesOf('images', count, side)));
	const labels = Int32Array.from({length: count}, (_, index) => index % 5);
	const outputs: Record<string, number> = {};
	const {loss, logits, gradients} = await network.step(images, (output, {hidden, auxiliary}) => {
		outputs.hidden = Math.max(...hidden.map((activations, index) => errorOf(activations, training.hidden[index]!)));
		if (auxiliary) {
			outputs.auxiliary = errorOf(auxiliary, training.auxiliary!);
		}

		const main = labelSmoothingLoss(output, labels, 0);
		return auxiliary ? tf.add(main, labelSmoothingLoss(auxiliary, labels, 0)) : main;
	});
	const stored = Object.fromEntries(Object.entries(gradients).map(([key, gradient]) => [key, toStored(pytorchFormat, {shape: gradient.shape, data: gradient.dataSync<'float32'>()})]));
	const snapshot = await network.snapshot();
	const errors = {
		logits: errorOf(logits, training.logits),
		...outputs,
		loss: Math.abs(loss.dataSync()[0]! - training.loss) / Math.abs(training.loss),
		gradients: largestError(stored, training.gradients),
		moments: largestError(snapshot, training.moments),
	};
	network.dispose();
	tf.dispose([images, loss, logits, gradients]);
	return errors;
}

function errorOf(tensor: tf.Tensor, summary: Summary): number {
	return summaryError(tensor.dataSync<'float32'>(), summary);
}

function imagesOf(name: string, count: number, side: number): tf.Tensor4D {
	return tf.tensor4d(uniform(name, count * side * side * 3), [count, side, side, 3]);
}
