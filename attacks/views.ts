import * as tf from '@tensorflow/tfjs-core';
import type {RandomStream} from '../tensors/random.ts';
import {resizedWindow} from '../tensors/resize.ts';
import {randomCrops} from '../training/augmentation.ts';
import {drawWholeCrop} from '../training/whole-crop.ts';

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
 * Random views of which every class has one for all its images, as in the authors' code: crops of whole pixels, resized with antialiasing, and mirrored
 * all or none. Which class has which does not depend on the batch size.
 * @param targetClasses - Of all images, those of a class one after the other.
 */
export function classViewsOf({views, cropScale: scale, cropAspect: aspect, flip}: ViewOptions & {readonly views: number}, targetClasses: Int32Array, stream: RandomStream): readonly View[] {
	return Array.from({length: views}, (_, index) => {
		const viewStream = stream.split(`view ${index}`);
		return (images, start) => tf.tidy(() => {
			const [count, height, width] = images.shape;
			const parts = runsOf(targetClasses.subarray(start, start + count)).map(({value, from, length}) => resizedWindow(
				tf.slice(images, [from, 0, 0, 0], [length, -1, -1, -1]),
				drawWholeCrop([height, width], {scale, aspect, flip}, viewStream.split(`class ${value}`)),
				[height, width],
			));
			return tf.concat(parts);
		});
	});
}

/** Neighbours of equal value. */
function runsOf(values: Int32Array): ReadonlyArray<{readonly value: number; readonly from: number; readonly length: number}> {
	const starts = [...values.keys()].filter(index => index === 0 || values[index] !== values[index - 1]);
	return starts.map((from, index) => ({value: values[from]!, from, length: (starts[index + 1] ?? values.length) - from}));
}

/**
 * The stream that `randomCrops` splits into one stream per image, in order. It would give the images of every batch the same streams, one per position
 * in the batch; here they get those of their positions among all images, `start` and the following.
 */
export function imageStreams(stream: RandomStream, start: number): RandomStream {
	let next = start;
	return {...stream, split: () => stream.split(`image ${next++}`)};
}
