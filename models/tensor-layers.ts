import * as tf from '@tensorflow/tfjs-core';
import type {Layers, PerAxis, PoolOptions} from './networks/layers.ts';
import {perAxis} from './outline.ts';
import type {WeightFormat} from './weight-format.ts';

/** Layers over tensors. */
export type TensorLayers = Layers<tf.Tensor>;

/** Added to the variance in batch normalization unless a layer says otherwise, as in PyTorch. */
export const defaultEpsilon = 1e-5;

type Padding = [[number, number], [number, number], [number, number], [number, number]];

/** The layers without weights, as inference computes them and training but for dropout; all are differentiable. */
export function layersWithoutWeights({channelsFirst}: WeightFormat): Pick<TensorLayers, 'relu' | 'add' | 'concat' | 'maxPool' | 'averagePool' | 'globalAverage' | 'flatten' | 'affine' | 'part'> {
	return {
		relu: x => tf.relu(x),
		add: (x, y, factor = 1) => tf.add(x, factor === 1 ? y : tf.mul(y, factor)),
		concat: parts => tf.concat([...parts], -1),
		maxPool: (x, options) => tf.maxPool(padded(x, options, Number.NEGATIVE_INFINITY), options.size, options.stride, 'valid'),
		averagePool: (x, options) => tf.avgPool(padded(x, options, 0), options.size, options.stride, 'valid'),
		globalAverage: x => average(asImages(x)),
		flatten: x => tf.reshape(channelsFirst ? tf.transpose(x, [0, 3, 1, 2]) : x, [x.shape[0], -1]),
		affine: (x, factors, offsets) => tf.add(tf.mul(x, tf.tensor1d([...factors])), tf.tensor1d([...offsets])),
		part: compute => tf.tidy(compute),
	};
}

/** Zeros around the rows and columns of a convolution's input, on both sides, also for stride 2, where TensorFlow's `same` would pad one side only. */
export function paddingOf(padding: PerAxis): Padding {
	const [rows, columns] = perAxis(padding);
	return [[0, 0], [rows, rows], [columns, columns], [0, 0]];
}

/** @throws {Error} unless a tensor is of rank 4. */
export function asImages(x: tf.Tensor): tf.Tensor4D {
	if (x.rank !== 4) {
		throw new Error(`Internal error: expected images but was a tensor of shape [${x.shape.join(', ')}]`);
	}

	return x as tf.Tensor4D;
}

/** @throws {Error} unless a tensor is of rank 2. */
export function asVectors(x: tf.Tensor): tf.Tensor2D {
	if (x.rank !== 2) {
		throw new Error(`Internal error: expected vectors but was a tensor of shape [${x.shape.join(', ')}]`);
	}

	return x as tf.Tensor2D;
}

/** Pads by hand, because backends differ in what padding their pooling can do. */
function padded(x: tf.Tensor, {padding = 0}: PoolOptions, value: number): tf.Tensor4D {
	return padding === 0 ? asImages(x) : tf.pad(asImages(x), paddingOf(padding), value);
}

/** The mean over rows and columns. Its own gradient spreads dy by a product, because the general one copies it tile by tile, which takes long on WASM. */
function average(x: tf.Tensor4D): tf.Tensor2D {
	const [count, height, width, channels] = x.shape;
	const mean = tf.customGrad((...args) => ({
		value: tf.mean(args[0] as tf.Tensor, [1, 2]),
		gradFunc: dy => tf.mul(tf.reshape(dy, [count, 1, 1, channels]), tf.fill([1, height, width, 1], 1 / (height * width))),
	}));
	return mean(x) as tf.Tensor2D;
}
