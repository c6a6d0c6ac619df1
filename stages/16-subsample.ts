import {Type} from '@sinclair/typebox';
import {imageSet} from '../artifacts/image-set.ts';
import {atMostPerClass, copyingCost} from '../costs/data.ts';
import {counted} from '../datasets/problems.ts';
import {subsamplePerClass} from '../datasets/subsample.ts';
import {defineStage} from '../engine/stage.ts';

/** Training pool → the images per class the target model is trained on. A smaller subset is part of a larger one (paper Sec. C.3). */
export const subsample = defineStage({
	name: 'subsample',
	inputs: {train: imageSet},
	params: Type.Object({
		perClass: Type.Integer({minimum: 1, maximum: 10_000, description: 'Training images of each class.'}),
		onShort: Type.Union([Type.Literal('error'), Type.Literal('accept')], {description: 'What happens when a class has fewer: stop, or take what there is.'}),
	}),
	outputs: {subset: imageSet},
	cost: ({train}, {perClass}) => ({...copyingCost(train), outputs: {subset: atMostPerClass(train, perClass)}}),
	seeded: true,
	run({train}, params, {seed, log}) {
		const {subset, shortClasses} = subsamplePerClass(train, params, seed);
		if (shortClasses.length > 0) {
			const listed = shortClasses.slice(0, 10);
			const more = shortClasses.length > listed.length ? [`and ${shortClasses.length - listed.length} more`] : [];
			log(`warning: ${counted(shortClasses.length, 'class has', 'classes have')} fewer than ${counted(params.perClass, 'image')}: ${[...listed, ...more].join(', ')}`);
		}

		return {subset};
	},
});
