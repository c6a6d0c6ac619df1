import type {Stylegan2Sizes} from '../../../artifacts/generator.ts';

/** The first resolution of the synthesis, where images begin as a learned constant. */
export const startResolution = 4;

/** Convolutions and image output of one resolution. */
export type Block = {
	/** Such as `synthesis.b8`; its weights' names begin with it. */
	readonly name: string;
	/** Height and width in pixels of what comes out. */
	readonly resolution: number;
	/** Of what comes in; 0 for the first block, which starts from the constant. */
	readonly inputChannels: number;
	readonly outputChannels: number;
	/** Which vector w each layer reads; the image output and the next block's first convolution read the same one. */
	readonly layers: {readonly conv0?: number; readonly conv1: number; readonly torgb: number};
};

/** The blocks of a synthesis network, from small to large. */
export function blocksOf({imageShape: [resolution], channelBase, channelMax}: Stylegan2Sizes): readonly Block[] {
	const channels = (at: number) => Math.min(Math.floor(channelBase / at), channelMax);
	return Array.from({length: Math.log2(resolution / startResolution) + 1}, (_, index) => {
		const at = startResolution * (2 ** index);
		return {
			name: `synthesis.b${at}`,
			resolution: at,
			inputChannels: index === 0 ? 0 : channels(at / 2),
			outputChannels: channels(at),
			layers: index === 0 ? {conv1: 0, torgb: 1} : {conv0: (2 * index) - 1, conv1: 2 * index, torgb: (2 * index) + 1},
		};
	});
}

/** How many vectors w a synthesis network reads: 18 at 1024 pixels. */
export function numLayersOf({imageShape: [resolution]}: Pick<Stylegan2Sizes, 'imageShape'>): number {
	return (2 * Math.log2(resolution)) - 2;
}

/** Names and shapes of all weights, as in the state dict of the original; the fixed resampling filters are not among them. */
export function weightShapes(sizes: Stylegan2Sizes): Readonly<Record<string, readonly number[]>> {
	const {latentSize, wSize, mappingLayers, imageShape} = sizes;
	const colours = imageShape[2];
	const mapping = Array.from({length: mappingLayers}, (_, index) => ({
		[`mapping.fc${index}.weight`]: [wSize, index === 0 ? latentSize : wSize],
		[`mapping.fc${index}.bias`]: [wSize],
	}));
	const convolution = (name: string, resolution: number, [from, to]: readonly [from: number, to: number]) => ({
		...modulated(name, wSize, [to, from, 3, 3]),
		[`${name}.noise_const`]: [resolution, resolution],
		[`${name}.noise_strength`]: [],
	});
	const blocks = blocksOf(sizes).map(({name, resolution, inputChannels, outputChannels}) => ({
		...(inputChannels === 0 ? {[`${name}.const`]: [outputChannels, resolution, resolution]} : convolution(`${name}.conv0`, resolution, [inputChannels, outputChannels])),
		...convolution(`${name}.conv1`, resolution, [outputChannels, outputChannels]),
		...modulated(`${name}.torgb`, wSize, [colours, outputChannels, 1, 1]),
	}));
	return Object.assign({}, ...mapping, {'mapping.w_avg': [wSize]}, ...blocks) as Record<string, readonly number[]>;
}

/** A convolution whose input channels are scaled by an affine function of w. */
function modulated(name: string, wSize: number, weight: readonly [to: number, from: number, height: number, width: number]) {
	return {
		[`${name}.weight`]: weight,
		[`${name}.bias`]: [weight[0]],
		[`${name}.affine.weight`]: [weight[1], wSize],
		[`${name}.affine.bias`]: [weight[1]],
	};
}
