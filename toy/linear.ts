/**
 * Products with the weight of a linear layer, for values laid out [units, count]: a row is everything about one unit. They take most of the time of a training,
 * so they go through four rows at once, which halves it. Where fewer than four are left, the first of them stands in for the missing ones with the factor 0.
 */
import type {LinearLayer} from './layers.ts';

/** @param x - [inputs, count]. @returns W x, [outputs, count], without the bias. */
export function multiply({inputs, outputs, weight}: LinearLayer, x: Float64Array): Float64Array {
	return combineRows(x, weight, {rows: inputs, rowStride: 1, results: outputs, resultStride: inputs});
}

/** @param gradient - with respect to the outputs, [outputs, count]. @returns That with respect to the inputs, Wᵀ gradient, [inputs, count]. */
export function multiplyTransposed({inputs, outputs, weight}: LinearLayer, gradient: Float64Array): Float64Array {
	return combineRows(gradient, weight, {rows: outputs, rowStride: inputs, results: inputs, resultStride: 1});
}

/** Sets the gradient with respect to the weight: gradient xᵀ, where `gradient` is that with respect to the outputs. */
export function setWeightGradient({inputs, outputs, weight}: LinearLayer, gradient: Float64Array, x: Float64Array): void {
	const count = gradient.length / outputs;
	for (let unit = 0; unit < outputs; unit++) {
		const from = unit * count;
		for (let input = 0; input < inputs; input += 4) {
			const left = inputs - input;
			const a = input * count;
			const [b, c, d] = [left > 1 ? a + count : a, left > 2 ? a + (2 * count) : a, left > 3 ? a + (3 * count) : a];
			let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
			for (let at = 0; at < count; at++) {
				const slope = gradient[from + at]!;
				sumA += slope * x[a + at]!;
				sumB += slope * x[b + at]!;
				sumC += slope * x[c + at]!;
				sumD += slope * x[d + at]!;
			}

			weight.set([sumA, sumB, sumC, sumD].slice(0, left), (unit * inputs) + input);
		}
	}
}

/** How many rows are combined into how many results, and how far the factors of neighbours are apart. */
type Combination = {readonly rows: number; readonly rowStride: number; readonly results: number; readonly resultStride: number};

/** Every result is a sum of rows with factors. */
function combineRows(values: Float64Array, factors: Float64Array, {rows, rowStride, results, resultStride}: Combination): Float64Array {
	const count = values.length / rows;
	const combined = new Float64Array(results * count);
	for (let result = 0; result < results; result++) {
		const to = result * count;
		for (let row = 0; row < rows; row += 4) {
			const left = rows - row;
			const a = row * count;
			const [b, c, d] = [left > 1 ? a + count : a, left > 2 ? a + (2 * count) : a, left > 3 ? a + (3 * count) : a];
			const first = (result * resultStride) + (row * rowStride);
			const factorA = factors[first]!;
			const factorB = left > 1 ? factors[first + rowStride]! : 0;
			const factorC = left > 2 ? factors[first + (2 * rowStride)]! : 0;
			const factorD = left > 3 ? factors[first + (3 * rowStride)]! : 0;
			for (let at = 0; at < count; at++) {
				combined[to + at]! += (factorA * values[a + at]!) + (factorB * values[b + at]!) + (factorC * values[c + at]!) + (factorD * values[d + at]!);
			}
		}
	}

	return combined;
}
