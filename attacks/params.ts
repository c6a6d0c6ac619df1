import {Type} from '@sinclair/typebox';
import {UserError} from '../engine/error.ts';

const shares = (description: string) => Type.Tuple([Type.Number({exclusiveMinimum: 0, maximum: 1}), Type.Number({exclusiveMinimum: 0, maximum: 1})], {description});
const ratios = (description: string) => Type.Tuple([Type.Number({exclusiveMinimum: 0}), Type.Number({exclusiveMinimum: 0})], {description});

/** Random views of a generated image, over which the target model's confidence is averaged. */
export const viewParams = {
	views: Type.Union([Type.Integer({minimum: 1, maximum: 10_000}), Type.Literal('mirrored')], {description: 'Random views of each image; "mirrored" means the image and its mirror image.'}),
	cropScale: shares('Smallest and largest share of the image area that a random crop keeps.'),
	cropAspect: ratios('Smallest and largest width : height of the crop.'),
	flip: Type.Number({minimum: 0, maximum: 1, description: 'Probability of mirroring.'}),
	batchSize: Type.Integer({minimum: 1, maximum: 10_000, description: 'Images at a time; only speed and memory depend on it.'}),
};

/** How many latents each attack stage hands to the next. */
export type AttackSizes = {
	readonly latentPool: {readonly size: number};
	readonly sampling: {readonly perClass: number};
	readonly selection: {readonly keepPerClass: number};
};

/** Says what only the last stages would find out, after all training. @throws {UserError} when a stage keeps more latents than it gets. */
export function checkAttackSizes({latentPool: {size}, sampling: {perClass}, selection: {keepPerClass}}: AttackSizes): void {
	const kept = [['sampling.perClass', perClass, 'latentPool.size', size], ['selection.keepPerClass', keepPerClass, 'sampling.perClass', perClass]] as const;
	for (const [param, count, source, available] of kept) {
		if (count > available) {
			throw new UserError('too-few-latents', `"${param}" is ${count}, more than the ${available} latents of "${source}"`, {
				hint: `Set "${param}" to at most ${available}, or "${source}" higher.`,
			});
		}
	}
}
