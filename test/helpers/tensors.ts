import {readFileSync} from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';

/** The numbers sin(frequency·index + phase), which the golden values were made from. */
export function wave(shape: number[], frequency: number, phase = 0): tf.Tensor {
	return tf.tensor(Float32Array.from({length: tf.util.sizeFromShape(shape)}, (_, index) => Math.sin((frequency * index) + phase)), shape);
}

/** A JSON file of test/fixtures. */
export function fixture<Value>(name: string): Value {
	return JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')) as Value;
}

/** The largest absolute difference of two lists of numbers; NaN when their lengths differ. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
	return a.length === b.length ? Float64Array.from(a, (value, index) => Math.abs(value - b[index]!)).toSorted().at(-1) ?? 0 : Number.NaN;
}

/** Tensors of the API and arrays of the backend that are alive. */
export function liveTensors(): {tensors: number; arrays: number} {
	return {tensors: tf.memory().numTensors, arrays: (tf.backend() as unknown as {numDataIds(): number}).numDataIds()};
}

/** The largest difference between the gradient of Σ weights·f(x) and its central finite differences, with weights cos(index). */
export function gradientError(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, delta = 1e-2): number {
	return tf.tidy(() => {
		const weighted = (input: tf.Tensor) => tf.sum(tf.mul(f(input), wave(f(input).shape, 1, Math.PI / 2)));
		const values = x.dataSync();
		const numeric = Array.from(values, (value, index) => {
			const at = (shifted: number) => {
				const copy = Float32Array.from(values);
				copy[index] = shifted;
				return weighted(tf.tensor(copy, x.shape)).dataSync()[0]!;
			};

			return (at(value + delta) - at(value - delta)) / (2 * delta);
		});
		return largestDifference(tf.grad(weighted)(x).dataSync(), numeric);
	});
}
