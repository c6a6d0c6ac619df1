import * as tf from '@tensorflow/tfjs-core';
import type {RandomStream} from '../tensors/random.ts';
import {randomCrops} from '../training/augmentation.ts';

/** A changed copy of a batch of images [n, height, width, channels], of the same shape. */
export type View = (images: tf.Tensor4D) => tf.Tensor4D;

/** How random views change an image. */
export type ViewOptions = {
	/** Number of random views; `mirrored` means two fixed ones instead, the image and its mirror image, as in the attack's published code. */
	readonly views: number | 'mirrored';
	/** Smallest and largest share of the image area that a crop keeps. */
	readonly cropScale: readonly [number, number];
	/** Smallest and largest width : height of the crop, drawn log-uniformly. */
	readonly cropAspect: readonly [number, number];
	/** Probability of mirroring. */
	readonly flip: number;
};

/** The image as it is. */
export const plainView: View = images => images;

/**
 * The views to average over. Each random view has a stream of its own, from which every batch draws image after image: when the batches come in
 * order, what happens to an image depends on its position among all images and not on the batch size.
 */
export function viewsOf({views, cropScale: scale, cropAspect: aspect, flip}: ViewOptions, stream: RandomStream): readonly View[] {
	if (views === 'mirrored') {
		return [plainView, images => tf.reverse(images, 2)];
	}

	return Array.from({length: views}, (_, index) => {
		const viewStream = stream.split(`view ${index}`);
		return images => randomCrops(images, viewStream, {
			scale, aspect, flip, perImage: true,
		});
	});
}
