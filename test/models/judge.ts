import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import type {Classifier} from '../../artifacts/classifier.ts';
import {UserError} from '../../engine/error.ts';
import {buildClassifier} from '../../models/classifier.ts';
import {findFeatureArchitecture, outlineFeatures} from '../../models/feature-architectures.ts';
import {buildJudge} from '../../models/judge.ts';
import {useBackend} from '../../tensors/backend.ts';
import {formulaClassifier, formulaWeights, uniform} from '../helpers/formula-classifier.ts';
import {summaryError, type Summary} from '../helpers/network-parity.ts';
import {fixture} from '../helpers/tensors.ts';
import {untrainedClassifier, untrainedSize} from '../helpers/untrained.ts';

type FidCase = {readonly weights: Readonly<Record<string, readonly number[]>>; readonly side: number; readonly count: number; readonly images: string; readonly features: Summary; readonly float32Error: number};

const {fid} = fixture<{readonly fid: FidCase}>('judges.json');
/** PyTorch's own float32 is 2.3e−6 from its float64. */
const parityTolerance = 1e-4;

test.before(async () => {
	await useBackend('wasm');
});

const fidModel = (side = fid.side): Classifier => {
	const imageShape = [side, side, 3] as const;
	return {architecture: 'fid_inception_v3', numClasses: 0, imageShape, weights: formulaWeights(outlineFeatures('fid_inception_v3', {imageShape}).weights, 1)};
};

test('the weights of the FID\'s network have the names and shapes of the original, but for its last layer', t => {
	const {weights, unused} = outlineFeatures('fid_inception_v3', {imageShape: [299, 299, 3]});
	t.deepEqual([...unused], ['fc.weight', 'fc.bias']);
	const {'fc.weight': _weight, 'fc.bias': _bias, ...rest} = fid.weights;
	t.deepEqual(Object.fromEntries(weights.map(({name, shape}) => [name, shape])), rest);
});

test.serial('the FID\'s network has the features of the original, and leaves no tensors', t => {
	const before = tf.memory().numTensors;
	{
		using network = buildJudge(fidModel());
		const features = tf.tidy(() => network.features(tf.tensor4d(uniform(fid.images, fid.count * fid.side * fid.side * 3), [fid.count, fid.side, fid.side, 3])));
		t.deepEqual(features.shape, [2, 2048]);
		const error = summaryError(features.dataSync<'float32'>(), fid.features);
		t.true(error < parityTolerance, `${error}`);
		features.dispose();
	}

	t.is(tf.memory().numTensors, before);
});

test.serial('without its own pools it would be Inception-v3, and no parity', t => {
	const {weights, ...model} = fidModel();
	using network = buildJudge({...model, architecture: 'inception_v3', weights});
	const features = tf.tidy(() => network.features(tf.tensor4d(uniform(fid.images, fid.count * fid.side * fid.side * 3), [fid.count, fid.side, fid.side, 3])));
	t.true(summaryError(features.dataSync<'float32'>(), fid.features) > 0.01);
	features.dispose();
});

test.serial('a classifier without its last layer has the same features, and no logits', t => {
	for (const architecture of ['surrogate-small', 'embedding-small']) {
		const classifier = untrainedClassifier('judge', {architecture});
		const {weights, unused} = outlineFeatures(architecture, classifier);
		t.deepEqual([...unused], ['head/kernel', 'head/bias']);
		using network = buildClassifier(classifier);
		using judge = buildJudge({...classifier, numClasses: 0, weights: Object.fromEntries(weights.map(({name}) => [name, classifier.weights[name]!]))});
		const images = tf.tensor4d(uniform('images', 2 * untrainedSize * untrainedSize * 3), [2, untrainedSize, untrainedSize, 3]);
		const [own, others] = [network.features(images), judge.features(images)];
		t.deepEqual(others.dataSync(), own.dataSync());
		const error = t.throws(() => judge.logits(images), {instanceOf: UserError});
		t.is(error.message, `"${architecture}" has no last layer here, so it says nothing of whom an image shows`);
		tf.dispose([images, own, others]);
	}
});

test('a network does without both heads, of which the auxiliary one demands large images', t => {
	const {weights, unused} = outlineFeatures('inception_v3', {imageShape: [75, 75, 3]});
	const all = formulaClassifier({architecture: 'inception_v3', side: 299, scale: 1, auxiliaryClasses: 7, transformInput: false}).weights;
	t.deepEqual(new Set([...weights.map(({name}) => name), ...unused]), new Set(Object.keys(all)));
	t.true([...unused].every(name => /^(?:fc|AuxLogits)\./.test(name)));
});

test('images that are too small for the FID\'s network are a user error that names the smallest', t => {
	const error = t.throws(() => buildJudge(fidModel(64)), {instanceOf: UserError});
	t.is(error.message, 'Images of 64×64 are too small for the network "fid_inception_v3"');
	t.deepEqual(error.facts, {smallest: '75×75'});
});

test('an unknown architecture is a user error', t => {
	t.throws(() => findFeatureArchitecture('fid'), {instanceOf: UserError, message: 'There is no architecture "fid"'});
});
