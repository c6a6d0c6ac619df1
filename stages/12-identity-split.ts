import {Type} from '@sinclair/typebox';
import {imageSet} from '../artifacts/image-set.ts';
import {copyingCost, splitPeople} from '../costs/data.ts';
import {splitIdentities} from '../datasets/split.ts';
import {defineStage} from '../engine/stage.ts';

/** All people → the private ones, whom the target model knows, and the public ones, whom the attacker may see. Nobody is in both. */
export const identitySplit = defineStage({
	name: 'identity-split',
	inputs: {images: imageSet},
	params: Type.Object({
		privateIdentities: Type.Integer({minimum: 2, maximum: 100_000, description: 'People in the private split; the others are public.'}),
	}),
	outputs: {private: imageSet, public: imageSet},
	cost: ({images}, {privateIdentities}) => ({...copyingCost(images), outputs: splitPeople(images, privateIdentities)}),
	seeded: true,
	run: ({images}, params, {seed}) => splitIdentities(images, params, seed),
});
