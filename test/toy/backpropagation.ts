import test from 'ava';
import {lossAndGradient} from '../../toy/backpropagation.ts';
import {drawBlobs} from '../../toy/blobs.ts';
import {largestDifference} from '../helpers/tensors.ts';
import {finiteDifferences, golden, paperBlobs, paperNetwork, paperPoints, unevenNetwork} from '../helpers/toy.ts';

/** Twelve digits are stored, of gradients below 1; the order of summation changes the last ones of a float64. */
const pytorchTolerance = 1e-11;

/** Central differences are wrong by the square of the step times the third derivative. */
const step = 1e-5;
const numericTolerance = 1e-7;

for (const {alpha, firstGradient, losses} of golden.float64) {
	test(`loss and gradient of the new network are those of PyTorch for α = ${alpha}`, t => {
		const {loss, gradient} = lossAndGradient(paperNetwork(), paperPoints(), alpha);
		t.true(Math.abs(loss - losses[0]!) < pytorchTolerance);
		t.true(largestDifference(gradient, firstGradient) < pytorchTolerance);
	});
}

// Widths that leave one, two, three and no rows over: they are combined four at a time.
for (const widths of [[2, 3], [2, 5, 3], [2, 4, 7, 3], [2, 1, 6, 9, 3]]) {
	for (const alpha of [0.3, 0.1, 0, -0.05]) {
		test(`the gradient of a network ${widths.join('–')} is that of finite differences for α = ${alpha}`, t => {
			const points = drawBlobs({...paperBlobs, samples: 23});
			const {weights} = unevenNetwork(widths);
			const numeric = finiteDifferences(values => lossAndGradient({widths, weights: values}, points, alpha).loss, weights, step);
			const difference = largestDifference(lossAndGradient({widths, weights}, points, alpha).gradient, numeric);
			t.true(difference < numericTolerance, `${difference}`);
		});
	}
}

test('the order of the points changes the loss by rounding only', t => {
	const {points, labels} = drawBlobs({...paperBlobs, samples: 23});
	const order = [...labels.keys()].toReversed();
	const reversed = {points: Float32Array.from(order.flatMap(index => [points[2 * index]!, points[(2 * index) + 1]!])), labels: Int32Array.from(order, index => labels[index]!)};
	const network = unevenNetwork([2, 4, 3]);
	const [first, second] = [lossAndGradient(network, {points, labels}, 0.1), lossAndGradient(network, reversed, 0.1)];
	t.true(Math.abs(first.loss - second.loss) < 1e-13);
	t.true(largestDifference(first.gradient, second.gradient) < 1e-12);
});
