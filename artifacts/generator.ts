import {artifactType} from '../engine/artifact.ts';
import {fact} from './arrays.ts';
import {decodeWeights, type Weights} from './classifier.ts';
import {decodeSafetensors, encodeSafetensors} from './safetensors.ts';

type Shared = {
	/** Length of one latent vector z, which is drawn from the standard normal distribution. */
	readonly latentSize: number;
	readonly imageShape: readonly [height: number, width: number, channels: number];
	readonly weights: Weights;
	/** What the attack looks at and keeps of each image: its centre, resized; absent: all of it as it is. */
	readonly view?: ImageView;
};

/** A centred square of an image, resized with antialiasing (the paper's 800 → 224 pixels of 1024). */
export type ImageView = {
	/** Height and width of the square in pixels, at most those of the image. */
	readonly crop: number;
	/** Height and width in pixels that it is resized to. */
	readonly size: number;
};

/** The decoder that the pipeline trains by itself: images in [0, 1] from z. */
export type Decoder = Shared & {readonly architecture?: never};

/** The sizes of a StyleGAN2 that its weights follow from. */
export type Stylegan2Sizes = Pick<Shared, 'latentSize' | 'imageShape'> & {
	/** Length of one intermediate latent vector w, the space that the attack searches. */
	readonly wSize: number;
	/** Fully connected layers from z to w. */
	readonly mappingLayers: number;
	/** Layers at resolution r have channelBase / r channels, but at most channelMax. */
	readonly channelBase: number;
	readonly channelMax: number;
	/** Every layer's output is clamped to [−this, this]; absent: none is. */
	readonly convClamp?: number;
};

/** StyleGAN2 (Karras et al. 2020): images of about [−1, 1]; weights with the names and layouts of stylegan2-ada-pytorch. */
export type Stylegan2 = Shared & Stylegan2Sizes & {readonly architecture: 'stylegan2'};

/** An image prior as plain numbers; `models/` turns it into a function from latents to images. */
export type Generator = Decoder | Stylegan2;

/** What costs depend on. */
export type GeneratorOutline = {readonly view?: ImageView | undefined} & (
	| {readonly architecture: 'stylegan2'; readonly sizes: Stylegan2Sizes}
	| {
		readonly architecture: 'decoder';
		readonly sizes: Pick<Shared, 'imageShape' | 'latentSize'> & {
			/** Outputs of each hidden layer. */
			readonly hidden: readonly number[];
			/** Principal components that it combines. */
			readonly components: number;
		};
	}
);

export const generator = artifactType<'generator', Generator, GeneratorOutline>({
	kind: 'generator',
	extension: 'safetensors',
	encode: ({weights, ...metadata}) => encodeSafetensors({arrays: weights, metadata}),
	decode(bytes) {
		const {arrays, metadata} = decodeSafetensors(bytes);
		const shared: Shared = {
			latentSize: fact(metadata, 'latentSize') as number,
			imageShape: fact(metadata, 'imageShape') as Shared['imageShape'],
			...(Object.hasOwn(metadata, 'view') ? {view: metadata.view as ImageView} : {}),
			weights: decodeWeights(arrays),
		};
		return metadata.architecture === 'stylegan2' ? {...shared, architecture: 'stylegan2', ...sizesOf(metadata)} : shared;
	},
	preview: ({architecture, latentSize, imageShape}) => `${architecture === undefined ? '' : `${architecture}, `}latents of ${latentSize} → images of ${imageShape.join('×')}`,
	outline: outlineOf,
});

function outlineOf(model: Generator): GeneratorOutline {
	const {view, latentSize, imageShape, weights} = model;
	if (model.architecture === 'stylegan2') {
		const {wSize, mappingLayers, channelBase, channelMax} = model;
		return {architecture: 'stylegan2', view, sizes: {latentSize, imageShape, wSize, mappingLayers, channelBase, channelMax}};
	}

	const widths = Object.entries(weights).filter(([name]) => name.endsWith('/bias')).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, {data}]) => data.length);
	return {architecture: 'decoder', view, sizes: {latentSize, imageShape, hidden: widths.slice(0, -1), components: widths.at(-1) ?? 0}};
}

function sizesOf(metadata: Readonly<Record<string, unknown>>): Omit<Stylegan2Sizes, keyof Shared> {
	const number = (name: string) => fact(metadata, name) as number;
	return {wSize: number('wSize'), mappingLayers: number('mappingLayers'), channelBase: number('channelBase'), channelMax: number('channelMax'), ...(Object.hasOwn(metadata, 'convClamp') ? {convClamp: number('convClamp')} : {})};
}
