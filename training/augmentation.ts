import * as tf from '@tensorflow/tfjs-core';
import {imageAt, type ImageSet} from '../artifacts/image-set.ts';
import type {RandomStream} from '../tensors/random.ts';
import {colourJitter, type ColourJitter} from './colour-jitter.ts';
import {
	type Crop, type CropOptions, drawCrop, interpolate, type Window,
} from './crop.ts';
import {resample, resampleTransposed} from './resample.ts';
import {torchvisionJitter} from './torchvision-jitter.ts';
import {drawWholeCrop} from './whole-crop.ts';

/** Random changes of a training image. */
export type Augmentation = ColourJitter & {
	/** Smallest and largest share of the image area that a crop keeps. */
	readonly cropScale: readonly [min: number, max: number];
	/** Probability of mirroring, 0 to 1. */
	readonly flip: number;
	/** How far hues are moved round their circle, 0 to 0.5; when it is given, colours change as torchvision's `ColorJitter` changes them, in a random order. */
	readonly hue?: number | undefined;
	/** `whole`: crops of whole pixels that are cut out before they are resized, as torchvision's; `continuous` when absent. */
	readonly crops?: 'continuous' | 'whole' | undefined;
	/** Whether all images of a batch share what is drawn; `image` when absent. */
	readonly draws?: 'image' | 'batch' | undefined;
};

/** Crops of a batch of images. */
export type RandomCropOptions = CropOptions & {
	/** Whether every image gets a crop of its own, or all share one. */
	readonly perImage: boolean;
};

/** Leaves images as they are. */
export const noAugmentation: Augmentation = {
	cropScale: [1, 1], flip: 0, brightness: 0, contrast: 0, saturation: 0,
};

/**
 * Random crops, resized to the size of the images by bilinear interpolation, maybe mirrored; differentiable with respect to the images.
 * As matrices: A_y·X·A_xᵀ for each channel, with one row of weights max(0, 1 − |c − j|) per output position with coordinate c.
 *
 * @param images - [n, height, width, channels]
 * @returns The shape of the images.
 */
export function randomCrops(images: tf.Tensor4D, stream: RandomStream, options: RandomCropOptions): tf.Tensor4D {
	const [count, height, width] = images.shape;
	const draw = (name: string) => drawCrop([height, width], options, stream.split(name));
	const shared = options.perImage ? undefined : draw('shared');
	const crops = Array.from({length: count}, (_, index) => shared ?? draw(`image ${index}`));
	return tf.getBackend() === 'wasm' ? cropByLoops(images, crops) : cropByMatrices(images, crops);
}

/**
 * Randomly changed images as classifiers read them, in [−1, 1], [indices.length, height, width, channels]. What happens to an image depends on
 * the stream and its index in the set only, not on the batch it is in, unless the batch shares its draws.
 */
export function augmentedBatch(set: ImageSet, indices: ArrayLike<number>, stream: RandomStream, augmentation: Augmentation): tf.Tensor4D {
	const [, height, width, channels] = set.shape;
	const size = indices.length * height * width * channels;
	const pixels = new Float32Array(size);
	for (const [position, index] of Int32Array.from(indices).entries()) {
		// No other batch of an epoch begins with the same image.
		const drawn = augmentation.draws === 'batch' ? `batch ${indices[0]}` : `image ${index}`;
		augmentImage(set, pixels, {from: index, to: position, stream: stream.split(drawn), augmentation});
	}

	for (let offset = 0; offset < size; offset++) {
		pixels[offset] = (2 * pixels[offset]!) - 1;
	}

	return tf.tensor4d(pixels, [indices.length, height, width, channels]);
}

/** Writes a random change of image number `from` of the set, in [0, 1], over image number `to` of `pixels`. */
export function augmentImage(
	set: ImageSet,
	pixels: Float32Array,
	{from, to, stream, augmentation}: {from: number; to: number; stream: RandomStream; augmentation: Augmentation},
): void {
	const [, height, width, channels] = set.shape;
	const {cropScale: scale, flip, crops, hue} = augmentation;
	const crop = crops === 'whole' ? cutOut(drawWholeCrop([height, width], {scale, flip}, stream.split('crop'))) : drawCrop([height, width], {scale, flip}, stream.split('crop'));
	resample(imageAt(set, from), pixels, {crop, shape: [height, width, channels], from: 0, to});
	const size = height * width * channels;
	const image = pixels.subarray(to * size, (to + 1) * size);
	for (let offset = 0; offset < size; offset++) {
		image[offset]! /= 255;
	}

	if (hue === undefined) {
		colourJitter(image, channels, augmentation, stream.split('colour'));
	} else {
		torchvisionJitter(image, channels, {...augmentation, hue}, stream.split('colour'));
	}
}

/** Crops are never larger than the image, so resizing them never reduces: antialiasing would change nothing. */
function cutOut({rows, columns}: Crop): Crop {
	return {rows: {...rows, isCut: true}, columns: {...columns, isCut: true}};
}

/** For the backend whose numbers JavaScript reads at the cost of a copy; there, loops are faster than products with matrices that are nearly empty. */
function cropByLoops(images: tf.Tensor4D, crops: readonly Crop[]): tf.Tensor4D {
	const [, height, width, channels] = images.shape;
	const transform = (x: tf.Tensor, apply: typeof resample | typeof resampleTransposed) => {
		const source = x.dataSync<'float32'>();
		const target = new Float32Array(source.length);
		for (const [index, crop] of crops.entries()) {
			apply(source, target, {crop, shape: [height, width, channels], from: index, to: index});
		}

		return tf.tensor4d(target, images.shape);
	};

	const cropped = tf.customGrad((...args) => ({
		value: transform(args[0] as tf.Tensor, resample),
		gradFunc: dy => transform(dy, resampleTransposed),
	}));
	return cropped(images) as tf.Tensor4D;
}

function cropByMatrices(images: tf.Tensor4D, crops: readonly Crop[]): tf.Tensor4D {
	return tf.tidy(() => {
		const [count, height, width, channels] = images.shape;
		const vertical = tf.matMul(matrices(crops.map(({rows}) => rows), height), tf.reshape(images, [count, height, width * channels]));
		const turned = tf.reshape(tf.transpose(tf.reshape(vertical, [count, height, width, channels]), [0, 2, 1, 3]), [count, width, height * channels]);
		const horizontal = tf.matMul(matrices(crops.map(({columns}) => columns), width), turned);
		return tf.transpose(tf.reshape(horizontal, [count, width, height, channels]), [0, 2, 1, 3]);
	});
}

/** One interpolation matrix per window, [windows, length, length]. */
function matrices(windows: readonly Window[], length: number): tf.Tensor3D {
	const values = new Float32Array(windows.length * length * length);
	for (const [index, window] of windows.entries()) {
		const {lower, upper, fraction} = interpolate(window, length);
		for (let position = 0; position < length; position++) {
			const start = ((index * length) + position) * length;
			values[start + lower[position]!]! += 1 - fraction[position]!;
			values[start + upper[position]!]! += fraction[position]!;
		}
	}

	return tf.tensor3d(values, [windows.length, length, length]);
}
