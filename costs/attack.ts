import type {ClassifierOutline} from '../artifacts/classifier.ts';
import type {GeneratorOutline} from '../artifacts/generator.ts';
import type {LatentsOutline} from '../artifacts/latents.ts';
import type {ImageSetOutline} from '../artifacts/image-set.ts';
import type {Cost} from '../engine/stage.ts';
import {generatorPass, generatorWeights, mappingPass, shownShape} from './generator.ts';
import {classifierBytes, imagesBytes, numbersOf, sizesOf} from './models.ts';
import {classifierPass} from './network.ts';
import {imageBytes, numberBytes, passMemory, together, workOf, type Pass} from './pass.ts';
import {lower} from './training.ts';
import {total} from './work.ts';

/** Who attacks whom. */
export type Attacked = {readonly generator: GeneratorOutline; readonly target: ClassifierOutline};

/** Kernels of a step besides those of the networks: the crop, the loss, its gradient and the optimizer. */
const kernelsPerStep = 80;

/** What a step of the attack computes with one latent. */
export type AttackStep = {
	readonly pass: Pass;
	/** Bytes that are there however many latents are computed at a time. */
	readonly fixedBytes: number;
	/** Bytes of one latent. */
	readonly latentBytes: number;
};

/** One latent of one step: the image, a crop of it, the target model, and all the way back. */
export function attackStep({generator, target}: Attacked): AttackStep {
	const shown = numbersOf(shownShape(generator));
	const networks = together(generatorPass(generator, 'inputGradient'), classifierPass(sizesOf(target), 'inputGradient'));
	const crop: Pass = {macs: 0, allMacs: 0, work: {crops: shown, cropGradients: shown}, kernels: 0, forwardNumbers: 3 * shown, backwardNumbers: 3 * shown, largestNumbers: shown};
	const pass = together(networks, crop);
	return {pass, fixedBytes: weightBytes({generator, target}), latentBytes: imageBytes(pass)};
}

/** Both networks, as plain numbers and as tensors. */
function weightBytes({generator, target}: Attacked): number {
	return (2 * numberBytes * generatorWeights(generator)) + classifierBytes(target);
}

/** How much of the optimization's work is done at a time. */
type StepParams = {readonly steps: number; readonly batchSize: number; readonly microBatch?: number | undefined};

/** Attack stage 2: steps of gradient descent on latents, then one look at the result. */
export function optimizationCost(attacked: Attacked, {count}: Pick<LatentsOutline, 'count'>, {steps, batchSize, microBatch = batchSize}: StepParams, param = 'optimization.microBatch'): Cost {
	const {pass, fixedBytes, latentBytes} = attackStep(attacked);
	const atATime = Math.min(microBatch, batchSize, count);
	const look = together(generatorPass(attacked.generator, 'inference'), classifierPass(sizesOf(attacked.target), 'inference'));
	return {
		flops: 2 * count * ((steps * pass.allMacs) + look.macs),
		work: total(
			workOf({...pass, kernels: pass.kernels + kernelsPerStep}, steps * count, atATime),
			workOf(look, count, atATime),
		),
		memory: {weights: fixedBytes, ...passMemory(pass, atATime)},
		advice: available => lower(param, Math.floor((available - fixedBytes) / latentBytes)),
	};
}

/** How latents are looked at. */
type ScoringParams = {readonly views: number | 'mirrored'; readonly batchSize: number};

/** Attack stages 1 and 3: the confidence of the target model in each latent's image, over views. */
export function scoringCost(attacked: Attacked, {count}: Pick<LatentsOutline, 'count'>, {views, batchSize}: ScoringParams, param: string): Cost {
	const image = generatorPass(attacked.generator, 'inference');
	const look = classifierPass(sizesOf(attacked.target), 'inference');
	const shown = numbersOf(shownShape(attacked.generator));
	const looks = views === 'mirrored' ? 2 : views;
	const viewWork = views === 'mirrored' ? {elements: 2 * shown} : {crops: shown};
	const atATime = Math.min(batchSize, count);
	const fixedBytes = weightBytes(attacked);
	const numbers = Math.max(image.forwardNumbers, look.forwardNumbers + (4 * shown));
	return {
		flops: 2 * count * (image.macs + (looks * look.macs)),
		work: total(workOf(image, count, batchSize), workOf({work: total(look.work, viewWork), kernels: look.kernels + 20}, looks * count, batchSize)),
		memory: {weights: fixedBytes, activations: numberBytes * atATime * numbers},
		advice: available => lower(param, Math.floor((available - fixedBytes) / (numberBytes * numbers))),
	};
}

/** The images of latents. */
export function renderingCost(generator: GeneratorOutline, {count}: Pick<LatentsOutline, 'count'>, batchSize: number): Cost {
	const image = generatorPass(generator, 'inference');
	const shown = numbersOf(shownShape(generator));
	return {
		flops: 2 * count * image.macs,
		work: total(workOf(image, count, batchSize), {loops: 4 * count * shown}),
		memory: {
			weights: 2 * numberBytes * generatorWeights(generator),
			activations: numberBytes * Math.min(batchSize, count) * image.forwardNumbers,
			data: imagesBytes({shape: [count, ...shownShape(generator)]}),
		},
	};
}

/** Images of latents as a set, of the people that another set shows. */
export function renderedImages(generator: GeneratorOutline, {count}: LatentsOutline, {identities}: ImageSetOutline): ImageSetOutline {
	return {shape: [count, ...shownShape(generator)], identities};
}

/** From z to w. */
export function mappingCost(generator: GeneratorOutline, {count}: LatentsOutline): Cost {
	if (generator.architecture !== 'stylegan2') {
		return {flops: 0, work: {}, memory: {}};
	}

	const pass = mappingPass(generator.sizes);
	const batchSize = 1000;
	return {
		flops: 2 * count * pass.macs,
		work: workOf(pass, count, batchSize),
		memory: {weights: 2 * numberBytes * generatorWeights(generator), activations: numberBytes * Math.min(batchSize, count) * pass.forwardNumbers},
	};
}

/** Length of the vectors that the attack searches. */
export function searchedSize({architecture, sizes}: GeneratorOutline): number {
	return architecture === 'stylegan2' ? sizes.wSize : sizes.latentSize;
}

/** The first `perClass` latents of each class. */
export function perClass({numClasses = 1}: ClassifierOutline, {latentSize}: LatentsOutline, count: number): LatentsOutline {
	return {count: numClasses * count, latentSize};
}

/** Gradients of consecutive steps of the attack, for each of some losses. */
export function similarityCost(attacked: Attacked, {samples, steps, losses, batchSize, microBatch}: {readonly samples: number; readonly steps: number; readonly losses: readonly string[]; readonly batchSize: number; readonly microBatch?: number | undefined}): Cost {
	return optimizationCost(attacked, {count: samples * losses.length}, {steps, batchSize: Math.min(samples, batchSize), microBatch});
}
