import * as tf from '@tensorflow/tfjs-core';
import {batchNormTraining} from '../tensors/batch-norm.ts';
import {convolve} from '../tensors/convolution.ts';
import type {RowStreams} from './bottleneck.ts';
import type {BatchNormOptions} from './networks/layers.ts';
import {
	asImages, asVectors, defaultEpsilon, layersWithoutWeights, paddingOf, type TensorLayers,
} from './tensor-layers.ts';
import type {Part, WeightFormat} from './weight-format.ts';

/** Mean and biased variance that a layer found in a batch, and how many values per channel they are of. */
export type Moments = {readonly layer: string; readonly mean: tf.Tensor1D; readonly variance: tf.Tensor1D; readonly count: number};

/** What training computes with. */
export type TrainingState = {
	/** A weight as the network computes with it. */
	weight(layer: string, part: Part): tf.Tensor;
	/** What batch normalization finds is added here; its tensors outlive the pass. */
	readonly moments: Moments[];
	/** Where dropout draws from, per image; absent: nothing is dropped. */
	readonly streams: RowStreams | undefined;
};

/** The layers in training: batch normalization uses the moments of the batch, and dropout is on. */
export function trainingLayers(format: WeightFormat, {weight, moments, streams}: TrainingState): TensorLayers {
	const batchNorm = (x: tf.Tensor, {name, epsilon = defaultEpsilon}: BatchNormOptions) => {
		const {y, mean, variance} = batchNormTraining(x, weight(name, 'scale') as tf.Tensor1D, weight(name, 'offset') as tf.Tensor1D, epsilon);
		moments.push({layer: name, mean: tf.keep(mean), variance: tf.keep(variance), count: x.size / mean.size});
		return y;
	};

	return {
		...layersWithoutWeights(format),
		convolution(x, name, {stride = 1, padding = 0, groups = 1, bias, norm, relu}) {
			const convolved = convolve(asImages(x), weight(name, 'kernel') as tf.Tensor4D, {strides: stride, pad: paddingOf(padding), groups});
			const shifted = bias ? tf.add(convolved, weight(name, 'bias')) : convolved;
			const y = norm ? batchNorm(shifted, norm) : shifted;
			return relu ? tf.relu(y) : y;
		},
		batchNorm,
		linear(x, name, {bias = true}) {
			const product = tf.matMul(asVectors(x), weight(name, 'kernel'));
			return bias ? tf.add(product, weight(name, 'bias')) : product;
		},
		prelu: (x, name) => tf.prelu(x, weight(name, 'slope')),
		dropout: (x, name, rate) => (streams ? tf.mul(x, dropoutMask(x.shape, rate, row => streams(row).split(name))) : x),
	};
}

/** For each number 0 with probability `rate` and 1/(1 − rate) otherwise, so that the expectation stays (Srivastava et al. 2014, Sec. 10). */
function dropoutMask(shape: number[], rate: number, streams: RowStreams): tf.Tensor {
	const mask = new Float32Array(tf.util.sizeFromShape(shape));
	const count = shape[0]!;
	const size = mask.length / count;
	for (let row = 0; row < count; row++) {
		mask.set(streams(row).uniforms(size, 0, 1).map(value => (value < rate ? 0 : 1 / (1 - rate))), row * size);
	}

	return tf.tensor(mask, shape);
}
