import type * as tf from '@tensorflow/tfjs-core';
import {classifierInput} from './classifier.ts';

/** What the numbers of an image mean: black and white are 0 and 1 in `unit`, −1 and 1 in `signed`; a generator may go beyond. */
export type ImageRange = 'unit' | 'signed';

/** Images of a range as classifiers read them, in [−1, 1]; what goes beyond the range stays beyond. */
export function classifierInputOf(images: tf.Tensor4D, range: ImageRange | undefined): tf.Tensor4D {
	return range === 'signed' ? images : classifierInput(images);
}

/** Values of images of a range as shares of white, 0 to 1. */
export function unitValues(values: Float32Array, range: ImageRange | undefined): Float32Array {
	return range === 'signed' ? values.map(value => (value + 1) / 2) : values;
}
