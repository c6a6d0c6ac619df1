import test from 'ava';
import {countWeights, layersIn} from '../../toy/layers.ts';
import {golden, paperNetwork} from '../helpers/toy.ts';

test('the network of the paper starts as in PyTorch to the last bit', t => {
	const {widths, weights, means, variances} = paperNetwork();
	const {hidden: [first, second], output} = layersIn(widths, weights);
	t.deepEqual([first!.weight, first!.bias, second!.weight, second!.bias, output.weight].map(values => [...values]), Object.values(golden.initial));
	for (const {scale, shift} of [first!, second!]) {
		t.deepEqual([[...new Set(scale)], [...new Set(shift)]], [[1], [0]]);
	}

	t.deepEqual([[...new Set(means)], [...new Set(variances)], means.length, variances.length], [[0], [1], 40, 40]);
});

test('layers of any depth fill the list of weights without a gap', t => {
	for (const widths of [[2, 3], [2, 5, 4], [2, 20, 20, 3], [2, 3, 4, 5, 6]]) {
		const weights = Float64Array.from({length: countWeights(widths)}, (_, index) => index);
		const {hidden, output} = layersIn(widths, weights);
		t.deepEqual([...hidden.flatMap(({weight, bias, scale, shift}) => [weight, bias, scale, shift]), output.weight].flatMap(values => [...values]), [...weights]);
	}
});
