import {Type} from '@sinclair/typebox';
import {generator} from '../artifacts/generator.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {latentSet} from '../artifacts/latents.ts';
import {renderBatchSize, renderLatents} from '../attacks/render.ts';
import {renderedImages, renderingCost} from '../costs/attack.ts';
import {defineStage} from '../engine/stage.ts';
import {buildGenerator} from '../models/generator.ts';
import {tensors} from '../tensors/runtime.ts';

/** Latents → the images they stand for, labelled with the person they aim at. */
export const reconstruction = defineStage({
	name: 'reconstruction',
	runtime: tensors,
	inputs: {latents: latentSet, generator, train: imageSet},
	params: Type.Object({}),
	outputs: {images: imageSet},
	cost: ({latents, generator: prior, train}) => ({...renderingCost(prior, latents, renderBatchSize(prior.sizes)), outputs: {images: renderedImages(prior, latents, train)}}),
	async run({latents, generator: prior, train: {identities}}, _, {onStep, scratchFile}) {
		using generate = buildGenerator(prior);
		return {images: await renderLatents(latents, generate, {identities, batchSize: renderBatchSize(prior), onStep, scratchFile})};
	},
});
