/** A factor L of a matrix LLᵀ. */
export type CholeskyFactor = {
	/** Number of columns that it needs. */
	readonly rank: number;
	/** Lᵀ, row-major [rank, size]. */
	readonly transposed: Float64Array;
};

/**
 * Factor of a symmetric matrix without negative eigenvalues, singular or not, by the Cholesky decomposition with the largest remaining entry of the diagonal first (Higham 2002, "Accuracy and Stability of Numerical Algorithms", section 10.3). What remains when it
 * stops is rounding: at most size·ε times the largest entry.
 *
 * @param matrix - row-major [size, size]; left as it is
 */
export function pivotedCholesky(matrix: Float64Array, size: number): CholeskyFactor {
	const diagonal = Float64Array.from({length: size}, (_, index) => matrix[index * (size + 1)]!);
	// Row-major [size, size], so that all that a step multiplies lies side by side.
	const factor = new Float64Array(size * size);
	const remaining = new Set(diagonal.keys());
	const negligible = size * Number.EPSILON * (diagonal[largestOf(diagonal, remaining)] ?? 0);
	let rank = 0;
	for (; rank < size; rank++) {
		const pivot = largestOf(diagonal, remaining);
		const left = diagonal[pivot]!;
		if (!(left > negligible)) {
			break;
		}

		remaining.delete(pivot);
		const root = Math.sqrt(left);
		const own = factor.subarray(pivot * size, (pivot * size) + rank);
		factor[(pivot * size) + rank] = root;
		for (const row of remaining) {
			const entry = (matrix[(row * size) + pivot]! - dot(factor, row * size, own)) / root;
			factor[(row * size) + rank] = entry;
			diagonal[row]! -= entry * entry;
		}
	}

	const transposed = new Float64Array(rank * size);
	for (let column = 0; column < rank; column++) {
		for (let row = 0; row < size; row++) {
			transposed[(column * size) + row] = factor[(row * size) + column]!;
		}
	}

	return {rank, transposed};
}

function largestOf(diagonal: Float64Array, remaining: ReadonlySet<number>): number {
	let largest = -1;
	for (const index of remaining) {
		if (largest === -1 || diagonal[index]! > diagonal[largest]!) {
			largest = index;
		}
	}

	return largest;
}

function dot(values: Float64Array, offset: number, others: Float64Array): number {
	let sum = 0;
	for (let index = 0; index < others.length; index++) { // eslint-disable-line unicorn/no-for-loop -- the innermost loop of all
		sum += values[offset + index]! * others[index]!;
	}

	return sum;
}
