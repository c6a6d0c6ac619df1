import * as tf from '@tensorflow/tfjs-core';
import {symmetricEigen} from '../tensors/symmetric-eigen.ts';
import type {OnStep} from '../engine/stage.ts';
import type {RandomStream} from '../tensors/random.ts';

/** The directions in which a set of vectors varies most. */
export type PrincipalComponents = {
	/** [size]. */
	readonly mean: Float32Array;
	/** Row-major [count, size]; orthonormal rows, largest variance first. */
	readonly components: Float32Array;
	/** [count]; standard deviation along each component, above 0 (n − 1 normalization). */
	readonly deviations: Float32Array;
	readonly count: number;
};

export type PcaOptions = {
	/** Components to find; fewer are returned when the vectors vary in fewer directions. */
	readonly components: number;
	readonly stream: RandomStream;
	readonly onStep?: OnStep;
};

/** Columns beyond the wanted ones; they make the last wanted ones exact (Halko, Martinsson and Tropp 2011, Sec. 4.2). */
const oversampling = 16;
const powerIterations = 3;

/** Directions with less than this share of the largest variance are rounding noise in float32. */
const rankTolerance = 1e-9;

/** Added to the diagonal before factoring, as a share of its mean, so that directions without variance do no harm. */
const shift = 1e-6;

/**
 * Principal components by randomised subspace iteration (Halko, Martinsson and Tropp 2011, Algorithm 4.4).
 * @param vectors row-major [n, size]; stays the caller's
 */
export async function principalComponents(vectors: tf.Tensor2D, {components, stream, onStep}: PcaOptions): Promise<PrincipalComponents> {
	const [n, size] = vectors.shape;
	const columns = Math.min(components + oversampling, size, n);
	const mean = tf.tidy(() => tf.mean<tf.Tensor2D>(vectors, 0, true));
	const centred = tf.tidy(() => tf.sub<tf.Tensor2D>(vectors, mean));
	let basis = tf.tensor2d(stream.normals(size * columns), [size, columns]);
	try {
		for (let iteration = 0; iteration <= powerIterations; iteration++) {
			basis = await replaced(basis, tf.matMul(centred, basis));
			basis = await replaced(basis, tf.matMul(centred, basis, true));
			await onStep?.(iteration + 1, powerIterations + 1, 'iteration');
		}

		// The variance inside the subspace, which is small enough for an exact decomposition.
		const covariance = await products(tf.matMul(centred, basis));
		const {values, vectors: rotations} = symmetricEigen(covariance, columns);
		const order = [...values.keys()].toSorted((a, b) => values[b]! - values[a]!).filter(index => values[index]! > rankTolerance * Math.max(...values)).slice(0, components);
		const rotation = Float32Array.from(order.flatMap(index => [...rotations.subarray(index * columns, (index + 1) * columns)]));
		const rows = tf.tidy(() => tf.matMul(tf.tensor2d(rotation, [order.length, columns]), basis, false, true));
		return {
			mean: await takeData(tf.clone(mean)),
			components: await takeData(rows),
			deviations: Float32Array.from(order, index => Math.sqrt(values[index]! / (n - 1))),
			count: order.length,
		};
	} finally {
		tf.dispose([mean, centred, basis]);
	}
}

/** The next basis in place of the old one. */
async function replaced(old: tf.Tensor2D, next: tf.Tensor2D): Promise<tf.Tensor2D> {
	old.dispose();
	return orthonormal(next);
}

/**
 * The same column space with orthonormal columns. Consumes its argument. One factorization leaves columns that are nearly dependent too short,
 * because of the shift and of rounding; the second one mends that (Fukaya et al. 2020, shifted Cholesky QR).
 */
async function orthonormal(matrix: tf.Tensor2D): Promise<tf.Tensor2D> {
	return factored(await factored(matrix));
}

/** One shifted Cholesky factorization. Consumes its argument. */
async function factored(matrix: tf.Tensor2D): Promise<tf.Tensor2D> {
	const [, columns] = matrix.shape;
	const inverse = inverseCholesky(await products(tf.clone(matrix)), columns);
	const result = tf.tidy(() => tf.matMul<tf.Tensor2D>(matrix, tf.tensor2d(Float32Array.from(inverse), [columns, columns]), false, true));
	matrix.dispose();
	return result;
}

/** AᵀA in float64. Consumes its argument. */
async function products(matrix: tf.Tensor2D): Promise<Float64Array> {
	const product = tf.tidy(() => tf.matMul(matrix, matrix, true));
	matrix.dispose();
	return Float64Array.from(await takeData(product));
}

/** L⁻¹ for the lower triangular L with LLᵀ = the shifted matrix; row-major [size, size]. */
function inverseCholesky(matrix: Float64Array, size: number): Float64Array {
	let trace = 0;
	for (let i = 0; i < size; i++) {
		trace += matrix[i * (size + 1)]!;
	}

	const lower = new Float64Array(size * size);
	const inverse = new Float64Array(size * size);
	for (let i = 0; i < size; i++) {
		for (let j = 0; j <= i; j++) {
			let sum = matrix[(i * size) + j]! + (i === j ? shift * trace / size : 0);
			for (let k = 0; k < j; k++) {
				sum -= lower[(i * size) + k]! * lower[(j * size) + k]!;
			}

			lower[(i * size) + j] = i === j ? Math.sqrt(sum) : sum / lower[j * (size + 1)]!;
		}

		// Row i of the inverse follows from the rows above.
		inverse[i * (size + 1)] = 1 / lower[i * (size + 1)]!;
		for (let j = 0; j < i; j++) {
			let sum = 0;
			for (let k = j; k < i; k++) {
				sum -= lower[(i * size) + k]! * inverse[(k * size) + j]!;
			}

			inverse[(i * size) + j] = sum / lower[i * (size + 1)]!;
		}
	}

	return inverse;
}

async function takeData(tensor: tf.Tensor): Promise<Float32Array> {
	try {
		return await tensor.data<'float32'>();
	} finally {
		tensor.dispose();
	}
}
