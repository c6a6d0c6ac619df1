import * as tf from '@tensorflow/tfjs-core';
import type {RandomStream} from '../tensors/random.ts';

/** What a variational bottleneck makes of features: an independent normal distribution per coordinate, [n, width] each. */
export type BottleneckOutput = {readonly mean: tf.Tensor2D; readonly deviation: tf.Tensor2D};

/** The random stream of each row of a batch, by its position. A stream belongs to the image and the call, so that noise does not depend on the batch size. */
export type RowStreams = (row: number) => RandomStream;

/** Taken from what becomes the deviation, so that an untrained bottleneck adds little noise. */
const deviationShift = 5;

/** The bottleneck of MID, from the outputs of its linear layer: μ and r, with σ = softplus(r − 5). */
export function splitBottleneck(outputs: tf.Tensor2D): BottleneckOutput {
	const [count, both] = outputs.shape;
	const part = (index: number) => tf.slice(outputs, [0, index * both / 2], [count, both / 2]);
	return {mean: part(0), deviation: tf.softplus<tf.Tensor2D>(tf.sub<tf.Tensor2D>(part(1), deviationShift))};
}

/** What is passed on, h = μ + σ∘ε with ε from N(0, I); μ itself where there is no source of noise. */
export function passBottleneck({mean, deviation}: BottleneckOutput, streams: RowStreams | undefined): tf.Tensor2D {
	return streams ? tf.add(mean, tf.mul(deviation, drawNoise(streams, mean.shape))) : mean;
}

function drawNoise(streams: RowStreams, [count, width]: readonly [number, number]): tf.Tensor2D {
	const noise = new Float32Array(count * width);
	for (let row = 0; row < count; row++) {
		noise.set(streams(row).normals(width), row * width);
	}

	return tf.tensor2d(noise, [count, width]);
}
