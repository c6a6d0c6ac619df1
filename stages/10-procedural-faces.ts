import {Type} from '@sinclair/typebox';
import {imageSet} from '../artifacts/image-set.ts';
import {drawingCost, drawnImages} from '../costs/data.ts';
import {proceduralFaces as drawFaces} from '../datasets/procedural-faces/index.ts';
import {defineStage} from '../engine/stage.ts';

/** Nothing → drawn photographs of drawn people. Added once per population; each has its own seed, so no two share a face. */
export const proceduralFaces = defineStage({
	name: 'procedural-faces',
	inputs: {},
	params: Type.Object({
		identities: Type.Integer({minimum: 2, maximum: 100_000, description: 'People.'}),
		imagesPerIdentity: Type.Integer({minimum: 1, maximum: 10_000, description: 'Pictures of each.'}),
		size: Type.Integer({minimum: 8, maximum: 512, description: 'Height and width in pixels.'}),
	}),
	outputs: {images: imageSet},
	cost: (_, params) => ({...drawingCost(drawnImages(params)), outputs: {images: drawnImages(params)}}),
	seeded: true,
	run: async (_, params, {seed, onStep}) => ({images: await drawFaces(params, seed, onStep)}),
});
