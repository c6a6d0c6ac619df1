import type {Static} from '@sinclair/typebox';
import type {ClassifierOutline} from '../artifacts/classifier.ts';
import type {GeneratorOutline} from '../artifacts/generator.ts';
import type {ImageSetOutline} from '../artifacts/image-set.ts';
import type {Cost} from '../engine/stage.ts';
import {findArchitecture} from '../models/architectures.ts';
import {outlineNetwork} from '../models/outline.ts';
import type {targetTrainingParams} from '../training/defense-params.ts';
import type {GeneratorTrainingOptions} from '../training/train-generator.ts';
import {imageShapeOf, imagesBytes, numbersOf} from './models.ts';
import {classifierPass, classifierWeights, type ClassifierSizes} from './network.ts';
import {imageBytes, numberBytes, passMemory, workOf} from './pass.ts';
import {total} from './work.ts';

type TrainingParams = Static<typeof targetTrainingParams>;

/** What a training yields. */
export function trainedModel(train: ImageSetOutline, {architecture, defense}: Pick<TrainingParams, 'architecture' | 'defense'>): ClassifierOutline {
	return {architecture, imageShape: imageShapeOf(train), numClasses: train.identities, hasBottleneck: defense?.kind === 'mid'};
}

/** The training of a classifier: forward and backward passes, augmentation, the optimizer, and copies of the weights for checkpoints. */
export function trainingCost(train: ImageSetOutline, params: TrainingParams): Cost {
	const {architecture, epochs, batchSize, optimizer = 'adam', defense} = params;
	const [count] = train.shape;
	const imageShape = imageShapeOf(train);
	const sizes: ClassifierSizes = {architecture, imageShape, numClasses: train.identities, ...(defense?.kind === 'mid' && {bottleneck: defense.width ?? 'usual'})};
	const pass = classifierPass(sizes, 'training');
	const {trained, all} = classifierWeights(sizes, {isTraining: true});
	const steps = epochs * Math.ceil(count / batchSize);
	const batch = Math.min(batchSize, count);
	const {activations, gradients, workspace} = passMemory(pass, batch);
	const images = epochs * count;
	// A share of the images in a batch says how its kernels compare them all with one another.
	const comparisons = defense?.kind === 'bido' ? images * batch * comparedNumbers(sizes) : 0;
	return {
		flops: 2 * ((images * pass.allMacs) + (3 * comparisons)),
		work: total(workOf(pass, images, batchSize), {augmentation: images * numbersOf(imageShape), updates: steps * trained, kernels: steps * pass.kernels, product: 3 * comparisons}),
		memory: {
			weights: numberBytes * (trained + (2 * all)),
			activations,
			workspace,
			gradients: gradients + (numberBytes * trained),
			optimizer: optimizer === 'adam' ? 4 * numberBytes * trained : (params.momentum ? 2 * numberBytes * trained : 0),
			data: imagesBytes(train) + (2 * numberBytes * batch * numbersOf(imageShape)),
		},
		advice(available) {
			const fixed = numberBytes * ((7 * trained) + (2 * all));
			return lower('its batchSize', Math.floor((available - fixed) / imageBytes(pass)), 'it changes what is learnt');
		},
	};
}

/** What a user may set lower, and to what. */
export function lower(param: string, largest: number, but?: string): string {
	return largest < 1 ? `not even ${param} 1 fits` : `set ${param} to at most ${largest}${but === undefined ? '' : `; ${but}`}`;
}

/** Numbers of an image that the kernels of a dependency-based defence compare: its own, and those of the hidden layers. */
function comparedNumbers({architecture, imageShape, numClasses}: ClassifierSizes): number {
	const {hidden} = outlineNetwork(architecture, findArchitecture(architecture), {imageShape, numClasses});
	return hidden.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 1), numbersOf(imageShape));
}

/** Layers of the autoencoder, encoder and decoder, as in `training/train-generator.ts`. */
const hiddenLayers = {encoder: 2, decoder: 3};

/** Columns beyond the components, passes over the images and work of the small decomposition, as in `training/pca.ts`. */
const pca = {extraColumns: 16, passes: 10, eigenSteps: 10};

/** What the training of an image prior yields. */
export function trainedGenerator(images: ImageSetOutline, {latentSize, hidden, components}: GeneratorTrainingOptions): GeneratorOutline {
	const sizes = {latentSize, imageShape: imageShapeOf(images), hidden: Array.from<number>({length: hiddenLayers.decoder}).fill(hidden), components};
	return {architecture: 'decoder', sizes};
}

/** The training of an image prior: principal components, then an autoencoder of their coefficients. */
export function generatorTrainingCost(images: ImageSetOutline, {components, latentSize, hidden, steps, batchSize, augmentCopies, mixedCopies = 0}: GeneratorTrainingOptions): Cost {
	const pixels = numbersOf(imageShapeOf(images));
	const count = images.shape[0] * (1 + augmentCopies + mixedCopies);
	const columns = Math.min(components + pca.extraColumns, pixels, count);
	const macs = macsBetween([components, ...layersOf('encoder', hidden), 2 * latentSize]) + macsBetween([latentSize, ...layersOf('decoder', hidden), components]);
	const trained = macs + (hidden * (hiddenLayers.encoder + hiddenLayers.decoder)) + (2 * latentSize) + components;
	const activations = (4 * hidden * (hiddenLayers.encoder + hiddenLayers.decoder)) + (12 * latentSize) + (6 * components);
	const projection = count * pixels * columns;
	const products = (pca.passes * projection) + (6 * pixels * (columns ** 2)) + (3 * steps * batchSize * macs);
	return {
		flops: 2 * products,
		work: {
			product: products,
			updates: steps * trained,
			elements: (6 * count * pixels) + (6 * steps * batchSize * activations),
			kernels: steps * 150,
			loops: (pca.eigenSteps * (columns ** 3)) + (count * pixels) + (steps * batchSize * (components + (4 * latentSize))),
			...(augmentCopies + mixedCopies > 0 && {augmentation: count * pixels}),
		},
		memory: {
			weights: numberBytes * ((2 * trained) + (2 * components * pixels)),
			activations: 2 * numberBytes * batchSize * activations,
			gradients: numberBytes * trained,
			optimizer: 4 * numberBytes * trained,
			// As read, as numbers, as a tensor, centred, and what the components are found in.
			data: imagesBytes(images) + (numberBytes * ((3 * count * pixels) + (2 * columns * (pixels + count)))),
		},
	};
}

function layersOf(part: keyof typeof hiddenLayers, hidden: number): readonly number[] {
	return Array.from<number>({length: hiddenLayers[part]}).fill(hidden);
}

function macsBetween(widths: readonly number[]): number {
	return widths.slice(1).reduce((sum, width, layer) => sum + (widths[layer]! * width), 0);
}
