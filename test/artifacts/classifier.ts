import {Buffer} from 'node:buffer';
import test from 'ava';
import {classifier, type Classifier} from '../../artifacts/classifier.ts';
import {generator} from '../../artifacts/generator.ts';
import {encodeSafetensors} from '../../artifacts/safetensors.ts';
import {bytesOf} from '../helpers/bytes.ts';

const example: Classifier = {
	architecture: 'target-small',
	numClasses: 3,
	imageShape: [16, 16, 1],
	weights: {
		'head/kernel': {shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 1e-40, 0, -0)},
		'head/bias': {shape: [3], data: Float32Array.of(0, 1, 2)},
	},
};

test('a classifier survives encoding', t => {
	t.deepEqual(classifier.decode(bytesOf(classifier, example)), example);
});

test('how a bottleneck behaves survives encoding, and files without one are as before', t => {
	const noisy: Classifier = {...example, bottleneck: {noiseAtEvaluation: true}};
	t.deepEqual(classifier.decode(bytesOf(classifier, noisy)), noisy);
	t.false(Object.hasOwn(classifier.decode(bytesOf(classifier, example)), 'bottleneck'));
	// What versions before bottlenecks wrote.
	const {weights, ...metadata} = example;
	t.deepEqual(Buffer.concat([...encodeSafetensors({arrays: weights, metadata})]), Buffer.from(bytesOf(classifier, example)));
});

test('whether the input is transformed survives encoding', t => {
	for (const transformInput of [true, false]) {
		t.deepEqual(classifier.decode(bytesOf(classifier, {...example, transformInput})), {...example, transformInput});
	}

	t.false(Object.hasOwn(classifier.decode(bytesOf(classifier, example)), 'transformInput'));
});

test('the order of weights does not matter', t => {
	const weights = Object.fromEntries(Object.entries(example.weights).toReversed());
	t.deepEqual(bytesOf(classifier, {...example, weights}), bytesOf(classifier, example));
});

test('a classifier with NaN is refused', t => {
	const weights = {'head/bias': {shape: [1], data: Float32Array.of(Number.NaN)}};
	t.throws(() => bytesOf(classifier, {...example, weights}), {message: 'Array "head/bias" holds NaN'});
});

test('bytes of another kind are refused', t => {
	const bytes = bytesOf(generator, {latentSize: 2, imageShape: [1, 1, 1], weights: {}});
	t.throws(() => classifier.decode(bytes), {instanceOf: TypeError, message: 'Expected metadata named "architecture", got nothing'});
});

test('weights that are no float32 are refused', t => {
	const {weights: _, ...metadata} = example;
	const bytes = bytesOf({encode: encodeSafetensors}, {arrays: {'head/bias': {shape: [1], data: Int32Array.of(1)}}, metadata});
	t.throws(() => classifier.decode(bytes), {instanceOf: TypeError, message: 'Expected a F32 array named "head/bias", got Int32Array'});
});

test('a classifier previews as its size', t => {
	t.is(classifier.preview?.(example), 'target-small, 3 classes, 9 numbers');
});
