import * as tf from '@tensorflow/tfjs-core';
import {adam} from '../tensors/adam.ts';
import {batchNormTraining} from '../tensors/batch-norm.ts';
import {randomStream} from '../tensors/random.ts';

/** One convolution without bias, zero padding of half the kernel, batch norm and ReLU; a residual one adds its input before the ReLU. */
type Layer = {readonly kernel: number; readonly stride: number; readonly channels: number; readonly residual?: boolean};

/** A classifier of 32×32 RGB images with 30 classes, as both sides of the benchmark build it. */
export type NetworkSpec = {
	readonly batch: number;
	readonly layers: readonly Layer[];
	/** Whether the head sees every position; otherwise their average. */
	readonly flatten: boolean;
	/** Inputs of the head. */
	readonly features: number;
};

/** `reference` has 2.47 GMAC per forward pass of a batch; `target` is the target model of the default experiment. */
export const networks: Readonly<Record<'reference' | 'target', NetworkSpec>> = {
	reference: {
		batch: 64,
		layers: [[1, 32], [1, 32], [2, 64], [1, 64], [2, 128], [1, 128]].map(([stride, channels]) => ({kernel: 3, stride: stride!, channels: channels!})),
		flatten: false,
		features: 128,
	},
	target: {
		batch: 12,
		layers: [
			{kernel: 5, stride: 2, channels: 16},
			{kernel: 3, stride: 2, channels: 32},
			{kernel: 3, stride: 1, channels: 48},
			{kernel: 3, stride: 2, channels: 64},
			{kernel: 3, stride: 1, channels: 64, residual: true},
		],
		flatten: true,
		features: 1024,
	},
};

/** A function that makes one training step on a fixed random batch and returns the loss. Its tensors live until the process ends. */
export function trainer(spec: NetworkSpec): () => Promise<number> {
	const variables = weightsOf(spec);
	const images = tf.tensor4d(randomStream('images').normals(spec.batch * 32 * 32 * 3), [spec.batch, 32, 32, 3]);
	const labels = tf.oneHot(tf.tensor1d(Array.from({length: spec.batch}, (_, index) => index % 30), 'int32'), 30);
	const optimizer = adam({beta1: 0.9, beta2: 0.999, epsilon: 1e-8});
	const loss = () => tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.logSoftmax(logits(spec, variables, images))), -1))) as tf.Scalar;
	return async () => {
		const {value, grads} = tf.variableGrads(loss, Object.values(variables));
		optimizer.update(variables, Object.fromEntries(Object.entries(variables).map(([name, {name: id}]) => [name, grads[id]!])), 0.001);
		const [number] = await value.data();
		tf.dispose([value, grads]);
		return number!;
	};
}

function logits({layers, flatten}: NetworkSpec, variables: Record<string, tf.Variable>, images: tf.Tensor4D): tf.Tensor2D {
	let x = images;
	for (const [index, {kernel, stride, residual}] of layers.entries()) {
		const half = Math.floor(kernel / 2);
		const product = tf.conv2d(x, variables[`filter${index}`] as tf.Tensor4D, stride, [[0, 0], [half, half], [half, half], [0, 0]]);
		const {y} = batchNormTraining(product, variables[`scale${index}`] as tf.Tensor1D, variables[`offset${index}`] as tf.Tensor1D, 1e-5);
		x = tf.relu<tf.Tensor4D>(residual ? tf.add<tf.Tensor4D>(y, x) : y);
	}

	const features = flatten ? tf.reshape(x, [x.shape[0], -1]) : tf.mean(x, [1, 2]);
	return tf.add(tf.matMul(features as tf.Tensor2D, variables.head as tf.Tensor2D), variables.bias!);
}

function weightsOf({layers, features}: NetworkSpec): Record<string, tf.Variable> {
	const stream = randomStream('weights');
	const variables: Record<string, tf.Variable> = {};
	const add = (name: string, shape: number[], fanIn: number) => {
		const bound = 1 / Math.sqrt(fanIn);
		variables[name] = tf.variable(tf.tensor(stream.uniforms(tf.util.sizeFromShape(shape), -bound, bound), shape));
	};

	let channels = 3;
	for (const [index, layer] of layers.entries()) {
		add(`filter${index}`, [layer.kernel, layer.kernel, channels, layer.channels], layer.kernel * layer.kernel * channels);
		variables[`scale${index}`] = tf.variable(tf.ones([layer.channels]));
		variables[`offset${index}`] = tf.variable(tf.zeros([layer.channels]));
		channels = layer.channels;
	}

	add('head', [features, 30], features);
	add('bias', [30], features);
	return variables;
}
