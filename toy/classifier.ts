import type {Place, ToyNetwork} from '../artifacts/toy.ts';
import {epsilon, layersIn, perLayer, type LinearLayer} from './layers.ts';
import {smoothedCrossEntropy, softmax} from './loss.ts';

/** A network in evaluation mode: running statistics are part of its linear layers, so nothing but ReLU stands between them. */
export type ToyClassifier = {
	/** Probability of every class. */
	readonly probabilities: (place: Place) => Float64Array;
	/** The cross-entropy of a class, and its gradient with respect to the place. */
	readonly loss: (place: Place, label: number) => {readonly loss: number; readonly gradient: Place};
};

type AffineLayer = LinearLayer & {readonly bias: Float64Array};

/** The network as it is used after training. Later changes of its weights do not reach it. */
export function toyClassifier(network: ToyNetwork): ToyClassifier {
	const layers = affineLayers(network);
	return {
		probabilities: place => softmax(forward(layers, place).at(-1)!),
		loss(place, label) {
			const values = forward(layers, place);
			const {loss, gradient} = smoothedCrossEntropy(values.at(-1)!, [label], 0);
			const [x = 0, y = 0] = backward(layers, values, gradient);
			return {loss, gradient: [x, y]};
		},
	};
}

/** Confidence, the largest probability, at the middles of the cells of a square grid from −extent to extent: row-major [resolution, resolution], the lower left one first. */
export function confidenceGrid({probabilities}: ToyClassifier, {extent, resolution}: {readonly extent: number; readonly resolution: number}): Float64Array {
	const coordinate = (index: number) => extent * ((((2 * index) + 1) / resolution) - 1);
	return Float64Array.from({length: resolution ** 2}, (_, index) =>
		Math.max(...probabilities([coordinate(index % resolution), coordinate(Math.floor(index / resolution))])));
}

function affineLayers({widths, weights, means, variances}: ToyNetwork): readonly AffineLayer[] {
	const {hidden, output} = layersIn(widths, weights);
	const [layerMeans, layerVariances] = [perLayer(widths, means), perLayer(widths, variances)];
	const folded = hidden.map(({inputs, outputs, weight, bias, scale, shift}, index) => {
		const factors = scale.map((value, unit) => value / Math.sqrt(layerVariances[index]![unit]! + epsilon));
		return {
			inputs,
			outputs,
			weight: weight.map((value, at) => value * factors[Math.floor(at / inputs)]!),
			bias: bias.map((value, unit) => ((value - layerMeans[index]![unit]!) * factors[unit]!) + shift[unit]!),
		};
	});
	return [...folded, {...output, weight: output.weight.slice(), bias: new Float64Array(output.outputs)}];
}

/** The input of every layer, and the logits. */
function forward(layers: readonly AffineLayer[], place: Place): readonly Float64Array[] {
	const values = [Float64Array.from(place)];
	for (const [index, {inputs, weight, bias}] of layers.entries()) {
		const input = values[index]!;
		const isLast = index === layers.length - 1;
		values.push(bias.map((start, unit) => {
			let sum = start;
			for (let at = 0; at < inputs; at++) {
				sum += weight[(unit * inputs) + at]! * input[at]!;
			}

			return isLast ? sum : Math.max(0, sum);
		}));
	}

	return values;
}

/** The gradient with respect to the input from that with respect to the logits. */
function backward(layers: readonly AffineLayer[], values: readonly Float64Array[], logitGradient: Float64Array): Float64Array {
	let gradient = logitGradient;
	for (const [index, {inputs, outputs, weight}] of [...layers.entries()].toReversed()) {
		const upstream = gradient;
		gradient = new Float64Array(inputs).map((_, at) => {
			// What ReLU cut off has no influence; the first layer's input is the place itself.
			if (index > 0 && values[index]![at]! <= 0) {
				return 0;
			}

			let sum = 0;
			for (let unit = 0; unit < outputs; unit++) {
				sum += upstream[unit]! * weight[(unit * inputs) + at]!;
			}

			return sum;
		});
	}

	return gradient;
}
