import {artifactType} from '../engine/artifact.ts';
import {decodeSafetensors, encodeSafetensors, openSafetensors, type Bytes, type Container, type NamedArray} from './safetensors.ts';
import {fact, int32, uint8} from './arrays.ts';

/** Labelled 8-bit images of one size. */
export type ImageSet = {
	/** Pixels, row-major [count, height, width, channels], 0 black to 255 full; those of a set that is larger than the memory are read from the disk when they are looked at. */
	readonly images: Bytes;
	readonly shape: readonly [count: number, height: number, width: number, channels: number];
	/** [count]; index into `identities`. */
	readonly labels: Int32Array;
	/** One name per class index. */
	readonly identities: readonly string[];
};

/** What costs depend on. */
export type ImageSetOutline = {
	readonly shape: ImageSet['shape'];
	/** How many people there are. */
	readonly identities: number;
};

export const imageSet = artifactType<'image-set', ImageSet, ImageSetOutline>({
	kind: 'image-set',
	extension: 'safetensors',
	encode: ({images, shape, labels, identities}) => encodeSafetensors({
		arrays: {images: {shape, data: images}, labels: {shape: [labels.length], data: labels}},
		metadata: {identities},
	}),
	decode(bytes) {
		const {arrays, metadata} = decodeSafetensors(bytes);
		return setOf({images: arrays.images && {shape: arrays.images.shape, data: uint8(arrays.images, 'images')}, labels: arrays.labels, metadata});
	},
	open(source) {
		const {arrays: {images, labels}, metadata} = openSafetensors(source);
		return setOf({images: images && {shape: images.shape, data: images.bytes}, labels: labels && {shape: labels.shape, data: labels.read()}, metadata});
	},
	preview: ({shape: [count, height, width, channels], identities}) =>
		`${count} images of ${height}×${width}×${channels}, ${identities.length} identities`,
	outline: ({shape, identities}) => ({shape, identities: identities.length}),
});

/** The pixels of one image, row-major [height, width, channels]. */
export function imageAt({images, shape: [, height, width, channels]}: Pick<ImageSet, 'images' | 'shape'>, index: number): Uint8Array {
	const size = height * width * channels;
	return images.subarray(index * size, (index + 1) * size);
}

/** @throws {TypeError} when something is missing */
function setOf({images, labels, metadata}: {readonly images: NamedArray<Bytes> | undefined; readonly labels: NamedArray | undefined; readonly metadata: Container['metadata']}): ImageSet {
	if (!images) {
		throw new TypeError('Expected a U8 array named "images", got nothing');
	}

	const [count = 0, height = 0, width = 0, channels = 0] = images.shape;
	return {
		images: images.data,
		shape: [count, height, width, channels],
		labels: int32(labels, 'labels'),
		identities: fact(metadata, 'identities') as string[],
	};
}
