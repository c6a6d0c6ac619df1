import {readFileSync} from 'node:fs';
import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {
	centredProducts, gaussianDependence, labelDependence, normalizedHsic, weightedSum,
} from '../../losses/hsic.ts';
import {useBackend} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';
import type {SquareMatrix} from '../../tensors/square-matrix.ts';
import {slopesOf} from '../helpers/gradients.ts';

type Numbers = ReadonlyArray<number | Numbers>;
type Expected = {readonly value: number; readonly gradient: number[]};

/** A case that test/fixtures/defences.py wrote. */
type HsicCase = Readonly<{images: Numbers; activations: Numbers; labels: number[]; numClasses: number} & Record<'image' | 'linear' | 'gaussian', Expected>>;

const {hsic: cases} = JSON.parse(readFileSync(new URL('../fixtures/defences.json', import.meta.url), 'utf8')) as {hsic: HsicCase[]};

const options = {sigma: 5, epsilon: 1e-5};

/** Of float32 distances before the nearly singular inverse, relative to values of about 1. */
const valueTolerance = 2e-5;

/** The same, relative to the largest slope. */
const gradientTolerance = 1e-3;

/** Of a central difference of a float32 value, relative to the slope. */
const differenceTolerance = 0.02;

/** Below it a value and its slopes are 0 but for rounding. */
const vanishing = 1e-9;

const tensorOf = (numbers: Numbers) => tf.tensor(numbers);

async function otherOf({images, labels, numClasses}: HsicCase, kind: 'image' | 'linear' | 'gaussian'): Promise<SquareMatrix> {
	if (kind !== 'image') {
		return labelDependence(Int32Array.from(labels), numClasses, {...options, labelKernel: kind});
	}

	const rows = tensorOf(images);
	const dependence = await gaussianDependence(rows, options);
	rows.dispose();
	return dependence;
}

/** The criterion and its gradient as numbers. */
function evaluate(activations: tf.Tensor, other: SquareMatrix): {readonly value: number; readonly gradient: number[]} {
	return tf.tidy(() => {
		const {value, grad} = tf.valueAndGrad(z => normalizedHsic(z, other, options))(activations);
		const numbers = {value: value.dataSync()[0]!, gradient: [...grad.dataSync()]};
		activations.dispose();
		return numbers;
	});
}

test.before(async () => {
	await useBackend('wasm');
});

const agreesWithPytorch = test.macro(async (t, index: number, kind: 'image' | 'linear' | 'gaussian') => {
	const example = cases[index]!;
	const {value: expected, gradient: slopes} = example[kind];
	const {value, gradient} = evaluate(tensorOf(example.activations), await otherOf(example, kind));
	t.true(Math.abs(value - expected) <= (valueTolerance * Math.abs(expected)) + vanishing, `got ${value}, expected ${expected}`);
	const largest = Math.max(...slopes.map(slope => Math.abs(slope)));
	for (const [at, slope] of slopes.entries()) {
		t.true(Math.abs(gradient[at]! - slope) <= (gradientTolerance * largest) + vanishing, `slope ${at}: got ${gradient[at]}, expected ${slope}`);
	}
});

for (const [index, {activations, labels}] of cases.entries()) {
	const count = `${labels.length} samples of ${JSON.stringify(activations[0]).split(',').length} numbers`;
	test.serial(`the dependence of ${count} on images agrees with PyTorch, value and gradient`, agreesWithPytorch, index, 'image');
	test.serial(`the dependence of ${count} on labels with a linear kernel agrees with PyTorch, value and gradient`, agreesWithPytorch, index, 'linear');
	test.serial(`the dependence of ${count} on labels with a Gaussian kernel agrees with PyTorch, value and gradient`, agreesWithPytorch, index, 'gaussian');
}

test.serial('the gradient is the slope of the value', t => {
	const activations = tf.tensor(randomStream('activations').normals(8 * 6), [8, 3, 2]);
	const other = labelDependence(Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1), 3, {...options, labelKernel: 'linear'});
	// A wide ridge, because with a narrow one the criterion bends too much for a difference in float32.
	const {slope, difference} = slopesOf(z => normalizedHsic(z, other, {sigma: 1, epsilon: 0.05}), activations, 1e-2);
	t.true(Math.abs(difference - slope) < differenceTolerance * Math.abs(slope), `${difference} and ${slope}`);
	activations.dispose();
});

test.serial('the criterion is linear in what it compares with', async t => {
	const example = cases[1]!;
	const [image, label] = [await otherOf(example, 'image'), await otherOf(example, 'linear')];
	const valueWith = (other: SquareMatrix) => tf.tidy(() => normalizedHsic(tensorOf(example.activations), other, options).dataSync()[0]!);
	t.true(Math.abs(valueWith(weightedSum(0.05, image, -0.5, label)) - ((0.05 * valueWith(image)) - (0.5 * valueWith(label)))) < valueTolerance);
});

test.serial('the order of the samples does not matter', async t => {
	const {images, activations, labels, numClasses} = cases[2]!;
	const order = [4, 0, 8, 2, 7, 1, 3, 6, 5];
	const permuted = <T>(items: readonly T[]) => order.map(index => items[index]!);
	const valueOf = async (example: Pick<HsicCase, 'images' | 'activations' | 'labels'>, kind: 'image' | 'linear') => {
		const other = await otherOf({...cases[2]!, ...example, numClasses}, kind);
		return tf.tidy(() => normalizedHsic(tensorOf(example.activations), other, options).dataSync()[0]!);
	};

	for (const kind of ['image', 'linear'] as const) {
		const [plain, mixed] = [await valueOf({images, activations, labels}, kind), await valueOf({images: permuted(images), activations: permuted(activations), labels: permuted(labels)}, kind)];
		t.true(Math.abs(plain - mixed) < valueTolerance * plain);
	}
});

test.serial('a single sample, and samples that are all the same, depend on nothing', t => {
	for (const count of [1, 4]) {
		const other = labelDependence(Int32Array.from({length: count}, (_, index) => index), 4, {...options, labelKernel: 'linear'});
		const {value, gradient} = evaluate(tf.ones([count, 5]), other);
		t.true([value, ...gradient].every(number => Math.abs(number) < vanishing));
	}
});

test.serial('activations that are not finite give NaN', t => {
	const other = labelDependence(Int32Array.of(0, 1), 2, {...options, labelKernel: 'linear'});
	t.is(tf.tidy(() => normalizedHsic(tf.tensor2d([[Number.NaN], [1]]), other, options).dataSync()[0]), Number.NaN);
});

test.serial('products that are known already give the same', async t => {
	const example = cases[1]!;
	const other = await otherOf(example, 'linear');
	const products = tf.tidy(() => centredProducts(tensorOf(example.activations)).dataSync<'float32'>());
	const [read, known] = [undefined, products].map(given => tf.tidy(() => {
		const {value, grad} = tf.valueAndGrad(z => normalizedHsic(z, other, options, given))(tensorOf(example.activations));
		return [...value.dataSync(), ...grad.dataSync()];
	}));
	t.deepEqual(known, read);
});

test.serial('no tensors are left behind', async t => {
	const before = tf.memory().numTensors;
	evaluate(tensorOf(cases[0]!.activations), await otherOf(cases[0]!, 'image'));
	t.is(tf.memory().numTensors, before);
});
