import test from 'ava';
import {symmetricEigen} from '../../tensors/symmetric-eigen.ts';

const tolerance = 1e-13;

const matrix = Float64Array.from([4, 1, -2, 1, 2, 0, -2, 0, 3]);

test('eigenvalues agree with NumPy', t => {
	// By numpy.linalg.eigvalsh.
	const expected = [1, 2.267_949_192_431_123, 5.732_050_807_568_877];
	const values = symmetricEigen(matrix, 3).values.toSorted();
	for (const [index, value] of values.entries()) {
		t.true(Math.abs(value - expected[index]!) < tolerance);
	}
});

test('each row of vectors is a unit eigenvector of its value', t => {
	const {values, vectors} = symmetricEigen(matrix, 3);
	for (const [index, value] of values.entries()) {
		const vector = vectors.subarray(index * 3, (index + 1) * 3);
		t.true(Math.abs(Math.hypot(...vector) - 1) < tolerance);
		for (let row = 0; row < 3; row++) {
			const product = vector.reduce((sum, entry, column) => sum + (matrix[(row * 3) + column]! * entry), 0);
			t.true(Math.abs(product - (value * vector[row]!)) < tolerance);
		}
	}
});

test('a matrix of zeros has eigenvalues 0', t => {
	t.deepEqual([...symmetricEigen(new Float64Array(9), 3).values], [0, 0, 0]);
});

test('equal eigenvalues are found', t => {
	// 2 on the diagonal and 1 elsewhere: 1, 1 and 4.
	const values = symmetricEigen(Float64Array.from([2, 1, 1, 1, 2, 1, 1, 1, 2]), 3).values.toSorted();
	t.deepEqual([...values].map(value => Math.round(value / tolerance) * tolerance), [1, 1, 4]);
});

test('the matrix is left as it is', t => {
	const before = Float64Array.from(matrix);
	symmetricEigen(matrix, 3);
	t.deepEqual(matrix, before);
});
