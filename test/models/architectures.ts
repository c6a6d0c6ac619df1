import test from 'ava';
import {UserError} from '../../engine/error.ts';
import {architectures, findArchitecture} from '../../models/architectures.ts';
import {bottleneckWidthOf} from '../../models/classifier-weights.ts';
import {rows, type RowsOptions} from '../../models/networks/rows.ts';
import {outlineNetwork} from '../../models/outline.ts';

const outlineOf = (options: RowsOptions, imageShape: readonly [number, number, number]) => outlineNetwork('test', rows(options), {imageShape, numClasses: 2});

const smallNames = Object.keys(architectures).filter(name => name.endsWith('-small'));

test('sizes follow from the image', t => {
	const {layers, featureSize} = outlineOf({blocks: ['C5 s2 16', 'R3 s1 16'], pooling: 'flatten'}, [33, 64, 1]);
	t.deepEqual(layers.slice(0, 2), [
		{kind: 'convolution', name: 'block1', options: {kernel: 5, stride: 2, padding: 2, channels: 16, norm: {name: 'block1'}, relu: true}},
		{kind: 'convolution', name: 'block2', options: {kernel: 3, stride: 1, padding: 1, channels: 16, norm: {name: 'block2'}, relu: false}},
	]);
	t.is(featureSize, 17 * 32 * 16);
});

const featureSizeOf = (name: string) => outlineNetwork(name, findArchitecture(name), {imageShape: [32, 32, 3], numClasses: 2}).featureSize;

test('averaged features have one number per channel, whatever the image', t => {
	t.is(featureSizeOf('evaluation-small'), 96);
});

test('the target model flattens 4×4×64 activations of a 32×32 image', t => {
	t.is(featureSizeOf('target-small'), 1024);
});

test('hidden layers are the ends of the stages, or all blocks where stages are not named', t => {
	const hidden = (stageEnds?: readonly number[]) => outlineOf({blocks: ['C3 s2 8', 'R3 s1 8', 'C3 s2 8'], pooling: 'average', ...(stageEnds && {stageEnds})}, [8, 8, 1]).hidden;
	t.deepEqual(hidden([2, 3]), [[4, 4, 8], [2, 2, 8]]);
	t.deepEqual(hidden(), [[4, 4, 8], [4, 4, 8], [2, 2, 8]]);
});

test('a bottleneck has the width of its architecture, or half the features', t => {
	const widthOf = (name: string) => bottleneckWidthOf(findArchitecture(name), featureSizeOf(name));
	t.is(widthOf('target-small'), 128);
	t.is(widthOf('evaluation-small'), 48);
	t.is(widthOf('embedding-small'), 32);
	t.is(widthOf('resnet152'), 1024);
});

test('every small architecture has a plan for small images', t => {
	t.is(smallNames.length, 4);
	t.true(smallNames.every(name => featureSizeOf(name) > 0));
});

test('an unknown architecture is a user error that lists the known ones', t => {
	const error = t.throws(() => findArchitecture('resnet'), {instanceOf: UserError});
	t.is(error.message, 'There is no architecture "resnet"');
	t.is(error.hint, `Choose one of ${Object.keys(architectures).join(', ')}, or add it to models/architectures.ts.`);
	t.throws(() => findArchitecture('constructor'), {instanceOf: UserError});
});

test('a residual block must keep its shape', t => {
	t.throws(() => rows({blocks: ['R3 s2 3'], pooling: 'flatten'}), {message: 'Internal error: expected an odd kernel, and a residual block that keeps the shape, but was "R3 s2 3"'});
	t.throws(() => outlineOf({blocks: ['R3 s1 4'], pooling: 'flatten'}, [8, 8, 3]), {message: 'Internal error: expected summands of the same shape but was [8, 8, 4] and [8, 8, 3]'});
});
