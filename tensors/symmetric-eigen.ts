/** Eigenvalues and eigenvectors of a symmetric matrix. */
export type SymmetricEigen = {
	/** [size], in no particular order. */
	readonly values: Float64Array;
	/** Row-major [size, size]; row i is the unit eigenvector of `values[i]`. */
	readonly vectors: Float64Array;
};

const maxSweeps = 60;

/**
 * Eigendecomposition of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, "Matrix Computations", section 8.5): accurate to
 * rounding, also for singular matrices. Takes O(size³) per sweep and about ten sweeps; meant for sizes up to a few hundred.
 *
 * @param matrix - Row-major [size, size]; left as it is.
 * @throws {RangeError} when the matrix holds NaN or infinity.
 */
export function symmetricEigen(matrix: Float64Array, size: number): SymmetricEigen {
	if (matrix.some(value => !Number.isFinite(value))) {
		throw new RangeError('Expected a matrix of finite numbers');
	}

	const a = Float64Array.from(matrix);
	const vectors = Float64Array.from({length: size * size}, (_, index) => (index % (size + 1) === 0 ? 1 : 0));
	const norm = squaredNorm(a);
	for (let sweep = 0; offDiagonal(a, size) > norm * (Number.EPSILON ** 2); sweep++) {
		if (sweep === maxSweeps) {
			throw new Error(`Internal error: expected Jacobi rotations to converge in ${maxSweeps} sweeps but they did not`);
		}

		for (let p = 0; p < size - 1; p++) {
			for (let q = p + 1; q < size; q++) {
				rotate({a, vectors, size}, p, q);
			}
		}
	}

	return {values: Float64Array.from({length: size}, (_, index) => a[index * (size + 1)]!), vectors};
}

function squaredNorm(values: Float64Array): number {
	return values.reduce((sum, value) => sum + (value ** 2), 0);
}

function offDiagonal(a: Float64Array, size: number): number {
	return a.reduce((sum, value, index) => sum + (index % (size + 1) === 0 ? 0 : value ** 2), 0);
}

/** Turns axes p and q so that the entry (p, q) becomes 0. */
function rotate({a, vectors, size}: {readonly a: Float64Array; readonly vectors: Float64Array; readonly size: number}, p: number, q: number): void {
	const entry = a[(p * size) + q]!;
	if (entry === 0) {
		return;
	}

	// The smaller of the two angles; tan, cos, sin.
	const theta = (a[q * (size + 1)]! - a[p * (size + 1)]!) / (2 * entry);
	const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
	const c = 1 / Math.hypot(t, 1);
	const s = t * c;
	turnRows(a, {p: p * size, q: q * size, size, c, s});
	turnRows(vectors, {p: p * size, q: q * size, size, c, s});
	for (let row = 0; row < size; row++) {
		const [x, y] = [a[(row * size) + p]!, a[(row * size) + q]!];
		a[(row * size) + p] = (c * x) - (s * y);
		a[(row * size) + q] = (s * x) + (c * y);
	}

	a[(p * size) + q] = 0;
	a[(q * size) + p] = 0;
}

function turnRows(values: Float64Array, {p, q, size, c, s}: {readonly p: number; readonly q: number; readonly size: number; readonly c: number; readonly s: number}): void {
	for (let column = 0; column < size; column++) {
		const x = values[p + column]!;
		const y = values[q + column]!;
		values[p + column] = (c * x) - (s * y);
		values[q + column] = (s * x) + (c * y);
	}
}
