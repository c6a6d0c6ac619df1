import test from 'ava';
import {smoothedCrossEntropy, softmax} from '../../toy/loss.ts';
import {largestDifference} from '../helpers/tensors.ts';
import {finiteDifferences} from '../helpers/toy.ts';

/** Two points with logits (2, −1, 0.5) and (0.1, 0.2, 0.3), of the classes 0 and 2: [numClasses, count]. */
const logits = Float64Array.of(2, 0.1, -1, 0.2, 0.5, 0.3);
const labels = [0, 2];

/** The golden numbers of the specification of the study have nine digits after the point. */
const printed = 1e-9;

for (const [alpha, first, second] of [[0, 0.241_311_297, 1.001_942_848], [0.1, 0.391_311_297, 1.011_942_848], [0.3, 0.691_311_297, 1.031_942_848], [-0.05, 0.166_311_297, 0.996_942_848]] as const) {
	test(`the loss for α = ${alpha} is that of PyTorch`, t => {
		t.true(Math.abs(smoothedCrossEntropy(logits, labels, alpha).loss - ((first + second) / 2)) <= printed);
	});

	test(`the gradient for α = ${alpha} is that of finite differences`, t => {
		const numeric = finiteDifferences(values => smoothedCrossEntropy(values, labels, alpha).loss, logits, 1e-5);
		t.true(largestDifference(smoothedCrossEntropy(logits, labels, alpha).gradient, numeric) < 1e-10);
	});
}

test('logits of any size have finite losses', t => {
	const {loss, gradient} = smoothedCrossEntropy(Float64Array.of(-1e6, 0, 1e6), [0], -0.05);
	t.true([loss, ...gradient].every(value => Number.isFinite(value)));
	t.deepEqual([...softmax(Float64Array.of(-1e6, 0, 1e6))], [0, 0, 1]);
});
