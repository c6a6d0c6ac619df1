import test from 'ava';
import {accuracy} from '../../metrics/accuracy.ts';
import {uniform} from '../helpers/formula-classifier.ts';
import {fixture} from '../helpers/tensors.ts';

const logits = new Float32Array([
	3,
	1,
	2,
	0,
	5,
	-1,
	-2,
	-1,
	-3,
	7,
	8,
	9,
]);

test('accuracy is the share of samples whose label has the largest logit', t => {
	t.is(accuracy(logits, new Int32Array([0, 1, 0, 1])), 0.5);
});

test('with k the label may be any of the k largest', t => {
	t.is(accuracy(logits, new Int32Array([2, 2, 0, 1]), {k: 2}), 0.75);
});

test('class 0 behaves like any other class', t => {
	t.is(accuracy(logits, new Int32Array([0, 0, 0, 0])), 0.25);
});

test('of equal logits the class of lower index counts as larger', t => {
	t.is(accuracy(new Float32Array([1, 1, 0, 1, 1, 0]), new Int32Array([0, 1])), 0.5);
});

test('constant logits do not make every class one of the five best', t => {
	t.is(accuracy(new Float32Array(10 * 10), Int32Array.from({length: 10}, (_, index) => index), {k: 5}), 0.5);
});

test('of a thousand classes and more, the same are among the best as in PyTorch', t => {
	const {accuracy: {count, classes, top1, top5}} = fixture<{readonly accuracy: Readonly<Record<'count' | 'classes' | 'top1' | 'top5', number>>}>('judges.json');
	const labels = Int32Array.from({length: count}, (_, index) => index * 37 % classes);
	const many = uniform('logits', count * classes);
	for (const [index, raised] of uniform('raised', count).entries()) {
		many[(index * classes) + labels[index]!] = 0.99 + (0.01 * raised);
	}

	t.true(top1 > 0.05 && top5 > top1 && top5 < 0.9);
	t.deepEqual([accuracy(many, labels), accuracy(many, labels, {k: 5})], [top1, top5]);
});

test('infinite logits are ranked', t => {
	t.is(accuracy(new Float32Array([Infinity, 0, -Infinity, 0]), new Int32Array([0, 1])), 1);
});

test('logits that do not fit the labels are refused', t => {
	t.throws(() => accuracy(logits, new Int32Array(5)), {name: 'UserError', message: 'Expected logits of shape [count, numClasses] for 5 labels, got 12 numbers'});
});

test('no samples are refused', t => {
	t.throws(() => accuracy(new Float32Array(), new Int32Array()), {name: 'UserError', message: 'Expected logits of shape [count, numClasses] for 0 labels, got 0 numbers'});
});

test('a label outside the classes is refused', t => {
	t.throws(() => accuracy(logits, new Int32Array([0, 1, 3, 0])), {name: 'UserError', message: 'Expected labels from 0 to 2, got 3 for sample 2'});
});

test('a logit that is not a number is refused', t => {
	t.throws(() => accuracy(new Float32Array([0, 1, 2, Number.NaN]), new Int32Array([0, 1])), {name: 'UserError', message: 'Expected numbers as logits, got NaN for class 1 of sample 1'});
});
