import {artifactType} from '../engine/artifact.ts';
import {fact} from './arrays.ts';
import {decodeWeights, type Weights} from './classifier.ts';
import {decodeSafetensors, encodeSafetensors} from './safetensors.ts';

/** A trained image prior as plain numbers; `models/` turns it into a function from latents to images. */
export type Generator = {
	/** Length of one latent vector. */
	readonly latentSize: number;
	readonly imageShape: readonly [height: number, width: number, channels: number];
	readonly weights: Weights;
};

export const generator = artifactType<'generator', Generator>({
	kind: 'generator',
	extension: 'safetensors',
	encode: ({weights, ...metadata}) => encodeSafetensors({arrays: weights, metadata}),
	decode(bytes) {
		const {arrays, metadata} = decodeSafetensors(bytes);
		return {
			latentSize: fact(metadata, 'latentSize') as number,
			imageShape: fact(metadata, 'imageShape') as Generator['imageShape'],
			weights: decodeWeights(arrays),
		};
	},
	preview: ({latentSize, imageShape}) => `latents of ${latentSize} → images of ${imageShape.join('×')}`,
});
