import type {GeneratorOutline, ImageView, Stylegan2Sizes} from '../artifacts/generator.ts';
import type {Cost, FileOutline} from '../engine/stage.ts';
import {ffhq} from './generator.ts';

/** A file of weights that is read, and read again as tensors. */
export function readingCost(file: FileOutline): Cost {
	const bytes = file?.sizeBytes ?? 0;
	return {flops: 0, work: {elements: bytes}, memory: {weights: 3 * bytes}};
}

/** What is taken for granted about a file that is not there. */
export function missing(file: FileOutline, name: string): Pick<Cost, 'assumptions'> {
	return {assumptions: file ? [] : [`the file of ${name} is not there: reading it is taken to be quick`]};
}

/** The StyleGAN2 that a file holds, without reading its weights; the paper's where there is no such file. */
export function stylegan2Of(file: FileOutline, {crop, resize}: {readonly crop: number; readonly resize: number}): {readonly generator: GeneratorOutline; readonly assumptions: readonly string[]} {
	const view: ImageView = {crop, size: resize};
	const sizes = file && sizesIn(file);
	return sizes
		? {generator: {architecture: 'stylegan2', sizes, view}, assumptions: []}
		: {generator: {architecture: 'stylegan2', sizes: ffhq, view}, assumptions: ['the file of the generator is not there: a StyleGAN2 of 1024×1024 pixels is taken for granted, as the paper has it']};
}

/** What the head of a safetensors file says: its length in eight bytes, then JSON. */
function sizesIn({read, sizeBytes}: NonNullable<FileOutline>): Stylegan2Sizes | undefined {
	const lengthBytes = 8;
	const bytes = read(0, lengthBytes);
	const length = Number(new DataView(bytes.buffer, bytes.byteOffset, lengthBytes).getBigUint64(0, true));
	if (length > sizeBytes) {
		return undefined;
	}

	const {__metadata__: metadata = {}} = JSON.parse(new TextDecoder().decode(read(lengthBytes, lengthBytes + length))) as {__metadata__?: Readonly<Record<string, string>>};
	const said = (name: string): unknown => JSON.parse(metadata[name] ?? 'null');
	return said('architecture') === 'stylegan2'
		? {latentSize: said('latentSize') as number, imageShape: said('imageShape') as Stylegan2Sizes['imageShape'], wSize: said('wSize') as number, mappingLayers: said('mappingLayers') as number, channelBase: said('channelBase') as number, channelMax: said('channelMax') as number}
		: undefined;
}
