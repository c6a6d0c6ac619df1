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

/** How far vectors w of a StyleGAN2 are drawn to their mean. */
export const truncationParams = Type.Optional(Type.Object({
	psi: Type.Number({minimum: 0, maximum: 1, description: 'What is left of the distance to the mean; 0.5 in the paper, 1 leaves the vectors.'}),
	cutoff: Type.Optional(Type.Integer({minimum: 1, maximum: 18, description: 'Layers, from the first one, that read truncated vectors while the pool is scored; 8 in the paper, all when absent. The attack starts from the truncated vector in all layers.'})),
}, {description: 'StyleGAN2: draws the vectors w of the pool to the mean of all; absent: they stay where they are.'}));

/** What the attack looks at of the images of an imported generator. */
export const imageViewParams = {
	crop: Type.Integer({minimum: 1, maximum: 1024, description: 'Height and width in pixels of the centred square that the attack looks at and keeps of each image; 800 of 1024 in the paper.'}),
	resize: Type.Integer({minimum: 1, maximum: 1024, description: 'Height and width in pixels that the square is resized to for the target model, with antialiasing; that of the images of the data set. Judges see the square at their own size.'}),
};

/** An image prior that somebody else trained. */
export const importedGeneratorParams = Type.Object({
	// eslint-disable-next-line no-template-curly-in-string
	weights: Type.String({minLength: 1, description: 'A file that weights/convert-stylegan2.py wrote; a relative path starts at the folder of pipeline.ts, and "${NAME:-default}" stands for an environment variable.'}),
	...imageViewParams,
}, {description: 'A StyleGAN2 that is imported in place of the generator that "generator" trains.'});

const decay = (description: string) => Type.Number({minimum: 0, exclusiveMaximum: 1, description});

/** How the attack steps, whatever the number of steps. */
export const optimizerParams = {
	learningRate: Type.Number({exclusiveMinimum: 0, maximum: 10, description: 'Step size of Adam; with small betas nearly the change of each number per step.'}),
	beta1: decay('Adam: decay of the mean gradient.'),
	beta2: decay('Adam: decay of the mean squared gradient.'),
	cropScale: shares('Smallest and largest share of the image area that the random crop of each step keeps.'),
	batchSize: Type.Integer({minimum: 1, maximum: 10_000, description: 'Latents at a time; only speed and memory depend on it, unless they share their draws.'}),
	microBatch: Type.Optional(Type.Integer({minimum: 1, maximum: 10_000, description: 'Latents of a batch that are computed at a time; only speed and memory depend on it. Halved while memory is short. The whole batch when absent.'})),
};

/** What gradient similarity follows; the attack's own numbers are `optimizerParams`. */
export const similarityParams = Type.Object({
	samples: Type.Integer({minimum: 1, maximum: 1_000_000, description: 'Latents that are followed, the first ones of the pool, each with a random target class.'}),
	steps: Type.Integer({minimum: 2, maximum: 100_000, description: 'Optimizer steps; the gradient of each is compared with that of the one before.'}),
	losses: Type.Array(Type.Union([Type.Literal('poincare'), Type.Literal('cross-entropy')]), {minItems: 1, uniqueItems: true, description: 'What is descended, each on its own: "poincare" is the loss of the attack, "cross-entropy" that of the predicted probabilities.'}),
	point: Type.Union([Type.Literal('view'), Type.Literal('generator')], {description: 'The image whose gradient is taken: "view", what the attack looks at before its random crop, or "generator", what the generator yields. One and the same where the attack looks at whole images, as it does at those of the generators trained here.'}),
	randomCrop: Type.Boolean({description: 'Whether the random crop of each step takes place.'}),
});

/** How many latents each attack stage hands to the next. */
export type AttackSizes = {
	readonly latentPool: {readonly size: number};
	readonly sampling: {readonly perClass: number};
	readonly selection: {readonly keepPerClass: number};
};

/** What the attack does with latents, as far as it must fit the generator. */
export type AttackedGenerator = {
	readonly importedGenerator?: {readonly resize: number};
	readonly dataset: {readonly size: number};
	readonly latentPool: {readonly truncation?: object};
};

/** @throws {UserError} when the target model would see images of an imported generator that are not of the size of the data set, or latents of a generator without mapping are to be truncated. */
export function checkGenerator({importedGenerator, dataset: {size}, latentPool: {truncation}}: AttackedGenerator): void {
	if (importedGenerator && importedGenerator.resize !== size) {
		throw new UserError('sizes-differ', `"importedGenerator.resize" is ${importedGenerator.resize}, but the images of the data set have ${size} pixels`, {
			hint: 'The target model sees both: set "importedGenerator.resize" to "dataset.size". Judges have sizes of their own, "evaluation.imageSize" and "embedding.imageSize".',
		});
	}

	if (truncation && !importedGenerator) {
		throw new UserError('param-without-effect', '"latentPool.truncation" is for a StyleGAN2, but the generator is trained here', {
			hint: 'Remove "latentPool.truncation", or import a StyleGAN2 with "importedGenerator".',
		});
	}
}

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
