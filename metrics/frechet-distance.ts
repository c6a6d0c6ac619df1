import {UserError} from '../engine/error.ts';
import {symmetricEigen} from '../tensors/symmetric-eigen.ts';
import {countOf, type Features, requireSameSize} from './features.ts';

/**
 * Fréchet distance of two sets of features, FID when they are an image network's (Heusel et al. 2017): with means μ and covariances Σ
 * (normalised by count − 1), ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½). All in float64.
 *
 * With Σ₁ = FFᵀ, the trace of the root is the sum of the roots of the eigenvalues of FᵀΣ₂F, which is symmetric and has no negative ones: so
 * singular covariances need neither the small diagonal nor the dropped imaginary part of the usual implementations.
 *
 * @returns 0 or more.
 * @throws {UserError} when a set has fewer than 2 samples, the feature sizes differ, or a feature is not finite.
 */
export function frechetDistance(first: Features, second: Features): number {
	requireSameSize(first, second);
	const {size} = first;
	const [a, b] = [moments(first), moments(second)];
	const means = a.mean.reduce((sum, value, index) => sum + ((value - b.mean[index]!) ** 2), 0);
	const traces = trace(a.covariance, size) + trace(b.covariance, size);
	const {values} = symmetricEigen(conjugate(factor(a.covariance, size), b.covariance, size), size);
	const root = values.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
	// Rounding can leave a little less than 0 for equal sets.
	return Math.max(0, means + traces - (2 * root));
}

function moments(features: Features): {mean: Float64Array; covariance: Float64Array} {
	const {values, size} = features;
	const count = countOf(features);
	if (count < 2) {
		throw new UserError('too-few-samples', `Expected at least 2 samples for a covariance, got ${count}`, {hint: 'Keep more reconstructions ("selection.keepPerClass") or training images ("subsample.perClass").'});
	}

	const mean = new Float64Array(size);
	for (const [index, value] of values.entries()) {
		mean[index % size]! += value / count;
	}

	const covariance = new Float64Array(size * size);
	for (let start = 0; start < values.length; start += size) {
		const centred = mean.map((center, index) => values[start + index]! - center);
		for (const [row, left] of centred.entries()) {
			for (let column = 0; column < size; column++) {
				covariance[(row * size) + column]! += left * centred[column]! / (count - 1);
			}
		}
	}

	return {mean, covariance};
}

function trace(matrix: Float64Array, size: number): number {
	let sum = 0;
	for (let index = 0; index < matrix.length; index += size + 1) {
		sum += matrix[index]!;
	}

	return sum;
}

/** Fᵀ for a matrix FFᵀ: its eigenvectors as rows, times the roots of their eigenvalues. */
function factor(matrix: Float64Array, size: number): Float64Array {
	const {values, vectors} = symmetricEigen(matrix, size);
	return vectors.map((value, index) => value * Math.sqrt(Math.max(0, values[Math.floor(index / size)]!)));
}

/** FᵀMF for a symmetric M, made exactly symmetric. */
function conjugate(transposedFactor: Float64Array, matrix: Float64Array, size: number): Float64Array {
	const half = multiplyTransposed(transposedFactor, matrix, size);
	const product = multiplyTransposed(half, transposedFactor, size);
	return product.map((value, index) => (value + product[((index % size) * size) + Math.floor(index / size)]!) / 2);
}

/** ABᵀ. */
function multiplyTransposed(a: Float64Array, b: Float64Array, size: number): Float64Array {
	const product = new Float64Array(size * size);
	for (let row = 0; row < size; row++) {
		for (let column = 0; column < size; column++) {
			let sum = 0;
			for (let index = 0; index < size; index++) {
				sum += a[(row * size) + index]! * b[(column * size) + index]!;
			}

			product[(row * size) + column] = sum;
		}
	}

	return product;
}
