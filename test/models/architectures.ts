import test from 'ava';
import {UserError} from '../../engine/error.ts';
import {architectures, findArchitecture, planClassifier} from '../../models/architectures.ts';

test('sizes follow from the image shape', t => {
	const {blocks, pooledSize} = planClassifier({blocks: ['C5 s2 16', 'R3 s1 16'], pooling: 'flatten'}, [33, 64, 1]);
	t.deepEqual(blocks, [
		{name: 'block1', kernelSize: 5, stride: 2, inputChannels: 1, outputChannels: 16, residual: false, isHiddenLayer: true},
		{name: 'block2', kernelSize: 3, stride: 1, inputChannels: 16, outputChannels: 16, residual: true, isHiddenLayer: true},
	]);
	t.is(pooledSize, 17 * 32 * 16);
});

test('average pooling makes the feature size independent of the image size', t => {
	t.is(planClassifier(findArchitecture('evaluation-small'), [64, 64, 3]).pooledSize, 96);
});

test('the target model of 32×32 images has 1024 features', t => {
	t.is(planClassifier(findArchitecture('target-small'), [32, 32, 3]).pooledSize, 1024);
});

test('an architecture may name the blocks that end its stages; else every block is a hidden layer', t => {
	const hidden = (stageEnds?: readonly number[]) => planClassifier({blocks: ['C3 s2 8', 'R3 s1 8', 'C3 s2 8'], pooling: 'average', ...(stageEnds && {stageEnds})}, [8, 8, 1]).blocks.map(({isHiddenLayer}) => isHiddenLayer);
	t.deepEqual(hidden(), [true, true, true]);
	t.deepEqual(hidden([2, 3]), [false, true, true]);
});

test('a bottleneck lets half of the features through unless the architecture says otherwise', t => {
	t.is(planClassifier(findArchitecture('target-small'), [32, 32, 3]).bottleneckWidth, 128);
	t.is(planClassifier(findArchitecture('evaluation-small'), [32, 32, 3]).bottleneckWidth, 48);
	t.is(planClassifier(findArchitecture('embedding-small'), [32, 32, 3]).bottleneckWidth, 32);
});

test('every architecture fits images of 32×32', t => {
	for (const architecture of Object.values(architectures)) {
		t.notThrows(() => planClassifier(architecture, [32, 32, 3]));
	}
});

test('an unknown architecture names the known ones', t => {
	const error = t.throws(() => findArchitecture('resnet'), {instanceOf: UserError});
	t.is(error.message, 'There is no architecture "resnet"');
	t.is(error.hint, 'Choose one of target-small, evaluation-small, embedding-small, surrogate-small, or add it to models/architectures.ts.');
});

test('a residual block that changes the shape is a mistake', t => {
	t.throws(() => planClassifier({blocks: ['R3 s2 3'], pooling: 'flatten'}, [8, 8, 3]), {message: 'Internal error: expected an odd kernel, and a residual block that keeps the shape, but was "R3 s2 3" after 3 channels'});
});
