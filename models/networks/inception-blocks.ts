import type {Layers, PerAxis} from './layers.ts';

/** Added to the variance in batch normalization. */
export const inceptionEpsilon = 1e-3;

/** Name, channels and kernel of a convolution; a stride of 1 and no padding unless they follow. */
export type Convolution = readonly [name: string, channels: number, kernel: PerAxis, options?: {readonly stride?: number; readonly padding?: PerAxis}];

/** One convolution after the other, each followed by batch normalization and ReLU: the layer `name` has the parts `conv` and `bn`. */
export function convolutions<X>(layers: Layers<X>, images: X, prefix: string, list: readonly Convolution[]): X {
	let x = images;
	for (const [name, channels, kernel, options] of list) {
		x = layers.convolution(x, `${prefix}${name}.conv`, {channels, kernel, ...options, norm: {name: `${prefix}${name}.bn`, epsilon: inceptionEpsilon}, relu: true});
	}

	return x;
}
