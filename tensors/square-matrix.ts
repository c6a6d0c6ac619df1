/** A square matrix in float64, for algebra that float32 and TensorFlow.js, which has no solver, cannot do. */
export type SquareMatrix = {
	readonly size: number;
	/** Row-major [size, size]. */
	readonly values: Float64Array;
};

/** A matrix whose entries are a function of their place. */
export function squareMatrix(size: number, entry: (row: number, column: number) => number): SquareMatrix {
	return {size, values: Float64Array.from({length: size * size}, (_, index) => entry(Math.floor(index / size), index % size))};
}

/** The matrix product a·b of two matrices of one size. */
export function product({size, values: a}: SquareMatrix, {values: b}: SquareMatrix): SquareMatrix {
	const values = new Float64Array(size * size);
	for (let row = 0; row < size; row++) {
		for (let inner = 0; inner < size; inner++) {
			const factor = a[(row * size) + inner]!;
			for (let column = 0; column < size; column++) {
				values[(row * size) + column]! += factor * b[(inner * size) + column]!;
			}
		}
	}

	return {size, values};
}

/** The trace of a·b, without computing the product. */
export function traceOfProduct({size, values: a}: SquareMatrix, {values: b}: SquareMatrix): number {
	let sum = 0;
	for (let row = 0; row < size; row++) {
		for (let column = 0; column < size; column++) {
			sum += a[(row * size) + column]! * b[(column * size) + row]!;
		}
	}

	return sum;
}

/**
 * The inverse of a general matrix by Gauss–Jordan elimination with partial pivoting (Golub and Van Loan, "Matrix Computations", section 3.4), O(size³).
 * @returns NaN throughout where the matrix holds NaN or infinity; callers must check.
 * @throws {RangeError} when the matrix is singular
 */
export function inverse({size, values}: SquareMatrix): SquareMatrix {
	// Each row is followed by its row of the identity, which the elimination turns into the inverse.
	const width = 2 * size;
	const rows = Array.from({length: size}, (_, row) => {
		const line = new Float64Array(width);
		line.set(values.subarray(row * size, (row + 1) * size));
		line[size + row] = 1;
		return line;
	});
	for (let column = 0; column < size; column++) {
		const pivotRow = largestBelow(rows, column);
		[rows[column], rows[pivotRow]] = [rows[pivotRow]!, rows[column]!];
		const pivot = rows[column]!;
		if (pivot[column] === 0) {
			throw new RangeError(`Expected a matrix that has an inverse, got a singular one of size ${size}`);
		}

		const scale = 1 / pivot[column]!;
		for (let index = column; index < width; index++) {
			pivot[index]! *= scale;
		}

		for (const [index, line] of rows.entries()) {
			if (index !== column) {
				subtract(line, pivot, {factor: line[column]!, from: column});
			}
		}
	}

	const inverted = new Float64Array(size * size);
	for (const [row, line] of rows.entries()) {
		inverted.set(line.subarray(size), row * size);
	}

	return {size, values: inverted};
}

/** The row from `column` on whose number in that column is the largest in size. */
function largestBelow(rows: readonly Float64Array[], column: number): number {
	let best = column;
	for (let row = column + 1; row < rows.length; row++) {
		if (Math.abs(rows[row]![column]!) > Math.abs(rows[best]![column]!)) {
			best = row;
		}
	}

	return best;
}

function subtract(line: Float64Array, other: Float64Array, {factor, from}: {readonly factor: number; readonly from: number}): void {
	for (let index = from; index < line.length; index++) {
		line[index]! -= factor * other[index]!;
	}
}
