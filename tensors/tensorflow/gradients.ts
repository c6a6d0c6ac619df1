import * as tf from '@tensorflow/tfjs-core';
import {type Gradient} from '../gradients/gradient.ts';
import {execute} from './operation.ts';

const float = {T: {type: 'float32'}} as const;

/** Derivatives that the library computes in one operation. */
export const fusedGradients: readonly Gradient[] = [
	{kernel: tf.Relu, output: true, derive: (dy, [y]) => ({x: () => execute('ReluGrad', float, [dy, y!])[0]!})},
];
