import type {ClassifierOutline} from '../artifacts/classifier.ts';
import type {FeaturesOutline} from '../artifacts/features.ts';
import type {ImageSetOutline} from '../artifacts/image-set.ts';
import type {Cost} from '../engine/stage.ts';
import {classifierBytes, imageShapeOf, imagesBytes, numbersOf, sizesOf} from './models.ts';
import {classifierPass, featureSize} from './network.ts';
import {numberBytes, workOf} from './pass.ts';
import {total} from './work.ts';

/** Images of a pass in `metrics/` and the analyses. */
const batchSize = 100;

/** Passes over the matrix of a decomposition. */
const eigenSteps = 10;

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

/** What metrics are measured from. */
export type Evidence = Readonly<Record<'images' | 'candidates' | 'initialImages' | 'train' | 'test', ImageSetOutline>> & Readonly<Record<'target' | 'evaluation' | 'embedding' | 'surrogate', ClassifierOutline>>;

/** Every number of an attack: the passes of `metrics/measure-attack.ts`, and what is computed from their features. */
export function metricsCost(evidence: Evidence, {fidInput}: {readonly fidInput?: 'standard' | 'official' | undefined}): Cost {
	const {images, candidates, initialImages, train, test, target, evaluation, embedding, surrogate} = evidence;
	const passes = [
		...[test, train].map(set => predictionCost(target, set)),
		...[images, images, train, initialImages, candidates, ...(fidInput === 'official' ? [images, train] : [])].map(set => predictionCost(evaluation, set)),
		...[images, train].map(set => predictionCost(embedding, set)),
		...[train, test].map(set => predictionCost(surrogate, set)),
	];
	const size = featureSize(sizesOf(evaluation));
	const [shown, real] = [images.shape[0], train.shape[0]];
	const distances = shown * real / train.identities * (featureSize(sizesOf(embedding)) + (2 * size));
	const both = inTurn(...passes);
	return {
		...both,
		work: total(both.work, {loops: ((shown + real) * (size ** 2)) + ((2 * eigenSteps) * (size ** 3)) + (4 * distances)}),
		memory: {
			...both.memory,
			weights: [target, evaluation, embedding, surrogate].reduce((sum, model) => sum + classifierBytes(model), 0),
			data: [images, candidates, initialImages, train, test].reduce((sum, set) => sum + imagesBytes(set), 0) + (8 * 6 * (size ** 2)),
		},
	};
}

/** Starts of the attack, judged. */
export function startMetricsCost({initialImages, train, evaluation, embedding}: Pick<Evidence, 'initialImages' | 'train' | 'evaluation' | 'embedding'>): Cost {
	const sizes = featureSize(sizesOf(evaluation)) + featureSize(sizesOf(embedding));
	const passes = inTurn(...[initialImages, initialImages, train].map(set => predictionCost(evaluation, set)), ...[initialImages, train].map(set => predictionCost(embedding, set)));
	return {...passes, work: total(passes.work, {loops: initialImages.shape[0] * train.shape[0] / train.identities * sizes})};
}

/** The features that a model sees in images. */
export function featuresOf(model: ClassifierOutline, {shape: [count], identities}: ImageSetOutline): FeaturesOutline {
	return {count, size: featureSize(sizesOf(model)), classes: identities};
}

/** Distances between all pairs of features. */
export function distancesCost({count, size}: FeaturesOutline): Cost {
	return {flops: 0, work: {loops: (count ** 2) * size / 2}, memory: {data: numberBytes * count * size}};
}

/** A layout in the plane of the features of the first classes, all pairs in every iteration. */
export function tsneCost({count, size, classes}: FeaturesOutline, options: {readonly classes: number; readonly iterations: number}): Cost {
	const shown = count * Math.min(1, options.classes / classes);
	return {
		flops: 0,
		work: {loops: (options.iterations * 3 * (shown ** 2)) + ((shown ** 2) * (size + 200))},
		memory: {data: (3 * 8 * (shown ** 2)) + (numberBytes * count * size)},
	};
}
