import test from 'ava';
import {confidenceGrid, toyClassifier} from '../../toy/classifier.ts';
import {largestDifference} from '../helpers/tensors.ts';
import {finiteDifferences, unevenNetwork} from '../helpers/toy.ts';

const classifier = toyClassifier(unevenNetwork([2, 5, 4, 3]));
const places = [[0.3, -0.2], [-3, -10], [7, 4]] as const;

test('the gradient with respect to the place is that of finite differences', t => {
	for (const place of places) {
		for (const label of [0, 1, 2]) {
			const numeric = finiteDifferences(([x = 0, y = 0]) => classifier.loss([x, y], label).loss, place, 1e-5);
			t.true(largestDifference(classifier.loss(place, label).gradient, numeric) < 1e-8);
		}
	}
});

test('the loss is the logarithm of the probability, whichever the class', t => {
	for (const place of places) {
		const losses = classifier.probabilities(place).map(value => -Math.log(value));
		t.true(largestDifference(losses, [0, 1, 2].map(label => classifier.loss(place, label).loss)) < 1e-12);
	}
});

test('the grid runs from the lower left to the upper right, at the middles of its cells', t => {
	const grid = confidenceGrid(classifier, {extent: 4, resolution: 2});
	const expected = ([[-2, -2], [2, -2], [-2, 2], [2, 2]] as const).map(place => Math.max(...classifier.probabilities(place)));
	t.deepEqual([...grid], expected);
});
