import * as tf from '@tensorflow/tfjs-core';
import type {RandomStream} from '../tensors/random.ts';
import {randomCrops} from '../training/augmentation.ts';

/** A changed copy of a batch of images [n, height, width, channels], of the same shape; `start` is the position of the first one among all images. */
export type View = (images: tf.Tensor4D, start: number) => tf.Tensor4D;

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

/** The views to average over. What a random view does to an image depends on the position of the image among all images, not on the batch size. */
export function viewsOf({views, cropScale: scale, cropAspect: aspect, flip}: ViewOptions, stream: RandomStream): readonly View[] {
	if (views === 'mirrored') {
		return [plainView, images => tf.reverse(images, 2)];
	}

	return Array.from({length: views}, (_, index) => {
		const viewStream = stream.split(`view ${index}`);
		return (images, start) => randomCrops(images, imageStreams(viewStream, start), {
			scale, aspect, flip, perImage: true,
		});
	});
}

/**
 * The stream that `randomCrops` splits into one stream per image, in order. It would give the images of every batch the same streams, one per position
 * in the batch; here they get those of their positions among all images, `start` and the following.
 */
export function imageStreams(stream: RandomStream, start: number): RandomStream {
	let next = start;
	return {...stream, split: () => stream.split(`image ${next++}`)};
}
