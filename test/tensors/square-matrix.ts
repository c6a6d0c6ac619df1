import test from 'ava';
import {randomStream} from '../../tensors/random.ts';
import {
	inverse, product, squareMatrix, traceOfProduct, type SquareMatrix,
} from '../../tensors/square-matrix.ts';

/** Of float64 through an elimination of well-conditioned matrices. */
const tolerance = 1e-12;

const matrixOf = (rows: readonly number[][]): SquareMatrix => squareMatrix(rows.length, (row, column) => rows[row]![column]!);

const areClose = (actual: SquareMatrix, expected: SquareMatrix) => actual.values.every((value, index) => Math.abs(value - expected.values[index]!) < tolerance);

test('an inverse agrees with NumPy', t => {
	// Made by python3 -c "import numpy as np; print(np.linalg.inv(np.array([[0., 2, 1], [1, 1, 0], [3, 0, 1]])).tolist())"
	const expected = matrixOf([[-0.2, 0.4, 0.2], [0.2, 0.6, -0.2], [0.6, -1.2, 0.4]]);
	t.true(areClose(inverse(matrixOf([[0, 2, 1], [1, 1, 0], [3, 0, 1]])), expected));
});

test('a matrix times its inverse is the identity', t => {
	const stream = randomStream('matrix');
	const matrix = squareMatrix(20, (row, column) => stream.normal() + (row === column ? 8 : 0));
	const identity = squareMatrix(20, (row, column) => (row === column ? 1 : 0));
	t.true(areClose(product(matrix, inverse(matrix)), identity));
	t.true(areClose(product(inverse(matrix), matrix), identity));
});

test('an inverse leaves its matrix as it is', t => {
	const matrix = matrixOf([[0, 1], [2, 0]]);
	inverse(matrix);
	t.deepEqual([...matrix.values], [0, 1, 2, 0]);
});

test('a singular matrix is refused', t => {
	t.throws(() => inverse(matrixOf([[1, 2], [2, 4]])), {instanceOf: RangeError, message: 'Expected a matrix that has an inverse, got a singular one of size 2'});
});

test('a matrix with NaN has an inverse of NaN', t => {
	t.true(inverse(matrixOf([[Number.NaN, 1], [1, 1]])).values.every(value => Number.isNaN(value)));
});

test('the trace of a product is that of the product', t => {
	const [a, b] = [matrixOf([[1, 2], [3, 4]]), matrixOf([[5, 6], [7, 8]])];
	t.deepEqual([...product(a, b).values], [19, 22, 43, 50]);
	t.is(traceOfProduct(a, b), 69);
});
