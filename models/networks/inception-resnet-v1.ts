import {defaultValues} from '../initial-values.ts';
import {pytorchFormat} from '../weight-format.ts';
import {convolutions, inceptionEpsilon, type Convolution} from './inception-blocks.ts';
import type {Layers} from './layers.ts';
import type {Network} from './network.ts';

/** Channels, kernel and options of the convolutions of a branch, which are numbered where there are several. */
type Unnamed = readonly [channels: number, kernel: Convolution[2], options?: NonNullable<Convolution[3]>];

function branch(name: string, list: readonly Unnamed[]): Convolution[] {
	return list.map(([channels, kernel, options = {}], index) => [list.length === 1 ? name : `${name}.${index}`, channels, kernel, options]);
}

type Residual = {readonly name: string; readonly channels: number; readonly scale: number; readonly branches: ReadonlyArray<readonly Convolution[]>; readonly relu?: boolean};

/** ReLU(x + scale·w∗branches(x)). */
function residual<X>(layers: Layers<X>, x: X, {name, channels, scale, branches, relu = true}: Residual): X {
	return layers.part(() => {
		const joined = layers.concat(branches.map(list => convolutions(layers, x, `${name}.`, list)));
		const sum = layers.add(x, layers.convolution(joined, `${name}.conv2d`, {channels, kernel: 1, bias: true}), scale);
		return relu ? layers.relu(sum) : sum;
	});
}

const block35 = {
	channels: 256,
	scale: 0.17,
	branches: [
		branch('branch0', [[32, 1]]),
		branch('branch1', [[32, 1], [32, 3, {padding: 1}]]),
		branch('branch2', [[32, 1], [32, 3, {padding: 1}], [32, 3, {padding: 1}]]),
	],
};

const block17 = {
	channels: 896,
	scale: 0.1,
	branches: [branch('branch0', [[128, 1]]), branch('branch1', [[128, 1], [128, [1, 7], {padding: [0, 3]}], [128, [7, 1], {padding: [3, 0]}]])],
};

const block8 = {
	channels: 1792,
	scale: 0.2,
	branches: [branch('branch0', [[192, 1]]), branch('branch1', [[192, 1], [192, [1, 3], {padding: [0, 1]}], [192, [3, 1], {padding: [1, 0]}]])],
};

function repeated<X>(layers: Layers<X>, images: X, name: string, {count, block}: {readonly count: number; readonly block: Omit<Residual, 'name'>}): X {
	let x = images;
	for (let index = 0; index < count; index++) {
		x = residual(layers, x, {name: `${name}.${index}`, ...block});
	}

	return x;
}

/** Halves the sides; the last branch is the maximum of 3×3 windows. */
function reduction<X>(layers: Layers<X>, x: X, name: string, branches: ReadonlyArray<readonly Convolution[]>): X {
	return layers.part(() => layers.concat([...branches.map(list => convolutions(layers, x, `${name}.`, list)), layers.maxPool(x, {size: 3, stride: 2})]));
}

/**
 * FaceNet's Inception-ResNet-v1 (Szegedy et al. 2017, "Inception-v4, Inception-ResNet and the impact of residual connections on learning", Fig. 15) as facenet-pytorch has it: an embedding of
 * length 1 with 512 numbers. The hidden layers are the outputs of its three rows of residual blocks and of the block after them.
 */
export const inceptionResnetV1: Network = {
	head: 'logits',
	format: pytorchFormat,
	isEmbedding: true,
	initialValues: defaultValues,
	trunk(layers, images) {
		const stem = layers.part(() => {
			const early = convolutions(layers, images, '', [['conv2d_1a', 32, 3, {stride: 2}], ['conv2d_2a', 32, 3], ['conv2d_2b', 64, 3, {padding: 1}]]);
			return convolutions(layers, layers.maxPool(early, {size: 3, stride: 2}), '', [['conv2d_3b', 80, 1], ['conv2d_4a', 192, 3], ['conv2d_4b', 256, 3, {stride: 2}]]);
		});
		const first = repeated(layers, stem, 'repeat_1', {count: 5, block: block35});
		const mixed6 = reduction(layers, first, 'mixed_6a', [
			branch('branch0', [[384, 3, {stride: 2}]]),
			branch('branch1', [[192, 1], [192, 3, {padding: 1}], [256, 3, {stride: 2}]]),
		]);
		const second = repeated(layers, mixed6, 'repeat_2', {count: 10, block: block17});
		const mixed7 = reduction(layers, second, 'mixed_7a', [
			branch('branch0', [[256, 1], [384, 3, {stride: 2}]]),
			branch('branch1', [[256, 1], [256, 3, {stride: 2}]]),
			branch('branch2', [[256, 1], [256, 3, {padding: 1}], [256, 3, {stride: 2}]]),
		]);
		const third = repeated(layers, mixed7, 'repeat_3', {count: 5, block: block8});
		const last = residual(layers, third, {name: 'block8', ...block8, scale: 1, relu: false});
		const pooled = layers.dropout(layers.globalAverage(last), 'dropout', 0.6);
		const embedding = layers.linear(pooled, 'last_linear', {outputs: 512, bias: false});
		return {features: layers.batchNorm(embedding, {name: 'last_bn', epsilon: inceptionEpsilon}), hidden: [first, second, third, last]};
	},
};
