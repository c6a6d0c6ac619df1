import {epsilon, type HiddenLayer} from './layers.ts';

/** What the backward pass needs of a forward pass. */
export type NormalizationTrace = {
	/** With mean 0 and variance 1 for every unit, [units, count]. */
	readonly normalized: Float64Array;
	/** After scale, shift and ReLU. */
	readonly activations: Float64Array;
	/** 1/√(variance + ε) per unit. */
	readonly inverseDeviations: Float64Array;
	/** Per unit. */
	readonly means: Float64Array;
	/** Per unit, with count − 1 in the denominator. */
	readonly variances: Float64Array;
};

/**
 * Bias, batch normalization (Ioffe and Szegedy 2015, Alg. 1) and ReLU.
 * @param values - [units, count], at least two of each unit; becomes `normalized`.
 */
export function normalize(values: Float64Array, {outputs, bias, scale, shift}: HiddenLayer): NormalizationTrace {
	const count = values.length / outputs;
	const activations = new Float64Array(values.length);
	const [means, variances, inverseDeviations] = [new Float64Array(outputs), new Float64Array(outputs), new Float64Array(outputs)];
	for (let unit = 0; unit < outputs; unit++) {
		const [from, end] = [unit * count, (unit + 1) * count];
		let sum = 0;
		for (let at = from; at < end; at++) {
			sum += values[at]!;
		}

		const mean = sum / count;
		let squares = 0;
		for (let at = from; at < end; at++) {
			const centred = values[at]! - mean;
			squares += centred * centred;
		}

		const inverseDeviation = 1 / Math.sqrt((squares / count) + epsilon);
		const [gain, offset] = [scale[unit]!, shift[unit]!];
		for (let at = from; at < end; at++) {
			const normalized = (values[at]! - mean) * inverseDeviation;
			values[at] = normalized;
			activations[at] = Math.max(0, (normalized * gain) + offset);
		}

		// The bias moves the mean and is taken out with it.
		means[unit] = mean + bias[unit]!;
		variances[unit] = squares / (count - 1);
		inverseDeviations[unit] = inverseDeviation;
	}

	return {normalized: values, activations, inverseDeviations, means, variances};
}

/**
 * The way back through `normalize`. Fills in the gradients of scale, shift and bias.
 * @param upstream - gradient with respect to the activations, [units, count].
 * @returns That with respect to the values before the bias.
 */
export function normalizeBack(
	upstream: Float64Array,
	{normalized, activations, inverseDeviations}: NormalizationTrace,
	{layer: {outputs, scale}, gradient}: {readonly layer: HiddenLayer; readonly gradient: HiddenLayer},
): Float64Array {
	const count = upstream.length / outputs;
	const result = new Float64Array(upstream.length);
	for (let unit = 0; unit < outputs; unit++) {
		const [from, end] = [unit * count, (unit + 1) * count];
		let shiftGradient = 0;
		let scaleGradient = 0;
		for (let at = from; at < end; at++) {
			// ReLU: what was cut off has no influence.
			const slope = activations[at]! > 0 ? upstream[at]! : 0;
			result[at] = slope;
			shiftGradient += slope;
			scaleGradient += slope * normalized[at]!;
		}

		const factor = scale[unit]! * inverseDeviations[unit]!;
		const [meanSlope, meanProduct] = [shiftGradient / count, scaleGradient / count];
		let biasGradient = 0;
		for (let at = from; at < end; at++) {
			const slope = factor * (result[at]! - meanSlope - (normalized[at]! * meanProduct));
			result[at] = slope;
			biasGradient += slope;
		}

		gradient.shift[unit] = shiftGradient;
		gradient.scale[unit] = scaleGradient;
		gradient.bias[unit] = biasGradient;
	}

	return result;
}
