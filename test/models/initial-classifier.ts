import test from 'ava';
import {initialClassifier} from '../../models/initial-classifier.ts';
import {randomStream} from '../../tensors/random.ts';

const facts = {numClasses: 30, imageShape: [32, 32, 3]} as const;

test('weights have their names and shapes', t => {
	const {weights} = initialClassifier('embedding-small', facts, randomStream('1'));
	t.deepEqual(weights['block1/kernel']!.shape, [5, 5, 3, 16]);
	t.deepEqual(weights['block4/movingVariance']!.shape, [96]);
	t.deepEqual(weights['embedding/kernel']!.shape, [96, 64]);
	t.deepEqual(weights['head/kernel']!.shape, [64, 30]);
	t.deepEqual(weights['head/bias']!.shape, [30]);
});

test('convolutions and linear layers fill ±1/√fanIn', t => {
	const {weights} = initialClassifier('target-small', facts, randomStream('1'));
	for (const [name, fanIn] of [['block1/kernel', 75], ['block5/kernel', 576], ['head/kernel', 1024]] as const) {
		const largest = Math.max(...weights[name]!.data.map(value => Math.abs(value)));
		t.true(largest <= 1 / Math.sqrt(fanIn) && largest > 0.99 / Math.sqrt(fanIn), `largest of ${name}: ${largest}`);
	}

	t.true(weights['head/bias']!.data.every(value => Math.abs(value) <= 1 / 32));
});

test('batch normalization starts as the identity', t => {
	const {weights} = initialClassifier('target-small', facts, randomStream('1'));
	t.true(weights['block1/scale']!.data.every(value => value === 1));
	t.true(weights['block1/offset']!.data.every(value => value === 0));
	t.true(weights['block1/movingMean']!.data.every(value => value === 0));
	t.true(weights['block1/movingVariance']!.data.every(value => value === 1));
});

test('the same seed gives the same weights, another seed others', t => {
	const kernel = (seed: string) => initialClassifier('target-small', facts, randomStream(seed)).weights['block3/kernel']!.data;
	t.deepEqual(kernel('1'), kernel('1'));
	t.notDeepEqual(kernel('1'), kernel('2'));
});

test('another number of classes leaves the blocks alone', t => {
	const first = initialClassifier('target-small', facts, randomStream('1'));
	const second = initialClassifier('target-small', {...facts, numClasses: 10}, randomStream('1'));
	t.deepEqual(first.weights['block5/kernel'], second.weights['block5/kernel']);
});
