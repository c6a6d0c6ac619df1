import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {ffhq, generatorPass, generatorWeights, mappingPass} from '../../costs/generator.ts';
import {classifierPass, classifierWeights} from '../../costs/network.ts';
import {passMemory, workOf} from '../../costs/pass.ts';
import {weightShapes} from '../../models/networks/stylegan2/layout.ts';

type Golden = {
	readonly numClasses: number;
	readonly networks: Readonly<Record<string, {readonly side: number; readonly macs: number; readonly learnt: number}>>;
	readonly stylegan2: ReadonlyArray<{readonly resolution: number; readonly channelBase: number; readonly mapping: number; readonly synthesis: number; readonly numbers: number}>;
};

/** Counted in the originals while PyTorch computes: test/fixtures/macs.py. */
const golden = JSON.parse(readFileSync(path.join(import.meta.dirname, '../fixtures/macs.json'), 'utf8')) as Golden;
const {numClasses} = golden;

for (const [architecture, {side, macs, learnt}] of Object.entries(golden.networks)) {
	test(`${architecture} has as many multiply-accumulates and weights as the original`, t => {
		const sizes = {architecture, numClasses, imageShape: [side, side, 3] as const};
		t.is(classifierPass(sizes, 'inference').macs, macs);
		t.is(classifierPass(sizes, 'inputGradient').macs, macs);
		t.is(classifierWeights(sizes, {isTraining: false}).trained, learnt);
	});
}

for (const {resolution, channelBase, mapping, synthesis, numbers} of golden.stylegan2) {
	test(`StyleGAN2 at ${resolution} has as many multiply-accumulates and weights as the original`, t => {
		const sizes = {...ffhq, imageShape: [resolution, resolution, 3] as const, channelBase};
		const generator = {architecture: 'stylegan2', sizes} as const;
		t.is(generatorPass(generator, 'inference').macs, synthesis);
		t.is(mappingPass(sizes).macs, mapping);
		const buffers = Object.entries(weightShapes(sizes)).filter(([name]) => name.endsWith('noise_const') || name.endsWith('w_avg'));
		t.is(generatorWeights(generator) - buffers.reduce((sum, [, shape]) => sum + shape.reduce((product, size) => product * size, 1), 0), numbers);
	});
}

const small = {architecture: 'target-small', numClasses: 30, imageShape: [32, 32, 3]} as const;

/** By hand: convolutions 3→16 of 5×5 to 16×16, 16→32 to 8×8, 32→48, 48→64 to 4×4, 64→64, all of 3×3, and 1024 × 30 at the end. */
const smallMacs = [75 * 16 * 256, 9 * 16 * 32 * 64, 9 * 32 * 48 * 64, 9 * 48 * 64 * 16, 9 * 64 * 64 * 16, 1024 * 30] as const;
const smallTotal = smallMacs.reduce((sum, macs) => sum + macs, 0);

test('a training takes two gradients for every product but the first, whose input is the images', t => {
	const {macs, allMacs, work} = classifierPass(small, 'training');
	t.is(macs, smallTotal);
	t.is(allMacs, (3 * smallTotal) - smallMacs[0]);
	// A convolution is narrow when one side has fewer channels than 24.
	t.is(work.narrowConvolution, smallMacs[0] + smallMacs[1]);
	t.is(work.narrowConvolutionInputGradient, smallMacs[1]);
	t.is(work.narrowConvolutionFilterGradient, smallMacs[0] + smallMacs[1]);
	t.is(work.convolution, smallMacs[2] + smallMacs[3] + smallMacs[4]);
	t.is(work.product, 3 * smallMacs[5]);
});

test('an attack takes one gradient for every product', t => {
	const {allMacs, work} = classifierPass(small, 'inputGradient');
	t.is(allMacs, 2 * smallTotal);
	t.is(work.convolutionFilterGradient, undefined);
});

test('a training keeps what each layer yields, and the gradients with respect to it', t => {
	const {forwardNumbers, backwardNumbers} = classifierPass(small, 'training');
	const outputs = [256 * 16, 64 * 32, 64 * 48, 16 * 64, 16 * 64];
	// A convolution, its normalization and its ReLU; the residual block has a sum before its ReLU; at the end a product and a sum.
	const kept = (3 * outputs.reduce((sum, size) => sum + size, 0)) + outputs[4]! + (2 * 30) + (32 * 32 * 3);
	t.is(forwardNumbers, kept);
	// To the inputs of normalizations and ReLUs, and of the convolutions after the first.
	t.is(backwardNumbers, (2 * outputs.reduce((sum, size) => sum + size, 0)) + outputs.slice(0, 4).reduce((sum, size) => sum + size, 0) + 1024);
});

test('without gradients, parts of a network give back what they do not return', t => {
	const sizes = {architecture: 'resnet18', numClasses, imageShape: [64, 64, 3]} as const;
	t.true(classifierPass(sizes, 'inference').forwardNumbers * 3 < classifierPass(sizes, 'inputGradient').forwardNumbers);
});

test('work grows with images, and calls of kernels with batches', t => {
	const pass = {work: {product: 7}, kernels: 3};
	t.deepEqual(workOf(pass, 10, 4), {product: 70, kernels: 9});
	t.deepEqual(workOf(pass, 8, 4), {product: 56, kernels: 6});
});

test('memory is that of float32 numbers', t => {
	const pass = {macs: 0, allMacs: 0, work: {}, kernels: 0, forwardNumbers: 10, backwardNumbers: 5, largestNumbers: 2};
	// Room for four tensors as large as the largest one.
	t.deepEqual(passMemory(pass, 3), {activations: 120, gradients: 60, workspace: 96});
});

test('an auxiliary head counts in training only', t => {
	const sizes = {architecture: 'inception_v3', numClasses, imageShape: [299, 299, 3]} as const;
	t.true(classifierPass(sizes, 'training').macs > classifierPass(sizes, 'inference').macs);
	t.true(classifierWeights(sizes, {isTraining: true}).trained > classifierWeights(sizes, {isTraining: false}).trained);
});

test('images that are too small for a network are told in words', t => {
	const error = t.throws(() => classifierPass({architecture: 'inception_v3', numClasses, imageShape: [32, 32, 3]}, 'inference'));
	t.regex(error.message, /^Images of 32×32 are too small for the network "inception_v3"/);
});
