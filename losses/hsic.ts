import * as tf from '@tensorflow/tfjs-core';
import {
	inverse, product, squareMatrix, traceOfProduct, type SquareMatrix,
} from '../tensors/square-matrix.ts';

/** The numbers of the normalised Hilbert-Schmidt independence criterion. */
export type HsicOptions = {
	/** Width σ of the Gaussian kernel, above 0. */
	readonly sigma: number;
	/** Regularises the inverse, above 0; it is multiplied by the batch size. */
	readonly epsilon: number;
};

/** How alike labels are: the dot products of their one-hot vectors, or a Gaussian kernel of them. */
export type LabelKernel = 'linear' | 'gaussian';

/**
 * What the normalised HSIC compares of a variable: R = K̃ (K̃ + εmI)⁻¹ with K̃ = K (I − 11ᵀ/m), [m, m] for a batch of m (Peng et al. 2022, "Bilateral
 * Dependency Optimization"; the published code centres from the right only). As a constant, without a gradient.
 *
 * @param rows - [m, …], one sample per row; what follows is flattened.
 */
export async function gaussianDependence(rows: tf.Tensor, {sigma, epsilon}: HsicOptions): Promise<SquareMatrix> {
	const products = centredProducts(rows);
	const kernel = gaussianKernel(rows, await products.data<'float32'>(), sigma);
	products.dispose();
	return dependence(kernel, epsilon).matrix;
}

/** All products of two samples less the mean of the samples, [m, m]: what the criterion has to know in numbers. */
export function centredProducts(rows: tf.Tensor): tf.Tensor2D {
	return tf.tidy(() => {
		const vectors = flatten(rows);
		const centred = tf.sub<tf.Tensor2D>(vectors, tf.mean(vectors, 0));
		return tf.matMul(centred, centred, false, true);
	});
}

/** The same for class indices as one-hot vectors of length `numClasses`; two of different classes are √2 apart. */
export function labelDependence(labels: Int32Array, numClasses: number, {labelKernel, sigma, epsilon}: HsicOptions & {readonly labelKernel: LabelKernel}): SquareMatrix {
	const between = labelKernel === 'linear' ? 0 : Math.exp(-1 / (sigma * sigma * numClasses));
	return dependence(squareMatrix(labels.length, (row, column) => (labels[row] === labels[column] ? 1 : between)), epsilon).matrix;
}

/**
 * Normalised HSIC H(Z, Q) = tr(R_Z R_Q) of activations with a Gaussian kernel exp(−d²/(2σ²·size)), differentiable with respect to the activations.
 * It is linear in R_Q, so that a weighted sum of several criteria takes one call with the weighted sum of their matrices.
 *
 * The activations are centred before their products are taken in float32, which changes no distance; the m×m algebra is float64, because K̃ + εmI is
 * nearly singular.
 *
 * @param activations - [m, …]
 * @param other - R_Q of the same batch, [m, m].
 * @param products - The numbers of `centredProducts` of these activations; needed where a backend cannot read them while a loss is computed.
 * @returns A scalar; NaN where the activations are not finite, so callers must check.
 */
export function normalizedHsic(activations: tf.Tensor, other: SquareMatrix, {sigma, epsilon}: HsicOptions, products?: Float32Array): tf.Scalar {
	const criterion = tf.customGrad((...args) => {
		const [z, save] = args as [tf.Tensor, (tensors: tf.Tensor[]) => void];
		const kernel = gaussianKernel(z, products ?? tf.tidy(() => centredProducts(z).dataSync<'float32'>()), sigma);
		const {matrix, inverted} = dependence(kernel, epsilon);
		const {size} = kernel;
		const weights = distanceWeights(kernel, inverted, {other, sigma, epsilon, width: z.size / size});
		save([z, tf.tensor2d(Float32Array.from(weights.values), [size, size])]);
		return {
			value: tf.scalar(traceOfProduct(matrix, other)),
			gradFunc: (dy, [saved, laplacian]) => tf.mul(tf.reshape(tf.matMul(laplacian as tf.Tensor2D, flatten(saved!)), saved!.shape), dy),
		};
	});
	return criterion(activations) as tf.Scalar;
}

/** The sum a·A + b·B of two matrices. */
export function weightedSum(a: number, {size, values: first}: SquareMatrix, b: number, {values: second}: SquareMatrix): SquareMatrix {
	return {size, values: first.map((value, index) => (a * value) + (b * second[index]!))};
}

/** R of a kernel, and (K̃ + εmI)⁻¹, which its gradient needs. */
function dependence(kernel: SquareMatrix, epsilon: number): {readonly matrix: SquareMatrix; readonly inverted: SquareMatrix} {
	const {size} = kernel;
	const centred = centreRows(kernel);
	const ridge = epsilon * size;
	const inverted = inverse(squareMatrix(size, (row, column) => centred.values[(row * size) + column]! + (row === column ? ridge : 0)));
	return {matrix: product(centred, inverted), inverted};
}

/**
 * The matrix L with ∂H/∂Z = L·Z. With A = K̃ + eI, e = εm: R = I − eA⁻¹, so ∂H/∂K̃ = (eA⁻¹R_QA⁻¹)ᵀ and W = ∂H/∂K = (e(I − 11ᵀ/m)A⁻¹R_QA⁻¹)ᵀ. A distance
 * between two rows moves H by S = −(W + Wᵀ)∘K/(σ²·size), and L is the Laplacian diag(S1) − S.
 */
function distanceWeights({size, values: kernel}: SquareMatrix, inverted: SquareMatrix, {other, sigma, epsilon, width}: HsicOptions & {readonly other: SquareMatrix; readonly width: number}): SquareMatrix {
	const byCentred = product(product(inverted, other), inverted);
	const byKernel = centreColumns({size, values: byCentred.values.map(value => epsilon * size * value)}).values;
	const slopes = squareMatrix(size, (row, column) => {
		const [at, across] = [(row * size) + column, (column * size) + row];
		return -(byKernel[at]! + byKernel[across]!) * kernel[at]! / (sigma * sigma * width);
	});
	const sums = Float64Array.from({length: size}, (_, row) => sumOf(slopes.values.subarray(row * size, (row + 1) * size)));
	return squareMatrix(size, (row, column) => (row === column ? sums[row]! : 0) - slopes.values[(row * size) + column]!);
}

/** The kernel exp(−d²/(2σ²·size)) with the squared distances d² of the flattened rows, from the products of the centred ones. */
function gaussianKernel(rows: tf.Tensor, products: Float32Array, sigma: number): SquareMatrix {
	const [size = 0] = rows.shape;
	const scale = 2 * sigma * sigma * rows.size / size;
	const squared = (index: number) => products[index * (size + 1)]!;
	return squareMatrix(size, (row, column) => Math.exp(-Math.abs(squared(row) + squared(column) - (2 * products[(row * size) + column]!)) / scale));
}

function flatten(rows: tf.Tensor): tf.Tensor2D {
	const [count = 0] = rows.shape;
	return tf.reshape(rows, [count, -1]);
}

/** M·(I − 11ᵀ/m): every row less its mean. */
function centreRows({size, values}: SquareMatrix): SquareMatrix {
	const means = Float64Array.from({length: size}, (_, row) => sumOf(values.subarray(row * size, (row + 1) * size)) / size);
	return squareMatrix(size, (row, column) => values[(row * size) + column]! - means[row]!);
}

/** (I − 11ᵀ/m)·M: every column less its mean. */
function centreColumns({size, values}: SquareMatrix): SquareMatrix {
	const means = new Float64Array(size);
	for (const [index, value] of values.entries()) {
		means[index % size]! += value / size;
	}

	return squareMatrix(size, (row, column) => values[(row * size) + column]! - means[column]!);
}

function sumOf(values: Float64Array): number {
	let sum = 0;
	for (const value of values) {
		sum += value;
	}

	return sum;
}
