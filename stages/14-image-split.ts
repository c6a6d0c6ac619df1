import {Type} from '@sinclair/typebox';
import {imageSet} from '../artifacts/image-set.ts';
import {copyingCost, splitForTests} from '../costs/data.ts';
import {officialSplit, testPerIdentity} from '../datasets/params.ts';
import {splitImages, splitImagesOfficially} from '../datasets/split.ts';
import {defineStage} from '../engine/stage.ts';

/** Private images → training pool and test images of the same people. */
export const imageSplit = defineStage({
	name: 'image-split',
	inputs: {images: imageSet},
	params: Type.Object({
		testPerIdentity: Type.Optional(testPerIdentity),
		officialSplit,
	}),
	outputs: {train: imageSet, test: imageSet},
	cost: ({images}, params) => ({...copyingCost(images), outputs: splitForTests(images, params)}),
	seeded: true,
	run({images}, {officialSplit: official, testPerIdentity: perIdentity = 0}, {seed}) {
		// The schema of the data sets asks for one of the two.
		return official ? splitImagesOfficially(images, official) : splitImages(images, {testPerIdentity: perIdentity}, seed);
	},
});
