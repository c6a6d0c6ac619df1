import test from 'ava';
import {resolveDefense} from '../../training/defense-params.ts';

const training = {
	architecture: 'target-small',
	alpha: 0.1,
	holdUntil: 0.15,
	fullFrom: 0.35,
	epochs: 2,
	batchSize: 5,
	learningRate: 0.002,
	learningRateDrops: [0.9],
	augmentation: {cropScale: [0.85, 1] as [number, number], flip: 0.5, brightness: 0.2, contrast: 0.2, saturation: 0.1},
};

test('no defence is the training as it was before there were any', t => {
	t.deepEqual(resolveDefense(training), training);
	t.deepEqual(resolveDefense({...training, defense: {kind: 'none'}}), training);
});

test('label smoothing as a defence is its smoothing factor', t => {
	t.deepEqual(resolveDefense({...training, defense: {kind: 'label-smoothing', alpha: -0.05}}), {...training, alpha: -0.05});
});

test('what is left open is as in the published code', t => {
	t.deepEqual(resolveDefense({...training, defense: {kind: 'mid', lambda: 0.01}}), {...training, defense: {kind: 'mid', lambda: 0.01, noiseAtEvaluation: true}});
	t.deepEqual(resolveDefense({...training, defense: {kind: 'bido', lambdaX: 0.05, lambdaY: 0.5}}).defense, {
		kind: 'bido', lambdaX: 0.05, lambdaY: 0.5, labelKernel: 'linear', sigma: 5, epsilon: 1e-5,
	});
});

test('what is chosen stays', t => {
	const chosen = {kind: 'bido', lambdaX: 0.05, lambdaY: 0.5, labelKernel: 'gaussian', sigma: 2, epsilon: 0.01} as const;
	t.deepEqual(resolveDefense({...training, defense: chosen}).defense, chosen);
	t.deepEqual(resolveDefense({...training, defense: {kind: 'mid', lambda: 1, width: 4, noiseAtEvaluation: false}}).defense, {kind: 'mid', lambda: 1, width: 4, noiseAtEvaluation: false});
});
