import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {UserError} from '../../../engine/error.ts';
import {labelSmoothingLoss} from '../../../losses/label-smoothing.ts';
import {architectures, findArchitecture} from '../../../models/architectures.ts';
import {buildClassifier} from '../../../models/classifier.ts';
import {classifierWeights} from '../../../models/classifier-weights.ts';
import {initialClassifier} from '../../../models/initial-classifier.ts';
import {drawInitialValues} from '../../../models/initial-values.ts';
import {outlineNetwork} from '../../../models/outline.ts';
import {ownFormat, pytorchFormat} from '../../../models/weight-format.ts';
import {trainableClassifier} from '../../../models/trainable-classifier.ts';
import {trainingLayers} from '../../../models/training-layers.ts';
import {useBackend} from '../../../tensors/backend.ts';
import {randomStream} from '../../../tensors/random.ts';
import {defensePenalty, type Defense} from '../../../training/defense.ts';

const facts = {numClasses: 3, imageShape: [64, 64, 3]} as const;

const originals = ['resnet18', 'resnet50', 'resnet152', 'resnext50_32x4d', 'densenet121', 'inception_v3', 'inception_resnet_v1', 'vgg16_bn', 'ir50'];

/** Of the mean and the deviation of some ten thousand draws. */
const samplingTolerance = 0.05;

test.before(async () => {
	await useBackend('wasm');
});

test('the originals have the names of torchvision', t => {
	t.deepEqual(Object.keys(architectures).filter(name => !name.endsWith('-small')), originals);
});

test('images that are too small are a user error that names the smallest', t => {
	const error = t.throws(() => classifierWeights('inception_v3', {...facts, auxiliaryClasses: 0}), {instanceOf: UserError});
	t.is(error.code, 'images-too-small');
	t.is(error.message, 'Images of 64×64 are too small for the network "inception_v3"');
	t.deepEqual(error.facts, {smallest: '75×75'});
	t.is(error.hint, 'Use images of at least 75×75, or another architecture.');
});

test('the auxiliary head needs larger images than the rest', t => {
	const error = t.throws(() => initialClassifier('inception_v3', {...facts, imageShape: [224, 224, 3]}, randomStream('1')), {instanceOf: UserError});
	t.is(error.message, 'Images of 224×224 are too small for the network "inception_v3" with its auxiliary head');
	t.deepEqual(error.facts, {smallest: '299×299'});
});

const startOf = (architecture: string, name: string) => {
	const network = findArchitecture(architecture);
	return network.initialValues(outlineNetwork(architecture, network, {...facts, imageShape: [299, 299, 3], auxiliaryClasses: 3}).weights.find(weight => weight.name === name)!);
};

test('weights start as the constructors of the originals draw them', t => {
	t.deepEqual(startOf('resnet18', 'layer1.0.conv1.weight'), {kind: 'normal', deviation: Math.sqrt(2 / (64 * 9))});
	t.deepEqual(startOf('resnext50_32x4d', 'layer1.0.conv2.weight'), {kind: 'normal', deviation: Math.sqrt(2 / (128 * 9))});
	t.deepEqual(startOf('resnet18', 'fc.weight'), {kind: 'uniform', bound: 1 / Math.sqrt(512)});
	t.deepEqual(startOf('resnet18', 'bn1.running_var'), {kind: 'constant', value: 1});
	t.deepEqual(startOf('densenet121', 'features.conv0.weight'), {kind: 'normal', deviation: Math.sqrt(2 / (3 * 49))});
	t.deepEqual(startOf('densenet121', 'classifier.bias'), {kind: 'constant', value: 0});
	t.deepEqual(startOf('inception_v3', 'Mixed_5b.branch1x1.conv.weight'), {kind: 'normal', deviation: 0.1});
	t.deepEqual(startOf('inception_v3', 'AuxLogits.fc.weight'), {kind: 'normal', deviation: 0.001});
	t.deepEqual(startOf('inception_resnet_v1', 'repeat_1.0.conv2d.bias'), {kind: 'uniform', bound: 1 / Math.sqrt(96)});
	t.deepEqual(startOf('vgg16_bn', 'feature.3.weight'), {kind: 'normal', deviation: Math.sqrt(2 / (64 * 9))});
	t.deepEqual(startOf('vgg16_bn', 'feature.3.bias'), {kind: 'constant', value: 0});
	t.deepEqual(startOf('ir50', 'feature.body.0.res_layer.1.weight'), {kind: 'uniform', bound: Math.sqrt(6 / (2 * 64 * 9))});
	t.deepEqual(startOf('ir50', 'feature.input_layer.2.weight'), {kind: 'constant', value: 0.25});
	t.deepEqual(startOf('ir50', 'fc_layer.weight'), {kind: 'uniform', bound: 1 / Math.sqrt(512)});
});

test('normal values have their deviation, uniform ones their bound', t => {
	const meanSquare = (data: Float32Array) => data.reduce((sum, value) => sum + (value * value), 0) / data.length;
	const normal = drawInitialValues({kind: 'normal', deviation: 0.3}, 20_000, randomStream('1'));
	t.true(Math.abs(Math.sqrt(meanSquare(normal)) - 0.3) < samplingTolerance * 0.3);
	t.true(normal.some(value => Math.abs(value) > 0.9));
	const uniform = drawInitialValues({kind: 'uniform', bound: 0.3}, 20_000, randomStream('1'));
	t.true(Math.abs(Math.sqrt(3 * meanSquare(uniform)) - 0.3) < samplingTolerance * 0.3);
	t.true(uniform.every(value => Math.abs(value) <= 0.3));
});

test('the last normalization of VGG-16 trains all but its offset', t => {
	const network = trainableClassifier(initialClassifier('vgg16_bn', {...facts, imageShape: [32, 32, 3]}, randomStream('start')));
	t.true(Object.hasOwn(network.variables, 'bn.weight'));
	t.false(Object.hasOwn(network.variables, 'bn.bias'));
	network.dispose();
});

const defences: readonly Defense[] = [
	{kind: 'mid', lambda: 0.01},
	{kind: 'bido', lambdaX: 0.05, lambdaY: 0.5, labelKernel: 'linear', sigma: 5, epsilon: 1e-5},
];

for (const defense of defences) {
	test.serial(`${defense.kind} works on the layers of a residual network`, async t => {
		const before = tf.memory().numTensors;
		const initial = initialClassifier('resnet18', {numClasses: 3, imageShape: [32, 32, 3], bottleneck: defense.kind === 'mid' ? {noiseAtEvaluation: true} : undefined}, randomStream('start'));
		const network = trainableClassifier(initial);
		const images = tf.tensor4d(randomStream('images').uniforms(4 * 32 * 32 * 3, -1, 1), [4, 32, 32, 3]);
		const labels = Int32Array.of(0, 1, 2, 1);
		const penaltyOf = await defensePenalty(defense, {images, labels, numClasses: 3}, async select => network.look(images, select));
		const shapes: number[][] = [];
		const penalties: number[] = [];
		const step = await network.step(images, (logits, pass) => {
			shapes.push(...pass.hidden.map(({shape}) => shape));
			const penalty = penaltyOf(pass);
			penalties.push(penalty.dataSync()[0]!);
			return tf.add(labelSmoothingLoss(logits, labels, 0), penalty);
		}, row => randomStream(`row ${row}`));
		t.deepEqual(shapes, [[4, 8, 8, 64], [4, 4, 4, 128], [4, 2, 2, 256], [4, 1, 1, 512]]);
		t.true(Number.isFinite(penalties[0]) && penalties[0] !== 0);
		t.is(step.gradients['fc.weight']!.shape[0], defense.kind === 'mid' ? 256 : 512);
		t.deepEqual(Object.keys(step.gradients).length, Object.keys(network.variables).length);
		tf.dispose([step, images]);
		network.dispose();
		t.is(tf.memory().numTensors, before);
	});
}

test.serial('a snapshot before any step is what the training started from', async t => {
	const initial = initialClassifier('resnet18', {...facts, imageShape: [32, 32, 3]}, randomStream('start'));
	const network = trainableClassifier(initial);
	const {'layer2.0.conv1.weight': convolution, 'fc.weight': linear} = await network.snapshot();
	network.dispose();
	t.deepEqual(convolution, initial.weights['layer2.0.conv1.weight']);
	t.deepEqual(linear, initial.weights['fc.weight']);
});

test.serial('embeddings of faces have length 1', t => {
	using network = buildClassifier(initialClassifier('inception_resnet_v1', {numClasses: 3, imageShape: [80, 80, 3]}, randomStream('start')));
	tf.tidy(() => {
		const features = network.features(tf.tensor4d(randomStream('images').uniforms(2 * 80 * 80 * 3, -1, 1), [2, 80, 80, 3]));
		t.deepEqual(features.shape, [2, 512]);
		for (const length of tf.norm(features, 2, 1).dataSync()) {
			t.true(Math.abs(length - 1) < 1e-5);
		}
	});
});

const drop = (x: tf.Tensor, seed: string | undefined) => trainingLayers(ownFormat, {
	weight: () => tf.scalar(0),
	moments: [],
	streams: seed === undefined ? undefined : row => randomStream(seed).split(`image ${row}`),
}).dropout(x, 'dropout', 0.4);

test.serial('dropout drops its share, scales the rest, and belongs to the image', t => {
	tf.tidy(() => {
		const x = tf.ones([3, 5000]);
		const [all, again, other] = [drop(x, 'a'), drop(x, 'a'), drop(x, 'b')].map(tensor => tensor.dataSync());
		t.deepEqual(again, all);
		t.notDeepEqual(other, all);
		t.deepEqual([...new Set(all)].toSorted((a, b) => a - b), [0, Math.fround(1 / 0.6)]);
		const dropped = all!.filter(value => value === 0).length / all!.length;
		t.true(Math.abs(dropped - 0.4) < 0.02, `${dropped}`);
		t.deepEqual(drop(tf.ones([1, 5000]), 'a').dataSync(), all!.slice(0, 5000));
		t.notDeepEqual(all!.slice(5000, 10_000), all!.slice(0, 5000));
	});
});

test.serial('without streams nothing is dropped', t => {
	tf.tidy(() => {
		t.deepEqual([...drop(tf.ones([1, 20]), undefined).dataSync()], Array.from({length: 20}, () => 1));
	});
});

test('weights have the names of PyTorch, or our own', t => {
	t.is(pytorchFormat.nameOf('bn1', 'movingVariance'), 'bn1.running_var');
	t.is(ownFormat.nameOf('block1', 'movingVariance'), 'block1/movingVariance');
});
