import {artifactType} from '../engine/artifact.ts';
import {decodeSafetensors, encodeSafetensors} from './safetensors.ts';
import {fact, int32, uint8} from './arrays.ts';

/** Labelled 8-bit images of one size. */
export type ImageSet = {
	/** Pixels, row-major [count, height, width, channels], 0 black to 255 full. */
	readonly images: Uint8Array;
	readonly shape: readonly [count: number, height: number, width: number, channels: number];
	/** [count]; index into `identities`. */
	readonly labels: Int32Array;
	/** One name per class index. */
	readonly identities: readonly string[];
};

export const imageSet = artifactType<'image-set', ImageSet>({
	kind: 'image-set',
	extension: 'safetensors',
	encode: ({images, shape, labels, identities}) => encodeSafetensors({
		arrays: {images: {shape, data: images}, labels: {shape: [labels.length], data: labels}},
		metadata: {identities},
	}),
	decode(bytes) {
		const {arrays, metadata} = decodeSafetensors(bytes);
		const {images, labels} = arrays;
		const [count = 0, height = 0, width = 0, channels = 0] = images?.shape ?? [];
		return {
			images: uint8(images, 'images'),
			shape: [count, height, width, channels],
			labels: int32(labels, 'labels'),
			identities: fact(metadata, 'identities') as string[],
		};
	},
	preview: ({shape: [count, height, width, channels], identities}) =>
		`${count} images of ${height}×${width}×${channels}, ${identities.length} identities`,
});
