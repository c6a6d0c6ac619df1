import type {ClassifierOutline} from '../artifacts/classifier.ts';
import type {GeneratorOutline} from '../artifacts/generator.ts';
import type {ImageSetOutline} from '../artifacts/image-set.ts';
import type {LatentsOutline} from '../artifacts/latents.ts';
import type {PredictionsOutline} from '../artifacts/predictions.ts';
import type {Cost} from '../engine/stage.ts';
import {renderingCost} from './attack.ts';
import {classifierBytes, imageShapeOf, imagesBytes, numbersOf, sizesOf} from './models.ts';
import {classifierPass, featureSize} from './network.ts';
import {numberBytes, workOf} from './pass.ts';
import {total} from './work.ts';

/** Images of a pass in `metrics/` and the analyses. */
const batchSize = 100;

/** Steps per cubed size of a covariance that the root of a product of two takes, measured at 2048. */
const rootSteps = 3;

/** A model looks at a set of images once. */
export function predictionCost(model: ClassifierOutline, images: ImageSetOutline): Cost {
	const pass = classifierPass({...sizesOf(model), imageShape: imageShapeOf(images)}, 'inference');
	const [count] = images.shape;
	const numbers = numbersOf(imageShapeOf(images));
	return {
		flops: 2 * count * pass.macs,
		work: total(workOf(pass, count, batchSize), {loops: count * numbers}),
		memory: {weights: classifierBytes(model), activations: numberBytes * Math.min(batchSize, count) * (pass.forwardNumbers + (2 * numbers)), data: imagesBytes(images)},
	};
}

/** Several costs one after the other, which share what is in memory: of each part, the most. */
export function inTurn(...costs: readonly Cost[]): Cost {
	const memory: Record<string, number> = {};
	for (const [part, bytes] of costs.flatMap(cost => Object.entries(cost.memory))) {
		memory[part] = Math.max(memory[part] ?? 0, bytes);
	}

	return {flops: costs.reduce((sum, {flops}) => sum + flops, 0), work: total(...costs.map(({work}) => work)), memory};
}

/** What a model says of images: numbers of each, whichever are kept. */
export function predicted(model: ClassifierOutline, {count, classes}: {readonly count: number; readonly classes: number}): PredictionsOutline {
	return {count, classes, size: featureSize(sizesOf(model))};
}

/** A model looks at the images of latents, which are made at its own size. */
export function latentPredictionCost(model: ClassifierOutline, latents: LatentsOutline, generator: GeneratorOutline): Cost {
	const [side] = model.imageShape;
	const [height, width] = generator.sizes.imageShape;
	const shown: GeneratorOutline = {...generator, view: {crop: generator.view?.crop ?? Math.min(height, width), size: side}};
	const images: ImageSetOutline = {shape: [latents.count, ...model.imageShape], identities: 1};
	const {data: _, ...memory} = inTurn(renderingCost(shown, latents, renderedAtATime), predictionCost(model, images)).memory;
	return {...inTurn(renderingCost(shown, latents, renderedAtATime), predictionCost(model, images)), memory};
}

/** Large images are rendered one or a few at a time. */
const renderedAtATime = 4;

/** Every number of an attack, from what models say: what is computed from features. */
export function metricsCost({selected, train, selectedFaces, fidSelected, fidTrain}: Readonly<Record<'selected' | 'train' | 'selectedFaces' | 'fidSelected' | 'fidTrain', PredictionsOutline>>): Cost {
	const {size} = fidTrain;
	const distances = selected.count * train.count / train.classes * (selectedFaces.size + (2 * selected.size));
	return {
		flops: 0,
		work: {loops: ((fidSelected.count + fidTrain.count) * (size ** 2) / 2) + (rootSteps * (size ** 3)) + (4 * distances)},
		memory: {data: (numberBytes * ((fidSelected.count + fidTrain.count) * 2 * size)) + (8 * 6 * (size ** 2))},
	};
}

/** Distances between all pairs of features. */
export function distancesCost({count, size}: PredictionsOutline): Cost {
	return {flops: 0, work: {loops: (count ** 2) * size / 2}, memory: {data: numberBytes * count * size}};
}

/** A layout in the plane of the features of the first classes, all pairs in every iteration. */
export function tsneCost({count, size, classes}: PredictionsOutline, options: {readonly classes: number; readonly iterations: number}): Cost {
	const shown = count * Math.min(1, options.classes / classes);
	return {
		flops: 0,
		work: {loops: (options.iterations * 3 * (shown ** 2)) + ((shown ** 2) * (size + 200))},
		memory: {data: (3 * 8 * (shown ** 2)) + (numberBytes * count * size)},
	};
}
