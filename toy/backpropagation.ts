import type {ToyNetwork, ToyPoints} from '../artifacts/toy.ts';
import {setWeightGradient, multiply, multiplyTransposed} from './linear.ts';
import {layersIn} from './layers.ts';
import {smoothedCrossEntropy} from './loss.ts';
import {normalize, normalizeBack, type NormalizationTrace} from './normalization.ts';

/** What one pass over all points gives. */
export type Pass = {
	/** Label smoothing loss, mean over the points. */
	readonly loss: number;
	/** With respect to the weights of the network, in their order. */
	readonly gradient: Float64Array;
	/** Mean of every hidden unit before normalization, one hidden layer after the other. */
	readonly means: Float64Array;
	/** Variances of the same, with n − 1 in the denominator. */
	readonly variances: Float64Array;
};

/**
 * Loss and gradient with batch normalization in training mode: statistics of these points, and gradients through them.
 * Values between the layers are laid out [units, count], so that everything about one unit is in one place.
 * @param points - at least two.
 */
export function lossAndGradient({widths, weights}: Pick<ToyNetwork, 'widths' | 'weights'>, {points, labels}: ToyPoints, alpha: number): Pass {
	const {hidden, output} = layersIn(widths, weights);
	const inputs = [coordinates(points)];
	const traces: NormalizationTrace[] = [];
	for (const [index, layer] of hidden.entries()) {
		const trace = normalize(multiply(layer, inputs[index]!), layer);
		traces.push(trace);
		inputs.push(trace.activations);
	}

	const {loss, gradient: logitGradient} = smoothedCrossEntropy(multiply(output, inputs.at(-1)!), labels, alpha);
	const gradient = new Float64Array(weights.length);
	const gradients = layersIn(widths, gradient);
	setWeightGradient(gradients.output, logitGradient, inputs.at(-1)!);
	let [above, upstream] = [output, logitGradient];
	for (const [index, layer] of [...hidden.entries()].toReversed()) {
		upstream = normalizeBack(multiplyTransposed(above, upstream), traces[index]!, {layer, gradient: gradients.hidden[index]!});
		setWeightGradient(gradients.hidden[index]!, upstream, inputs[index]!);
		above = layer;
	}

	return {
		loss,
		gradient,
		means: joined(traces.map(({means}) => means)),
		variances: joined(traces.map(({variances}) => variances)),
	};
}

/** All x, then all y. */
function coordinates(points: Float32Array): Float64Array {
	const count = points.length / 2;
	return Float64Array.from(points, (_, index) => points[index < count ? 2 * index : (2 * (index - count)) + 1]!);
}

function joined(arrays: readonly Float64Array[]): Float64Array {
	return Float64Array.from(arrays.flatMap(array => [...array]));
}
