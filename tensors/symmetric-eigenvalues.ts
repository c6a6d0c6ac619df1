/** Each eigenvalue takes one or two; more than this many mean a mistake. */
const maxIterations = 60;

/**
 * Eigenvalues of a symmetric matrix, without vectors: Householder reflections to tridiagonal form, then implicit QL steps (Golub and Van Loan, "Matrix Computations", sections 8.3.1 and 8.3.3). Each is off by a few ε times the largest. Takes ⅔·size³ multiplications
 * and additions in one pass over half of the matrix per column.
 *
 * @param matrix - row-major [size, size]; only what is on and below the diagonal is read, and nothing changed
 * @returns [size], in no particular order
 * @throws {RangeError} when the matrix holds NaN or infinity
 */
export function symmetricEigenvalues(matrix: Float64Array, size: number): Float64Array {
	if (matrix.some(value => !Number.isFinite(value))) {
		throw new RangeError('Expected a matrix of finite numbers');
	}

	// Of magnitude 1, so that squares neither vanish nor overflow.
	const scale = largestMagnitude(matrix) || 1;
	const {diagonal, beside} = tridiagonal(matrix.map(value => value / scale), size);
	return diagonalized(diagonal, beside).map(value => value * scale);
}

function largestMagnitude(values: Float64Array): number {
	let largest = 0;
	for (const value of values) {
		largest = Math.max(largest, Math.abs(value));
	}

	return largest;
}

/** Diagonal and subdiagonal of a tridiagonal matrix with the same eigenvalues. */
type Tridiagonal = {readonly diagonal: Float64Array; readonly beside: Float64Array};

/** Overwrites the matrix. */
function tridiagonal(matrix: Float64Array, size: number): Tridiagonal {
	const diagonal = new Float64Array(size);
	const beside = new Float64Array(size);
	const column = new Float64Array(size);
	const sums = new Float64Array(size);
	// The reflection of the step before and its partner: the matrix lacks −vwᵀ − wvᵀ until the next pass over it.
	let v: Float64Array = new Float64Array(size);
	let w: Float64Array = new Float64Array(size);
	for (let step = 0; step < size; step++) {
		for (let row = step; row < size; row++) {
			column[row] = matrix[(row * size) + step]! - (v[row]! * w[step]!) - (w[row]! * v[step]!);
		}

		diagonal[step] = column[step]!;
		if (step === size - 1) {
			break;
		}

		const {reflection, image} = reflect(column, step + 1);
		beside[step] = image;
		updateAndMultiply(matrix, {v, w, next: reflection, sums, from: step + 1, size});
		v = reflection;
		w = partnerOf(reflection, sums);
	}

	return {diagonal, beside};
}

/** The vector u of a reflection I − 2uuᵀ/uᵀu that leaves of a column, from an entry on, this entry alone: what it becomes. Zeros where there is nothing to do. */
function reflect(column: Float64Array, from: number): {readonly reflection: Float64Array; readonly image: number} {
	const reflection = new Float64Array(column.length);
	const first = column[from]!;
	const rest = column.subarray(from + 1);
	if (rest.every(value => value === 0)) {
		return {reflection, image: first};
	}

	const norm = Math.sqrt(rest.reduce((sum, value) => sum + (value ** 2), first ** 2));
	const image = first > 0 ? -norm : norm;
	reflection.set(column.subarray(from), from);
	reflection[from] = first - image;
	return {reflection, image};
}

type Pass = {readonly v: Float64Array; readonly w: Float64Array; readonly next: Float64Array; readonly sums: Float64Array; readonly from: number; readonly size: number};

/** Applies the reflection before, and multiplies the result by the next one, in one pass over half of the matrix. */
function updateAndMultiply(matrix: Float64Array, {v, w, next, sums, from, size}: Pass): void {
	sums.fill(0);
	for (let row = from; row < size; row++) {
		const offset = row * size;
		const own = v[row]!;
		const partner = w[row]!;
		const factor = next[row]!;
		let sum = 0;
		for (let column = from; column < row; column++) {
			const entry = matrix[offset + column]! - (own * w[column]!) - (partner * v[column]!);
			matrix[offset + column] = entry;
			sum += entry * next[column]!;
			sums[column]! += entry * factor;
		}

		const entry = matrix[offset + row]! - (2 * own * partner);
		matrix[offset + row] = entry;
		sums[row]! += sum + (entry * factor);
	}
}

/** The vector w of which the reflection takes −uwᵀ − wuᵀ from the matrix, from the product of the matrix and u. */
function partnerOf(u: Float64Array, product: Float64Array): Float64Array {
	const squares = u.reduce((sum, value) => sum + (value ** 2), 0);
	if (squares === 0) {
		return new Float64Array(u.length);
	}

	const beta = 2 / squares;
	const half = beta * beta * u.reduce((sum, value, index) => sum + (value * product[index]!), 0) / 2;
	return product.map((value, index) => (beta * value) - (half * u[index]!));
}

/** Eigenvalues of a tridiagonal matrix; overwrites it. */
function diagonalized(diagonal: Float64Array, beside: Float64Array): Float64Array {
	const size = diagonal.length;
	const negligible = Number.EPSILON * (largestMagnitude(diagonal) + largestMagnitude(beside));
	for (let first = 0; first < size; first++) {
		for (let iteration = 0; ; iteration++) {
			let last = first;
			while (last < size - 1 && Math.abs(beside[last]!) > negligible) {
				last++;
			}

			if (last === first) {
				break;
			}

			if (iteration === maxIterations) {
				throw new Error(`Internal error: expected QL steps to converge in ${maxIterations} iterations but they did not`);
			}

			stepImplicitly(diagonal, beside, [first, last]);
		}
	}

	return diagonal;
}

/** One QL step of a block with the shift of Wilkinson, by rotations from its end to its beginning. */
function stepImplicitly(diagonal: Float64Array, beside: Float64Array, [first, last]: readonly [number, number]): void {
	const ratio = (diagonal[first + 1]! - diagonal[first]!) / (2 * beside[first]!);
	let bulge = diagonal[last]! - diagonal[first]! + (beside[first]! / (ratio + ((ratio < 0 ? -1 : 1) * Math.hypot(ratio, 1))));
	let [sine, cosine, correction] = [1, 1, 0];
	for (let index = last - 1; index >= first; index--) {
		const turned = sine * beside[index]!;
		const kept = cosine * beside[index]!;
		const length = Math.hypot(turned, bulge);
		beside[index + 1] = length;
		if (length === 0) {
			// The block came apart here.
			diagonal[index + 1]! -= correction;
			beside[last] = 0;
			return;
		}

		sine = turned / length;
		cosine = bulge / length;
		const base = diagonal[index + 1]! - correction;
		const mixed = ((diagonal[index]! - base) * sine) + (2 * cosine * kept);
		correction = sine * mixed;
		diagonal[index + 1] = base + correction;
		bulge = (cosine * mixed) - kept;
	}

	diagonal[first]! -= correction;
	beside[first] = bulge;
	beside[last] = 0;
}
