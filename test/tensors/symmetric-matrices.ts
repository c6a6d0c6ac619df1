import test, {type ExecutionContext} from 'ava';
import {addProduct, mirrorUpper} from '../../tensors/matrix-products.ts';
import {pivotedCholesky} from '../../tensors/pivoted-cholesky.ts';
import {randomStream} from '../../tensors/random.ts';
import {symmetricEigen} from '../../tensors/symmetric-eigen.ts';
import {symmetricEigenvalues} from '../../tensors/symmetric-eigenvalues.ts';

const matrixOf = (name: string, rows: number, columns: number) => Float64Array.from({length: rows * columns}, (_, index) => randomStream(`${name} ${index}`).uniform(-1, 1));

/** ABᵀ, entry by entry. */
function product(a: Float64Array, b: Float64Array, inner: number): Float64Array {
	const [rows, columns] = [a.length / inner, b.length / inner];
	return Float64Array.from({length: rows * columns}, (_, index) => {
		const [row, column] = [Math.floor(index / columns), index % columns];
		return a.subarray(row * inner, (row + 1) * inner).reduce((sum, value, place) => sum + (value * b[(column * inner) + place]!), 0);
	});
}

function close(t: ExecutionContext, got: Float64Array, expected: Float64Array | readonly number[], tolerance: number): void {
	t.is(got.length, expected.length);
	const far = [...got].findIndex((value, index) => !(Math.abs(value - expected[index]!) <= tolerance));
	t.is(far, -1, `place ${far}: got ${got[far]}, expected ${expected[far]}`);
}

for (const [rows, columns, inner] of [[1, 1, 1], [2, 4, 3], [7, 9, 5], [6, 13, 300], [9, 3, 513]] as const) {
	test(`the product of ${rows} and ${columns} rows of ${inner} numbers is added`, t => {
		const [a, b] = [matrixOf('a', rows, inner), matrixOf('b', columns, inner)];
		const sum = new Float64Array(rows * columns).fill(1);
		addProduct(sum, [a, b], {rows, columns, inner});
		close(t, sum, product(a, b, inner).map(value => value + 1), 1e-12);
	});
}

for (const size of [1, 2, 3, 4, 5, 6, 7, 8, 11]) {
	test(`the product of a ${size}-row matrix and itself needs half of the work`, t => {
		const a = matrixOf('a', size, 10);
		const sum = new Float64Array(size * size);
		addProduct(sum, [a, a], {rows: size, columns: size, inner: 10}, true);
		mirrorUpper(sum, size);
		close(t, sum, product(a, a, 10), 1e-13);
	});
}

for (const [size, rank] of [[1, 1], [12, 12], [12, 5], [30, 1]] as const) {
	test(`a ${size}-row matrix of rank ${rank} is the product of its factor`, t => {
		const root = matrixOf('root', size, rank);
		const matrix = product(root, root, rank);
		const before = Float64Array.from(matrix);
		const factor = pivotedCholesky(matrix, size);
		t.is(factor.rank, rank);
		const rows = Float64Array.from({length: size * rank}, (_, index) => factor.transposed[((index % rank) * size) + Math.floor(index / rank)]!);
		close(t, product(rows, rows, rank), matrix, 1e-13);
		t.deepEqual(matrix, before);
	});
}

test('a matrix of zeros has rank 0', t => {
	t.deepEqual(pivotedCholesky(new Float64Array(9), 3), {rank: 0, transposed: new Float64Array(0)});
});

for (const size of [1, 2, 3, 50, 200]) {
	test(`the ${size} eigenvalues of second differences are known`, t => {
		const matrix = Float64Array.from({length: size * size}, (_, index) => [2, -1][Math.abs(Math.floor(index / size) - (index % size))] ?? 0);
		// 2 − 2cos(kπ/(size + 1))
		const expected = Array.from({length: size}, (_, index) => 2 - (2 * Math.cos((index + 1) * Math.PI / (size + 1))));
		close(t, symmetricEigenvalues(matrix, size).toSorted(), expected, 1e-13);
	});
}

for (const [size, rank, scale] of [[2, 2, 1], [3, 3, 1], [40, 40, 1], [60, 20, 1], [60, 1, 1], [20, 20, 1e-200], [20, 20, 1e150]] as const) {
	test(`eigenvalues of ${size} rows of rank ${rank} about ${scale} are those that rotations find`, t => {
		const root = matrixOf('root', size, rank);
		// With eigenvalues of both signs.
		const signed = root.map((value, index) => (index % 3 === 0 ? -value : value));
		const matrix = product(root, signed, rank);
		const symmetric = matrix.map((value, index) => scale * (value + matrix[((index % size) * size) + Math.floor(index / size)]!));
		const expected = symmetricEigen(symmetric.map(value => value / scale), size).values.toSorted();
		close(t, symmetricEigenvalues(symmetric, size).map(value => value / scale).toSorted(), expected, 1e-12 * Math.max(...expected.map(value => Math.abs(value))));
	});
}

test('what is above the diagonal is not read, and the matrix left as it is', t => {
	const matrix = Float64Array.from([4, 99, 1, 2]);
	const [low, high] = symmetricEigenvalues(matrix, 2).toSorted();
	t.true(Math.abs(low! - (3 - Math.sqrt(2))) < 1e-14 && Math.abs(high! - (3 + Math.sqrt(2))) < 1e-14);
	t.deepEqual(matrix, Float64Array.from([4, 99, 1, 2]));
});

test('equal eigenvalues and zeros are found', t => {
	close(t, symmetricEigenvalues(Float64Array.from([2, 1, 1, 1, 2, 1, 1, 1, 2]), 3).toSorted(), [1, 1, 4], 1e-14);
	t.deepEqual(symmetricEigenvalues(new Float64Array(16), 4), new Float64Array(4));
	t.deepEqual(symmetricEigenvalues(Float64Array.from([3, 0, 0, 3]), 2), Float64Array.from([3, 3]));
});

test('numbers that are not finite are refused', t => {
	t.throws(() => symmetricEigenvalues(Float64Array.from([1, Number.NaN, Number.NaN, 1]), 2), {instanceOf: RangeError, message: 'Expected a matrix of finite numbers'});
});
