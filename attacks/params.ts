import {Type} from '@sinclair/typebox';

const range = (description: string) => Type.Tuple([Type.Number({exclusiveMinimum: 0}), Type.Number({exclusiveMinimum: 0})], {description});

/** Random views of a generated image, over which the target model's confidence is averaged. */
export const viewParams = {
	views: Type.Union([Type.Integer({minimum: 1, maximum: 10_000}), Type.Literal('mirrored')], {description: 'Random views of each image; "mirrored" means the image and its mirror image.'}),
	cropScale: range('Smallest and largest share of the image area that a random crop keeps.'),
	cropAspect: range('Smallest and largest width : height of the crop.'),
	flip: Type.Number({minimum: 0, maximum: 1, description: 'Probability of mirroring.'}),
	batchSize: Type.Integer({minimum: 1, maximum: 10_000, description: 'Images at a time; only speed and memory depend on it.'}),
};
