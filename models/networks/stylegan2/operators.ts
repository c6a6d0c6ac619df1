import * as tf from '@tensorflow/tfjs-core';

/*
The operators of StyleGAN2 (Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN"), channels last. Every one is differentiable with
respect to activations and styles, not to weights. Gradients are written out where those of TensorFlow.js would be slow or keep large tensors alive.
*/

/** Slope of the leaky ReLU below 0. */
const slope = 0.2;

/** The ReLU halves the variance of its input, about; this gain undoes it. */
export const activationGain = Math.SQRT2;

/** Added to the sum of squared weights, so that a layer whose styles are all 0 stays finite. */
const demodulationEpsilon = 1e-8;

/** One axis of the binomial filter that smooths what zeros were put between: [1, 3, 3, 1] / 8, times 2 to make up for the zeros. */
const filterTaps = [0.25, 0.75, 0.75, 0.25] as const;

/** A fully connected layer that reads w or z: [in, out] and [out], gains included. */
export type Linear = {readonly kernel: tf.Tensor2D; readonly bias: tf.Tensor1D};

/** A convolution modulated by a style. */
export type ModulatedConvolution = {
	/** From w to one factor per input channel. */
	readonly affine: Linear;
	/** [height, width, in, out], as TensorFlow.js reads it; for an upsampling one [height, width, out, in]. */
	readonly kernel: tf.Tensor4D;
	/** Per input and output channel, the sum of the squared weights over the window: [in, out]; absent: no demodulation. */
	readonly squares?: tf.Tensor2D;
	/** [out] */
	readonly bias: tf.Tensor1D;
};

/** Leaky ReLU; its gradient needs the output only, whose sign is that of the input. */
export function leakyRelu(x: tf.Tensor4D): tf.Tensor4D {
	const apply = tf.customGrad((...args) => {
		const save = args[1] as tf.GradSaveFunc;
		const y = tf.leakyRelu(args[0] as tf.Tensor, slope);
		save([y]);
		return {
			value: y,
			gradFunc: (dy, saved) => tf.mul(dy, tf.step(saved[0]!, slope)),
		};
	});
	return apply(x) as tf.Tensor4D;
}

export function linear(x: tf.Tensor2D, {kernel, bias}: Linear): tf.Tensor2D {
	return tf.add(tf.matMul(x, kernel), bias);
}

/** Rows of mean square 1: x · rsqrt(mean(x²) + 1e−8). */
export function normalizeRows(x: tf.Tensor2D): tf.Tensor2D {
	return tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), 1, true), 1e-8)));
}

/** Scales every channel of every image: [n, height, width, channels] and [n, channels]. The gradient of the factors sums by a product, as quick as it gets. */
export function scaleChannels(x: tf.Tensor4D, factors: tf.Tensor2D): tf.Tensor4D {
	const [count, height, width, channels] = x.shape;
	const spread = (values: tf.Tensor) => tf.reshape(values, [count, 1, 1, channels]);
	const apply = tf.customGrad((...args) => {
		const save = args[2] as tf.GradSaveFunc;
		const [values, scale] = args as [tf.Tensor, tf.Tensor];
		save([values, scale]);
		return {
			value: tf.mul(values, spread(scale)),
			gradFunc: (dy, saved) => [
				tf.mul(dy, spread(saved[1]!)),
				tf.reshape(tf.matMul(tf.ones([count, 1, height * width]), tf.reshape(tf.mul(dy, saved[0]!), [count, height * width, channels])), [count, channels]),
			],
		};
	});
	return apply(x, factors) as tf.Tensor4D;
}

/**
 * A modulated convolution. The original multiplies the weights by the style, one kernel per image; as the style scales input channels and the demodulation
 * output channels, both move out of the convolution, which then has one kernel for all images.
 * @param style - [n, in]
 * @param convolve - The convolution with the kernel.
 * @param gain - Factor of the result.
 */
export function modulate(x: tf.Tensor4D, style: tf.Tensor2D, {squares, convolve, gain}: {readonly squares: tf.Tensor2D | undefined; readonly convolve: (x: tf.Tensor4D) => tf.Tensor4D; readonly gain: number}): tf.Tensor4D {
	const y = convolve(scaleChannels(x, style));
	return squares ? scaleChannels(y, tf.mul(tf.rsqrt(tf.add(tf.matMul(tf.square(style), squares), demodulationEpsilon)), gain)) : y;
}

/** 3×3 or 1×1, zero padding of half the kernel. */
export function convolve(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
	return tf.conv2d(x, kernel, 1, 'same');
}

/**
 * Twice the size: zeros between the pixels, the binomial filter, a 3×3 convolution. Convolutions commute, so the 3×3 one comes first, on the small
 * image: as a transposed convolution, a quarter of the products.
 * @param kernel - [3, 3, out, in]
 */
export function convolveUp(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
	const [count, height, width] = x.shape;
	const larger = tf.conv2dTranspose(x, kernel, [count, (2 * height) + 1, (2 * width) + 1, kernel.shape[2]], 2, 'valid');
	return smooth(larger, 1);
}

/** An image of twice the size: zeros between the pixels, then the binomial filter. */
export function upsample(images: tf.Tensor4D): tf.Tensor4D {
	const [count, height, width, channels] = images.shape;
	const apply = tf.customGrad((...args) => {
		const spaced = tf.pad(tf.reshape(args[0] as tf.Tensor, [count, height, 1, width, channels]), [[0, 0], [0, 0], [0, 1], [0, 0], [0, channels]]);
		return {
			value: smoothPadded(tf.pad(tf.reshape(spaced, [count, 2 * height, 2 * width, channels]), [[0, 0], [2, 1], [2, 1], [0, 0]])),
			// The same filter, then only the pixels that zeros were put between.
			gradFunc: dy => tf.depthwiseConv2d(tf.pad(dy as tf.Tensor4D, [[0, 0], [1, 2], [1, 2], [0, 0]]), filterOf([4, 4], channels), 2, 'valid'),
		};
	});
	return apply(images) as tf.Tensor4D;
}

/** The binomial filter on an image with `padding` zeros on every side; as the filter is symmetric, its gradient is the filter with what padding is left to 3. */
function smooth(x: tf.Tensor4D, padding: number): tf.Tensor4D {
	const padded = (images: tf.Tensor, margin: number) => tf.pad(images as tf.Tensor4D, [[0, 0], [margin, margin], [margin, margin], [0, 0]]);
	const apply = tf.customGrad((...args) => ({
		value: smoothPadded(padded(args[0] as tf.Tensor, padding)),
		gradFunc: dy => smoothPadded(padded(dy, filterTaps.length - 1 - padding)),
	}));
	return apply(x) as tf.Tensor4D;
}

/** The binomial filter without padding, one axis after the other: three pixels less in height and width. */
function smoothPadded(x: tf.Tensor4D): tf.Tensor4D {
	const channels = x.shape[3];
	return tf.depthwiseConv2d(tf.depthwiseConv2d(x, filterOf([4, 1], channels), 1, 'valid'), filterOf([1, 4], channels), 1, 'valid');
}

/** The same filter for every channel, [height, width, channels, 1]; along an axis of size 1 it does nothing. */
function filterOf([height, width]: readonly [height: number, width: number], channels: number): tf.Tensor4D {
	const along = (size: number) => (size === 1 ? [1] : filterTaps);
	const values = along(height).flatMap(row => along(width).map(column => row * column));
	return tf.add(tf.tensor4d(values, [height, width, 1, 1]), tf.zeros([1, 1, channels, 1]));
}
