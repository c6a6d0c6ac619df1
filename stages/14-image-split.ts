import {Type} from '@sinclair/typebox';
import {imageSet} from '../artifacts/image-set.ts';
import {officialSplit} from '../datasets/params.ts';
import {splitImages, splitImagesOfficially} from '../datasets/split.ts';
import {defineStage} from '../engine/stage.ts';

/** Private images → training pool and test images of the same people. */
export const imageSplit = defineStage({
	name: 'image-split',
	inputs: {images: imageSet},
	params: Type.Object({
		testPerIdentity: Type.Integer({minimum: 1, maximum: 10_000, description: 'Images of each person that no model is trained on.'}),
		officialSplit,
	}),
	outputs: {train: imageSet, test: imageSet},
	seeded: true,
	run: ({images}, {officialSplit: official, ...params}, {seed}) => (official ? splitImagesOfficially(images, official) : splitImages(images, params, seed)),
});
