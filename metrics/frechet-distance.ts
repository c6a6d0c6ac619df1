import {UserError} from '../engine/error.ts';
import {addProduct, mirrorUpper} from '../tensors/matrix-products.ts';
import {pivotedCholesky} from '../tensors/pivoted-cholesky.ts';
import {symmetricEigenvalues} from '../tensors/symmetric-eigenvalues.ts';
import {countOf, type Features, requireSameSize} from './features.ts';

/**
 * Fréchet distance of two sets of features, FID when they are an image network's (Heusel et al. 2017): with means μ and covariances Σ
 * (normalised by count − 1), ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½). All in float64.
 *
 * With Σ₁ = LLᵀ, the trace of the root is the sum of the roots of the eigenvalues of LᵀΣ₂L, which is symmetric and has no negative ones: so
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
	const root = rootOfProduct(a.covariance, b.covariance, size);
	// Rounding can leave a little less than 0 for equal sets.
	return Math.max(0, means + traces - (2 * root));
}

/** Samples of which the products are added at a time. */
const samplesAtATime = 512;

function moments(features: Features): {readonly mean: Float64Array; readonly covariance: Float64Array} {
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
	for (let start = 0; start < count; start += samplesAtATime) {
		const inner = Math.min(samplesAtATime, count - start);
		const centred = new Float64Array(size * inner);
		for (const [row, center] of mean.entries()) {
			for (let sample = 0; sample < inner; sample++) {
				centred[(row * inner) + sample] = values[((start + sample) * size) + row]! - center;
			}
		}

		addProduct(covariance, [centred, centred], {rows: size, columns: size, inner}, true);
	}

	mirrorUpper(covariance, size);
	return {mean, covariance: covariance.map(value => value / (count - 1))};
}

function trace(matrix: Float64Array, size: number): number {
	let sum = 0;
	for (let index = 0; index < matrix.length; index += size + 1) {
		sum += matrix[index]!;
	}

	return sum;
}

/** Trace of (Σ₁Σ₂)^½. */
function rootOfProduct(first: Float64Array, second: Float64Array, size: number): number {
	const {rank, transposed} = pivotedCholesky(first, size);
	const half = new Float64Array(rank * size);
	addProduct(half, [transposed, second], {rows: rank, columns: size, inner: size});
	const product = new Float64Array(rank * rank);
	addProduct(product, [half, transposed], {rows: rank, columns: rank, inner: size}, true);
	mirrorUpper(product, rank);
	return symmetricEigenvalues(product, rank).reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
}
