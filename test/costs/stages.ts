import test from 'ava';
import {attackStep, optimizationCost, perClass, renderedImages, scoringCost} from '../../costs/attack.ts';
import {atMostPerClass, celebAImages, drawnImages, faceScrubImages, folderImages, splitForTests, splitPeople} from '../../costs/data.ts';
import {stylegan2Of} from '../../costs/files.ts';
import {ffhq} from '../../costs/generator.ts';
import {classifierPass, classifierWeights} from '../../costs/network.ts';
import {trainedModel, trainingCost} from '../../costs/training.ts';
import {times, total} from '../../costs/work.ts';

const images = {shape: [100, 32, 32, 3], identities: 10} as const;
const training = {
	architecture: 'target-small', alpha: 0, holdUntil: 0, fullFrom: 0, epochs: 3, batchSize: 12, learningRate: 0.01, learningRateDrops: [], augmentation: {cropScale: [0.9, 1] as [number, number], flip: 0, brightness: 0, contrast: 0, saturation: 0},
};
const target = trainedModel(images, training);
const sizes = {architecture: 'target-small', numClasses: 10, imageShape: [32, 32, 3]} as const;

test('a training makes so many passes, updates and kernels as epochs and batches say', t => {
	const {work, flops} = trainingCost(images, training);
	const pass = classifierPass(sizes, 'training');
	const {trained} = classifierWeights(sizes, {isTraining: true});
	t.is(flops, 2 * 3 * 100 * pass.allMacs);
	// Eight batches of 12 and one of 4.
	t.is(work.updates, 3 * 9 * trained);
	t.is(work.augmentation, 3 * 100 * 32 * 32 * 3);
	t.is(work.product, 3 * 100 * pass.work.product!);
});

test('the moments of Adam take memory, those of SGD without momentum none', t => {
	const {trained} = classifierWeights(sizes, {isTraining: true});
	t.is(trainingCost(images, training).memory.optimizer, 16 * trained);
	t.is(trainingCost(images, {...training, optimizer: 'sgd'}).memory.optimizer, 0);
	t.is(trainingCost(images, {...training, optimizer: 'sgd', momentum: 0.9}).memory.optimizer, 8 * trained);
});

test('a defence that compares the images of a batch computes more, one with a bottleneck has more weights', t => {
	const plain = trainingCost(images, training);
	const bido = trainingCost(images, {...training, defense: {kind: 'bido', lambdaX: 0.05, lambdaY: 0.5, labelKernel: 'linear', sigma: 5, epsilon: 1e-5}});
	const mid = trainingCost(images, {...training, defense: {kind: 'mid', lambda: 0.01, noiseAtEvaluation: true}});
	t.true(bido.flops > plain.flops);
	t.true(mid.memory.weights! > plain.memory.weights!);
	t.true(trainedModel(images, {...training, defense: {kind: 'mid', lambda: 0.01, noiseAtEvaluation: true}}).hasBottleneck);
});

const stylegan = stylegan2Of(undefined, {crop: 800, resize: 224});
const attacked = {generator: stylegan.generator, target: {architecture: 'resnet152', imageShape: [224, 224, 3], numClasses: 530, hasBottleneck: false}} as const;
const params = {steps: 50, batchSize: 25};

test('the published generator is taken for granted where its file is missing', t => {
	t.deepEqual(stylegan.generator.sizes, ffhq);
	t.regex(stylegan.assumptions[0]!, /^the file of the generator is not there: a StyleGAN2 of 1024×1024 pixels is taken for granted/);
});

test('memory of an attack grows with what is computed at a time, its work does not', t => {
	const [one, five] = [1, 5].map(microBatch => optimizationCost(attacked, {count: 100}, {...params, microBatch}));
	t.is(five!.flops, one!.flops);
	t.is(five!.memory.activations, 5 * one!.memory.activations!);
	t.is(five!.memory.weights, one!.memory.weights);
});

test('where an attack does not fit, it is told how many latents would', t => {
	const {fixedBytes, latentBytes} = attackStep(attacked);
	const {advice} = optimizationCost(attacked, {count: 100}, params);
	t.is(advice!(fixedBytes + (3.5 * latentBytes)), 'set optimization.microBatch to at most 3');
	t.is(advice!(fixedBytes), 'not even optimization.microBatch 1 fits');
});

test('scoring looks once per view and renders once', t => {
	const two = scoringCost(attacked, {count: 10}, {views: 2, batchSize: 5}, 'sampling.batchSize');
	const four = scoringCost(attacked, {count: 10}, {views: 4, batchSize: 5}, 'sampling.batchSize');
	const look = classifierPass(attacked.target, 'inference');
	t.is(four.flops - two.flops, 2 * 10 * 2 * look.macs);
	t.is(scoringCost(attacked, {count: 10}, {views: 'mirrored', batchSize: 5}, 'sampling.batchSize').flops, two.flops);
});

test('sizes follow the data', t => {
	t.deepEqual(drawnImages({identities: 4, imagesPerIdentity: 5, size: 16}), {shape: [20, 16, 16, 3], identities: 4});
	t.deepEqual(splitPeople(images, 4), {private: {shape: [40, 32, 32, 3], identities: 4}, public: {shape: [60, 32, 32, 3], identities: 6}});
	t.deepEqual(splitForTests(images, {testPerIdentity: 3}), {train: {shape: [70, 32, 32, 3], identities: 10}, test: {shape: [30, 32, 32, 3], identities: 10}});
	t.is(splitForTests(images, {officialSplit: {trainShare: 0.85}}).train.shape[0], 85);
	t.deepEqual(atMostPerClass(images, 6), {shape: [60, 32, 32, 3], identities: 10});
	t.deepEqual(perClass(target, {count: 50, latentSize: 8}, 7), {count: 70, latentSize: 8});
	t.deepEqual(renderedImages(stylegan.generator, {count: 7, latentSize: 512}, images), {shape: [7, 224, 224, 3], identities: 10});
});

test('a listing of the folder counts, and without it what the paper has', t => {
	const file = (path: string) => ({path, sizeBytes: 1, digest: ''});
	const folder = {root: '/faces', files: [file('ann/1.png'), file('ann/2.png'), file('bob/1.png')], read: () => ''};
	t.deepEqual(folderImages(folder, {size: 16, colour: 'grey'}), {images: {shape: [3, 16, 16, 1], identities: 2}, assumptions: []});
	t.deepEqual(faceScrubImages(undefined, {size: 224}), {
		images: {shape: [37_878, 224, 224, 3], identities: 530}, assumptions: ['the folder of FaceScrub is not there: 37,878 images of 530 people are taken for granted, as the paper has them'],
	});
	t.deepEqual(celebAImages(undefined, {size: 224, identities: 500}).images, {shape: [15_019, 224, 224, 3], identities: 500});
});

test('work adds up', t => {
	t.deepEqual(total(times(3, {product: 2, loops: 1}), {product: 4}), {product: 10, loops: 3});
});
