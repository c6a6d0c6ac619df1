import {usualLimitBytes} from '../artifacts/assembled-bytes.ts';
import type {ClassifierOutline} from '../artifacts/classifier.ts';
import type {ImageSetOutline} from '../artifacts/image-set.ts';
import {classifierWeights, type ClassifierSizes} from './network.ts';
import {numberBytes} from './pass.ts';

/** Classes of a classifier whose file nobody has read: as many as ImageNet has. Only the last layer depends on them. */
const usualClasses = 1000;

/** The sizes of a classifier that was outlined. */
export function sizesOf({architecture, imageShape, numClasses = usualClasses, hasBottleneck}: ClassifierOutline): ClassifierSizes {
	return {architecture, imageShape, numClasses, ...(hasBottleneck && {bottleneck: 'usual' as const})};
}

/** Bytes of a classifier that computes: its weights as plain numbers and as tensors. */
export function classifierBytes(outline: ClassifierOutline): number {
	return 2 * numberBytes * classifierWeights(sizesOf(outline), {isTraining: false}).all;
}

/** Bytes of a set of images in memory. */
export function imagesBytes({shape}: Pick<ImageSetOutline, 'shape'>): number {
	const bytes = shape.reduce((product, size) => product * size, 1);
	return bytes > usualLimitBytes ? 0 : bytes;
}

/** Numbers of one image. */
export function numbersOf([height, width, channels]: readonly [height: number, width: number, channels: number]): number {
	return height * width * channels;
}

/** Shape of the images of a set. */
export function imageShapeOf({shape: [, height, width, channels]}: ImageSetOutline): readonly [height: number, width: number, channels: number] {
	return [height, width, channels];
}
