import type {ScaledDistances} from '../artifacts/analyses.ts';
import {UserError} from '../engine/error.ts';
import type {OnStep} from '../engine/stage.ts';
import {countOf, samplesByClass, squaredDistance, type LabelledFeatures} from './features.ts';

/** Samples of a block: few enough that two blocks of features stay in the processor's cache. */
const blockSize = 64;

/** Sums and minima over the pairs seen so far, [count] each. */
type Running = {readonly sum: Float64Array; readonly nearest: Float64Array};

/**
 * For every sample the mean and the smallest L2 distance to samples of its own class (itself left out) and of others, divided by the largest distance
 * between any two samples: "maximum-scaled" (Struppek et al. 2024, Sec. 4.3 and Fig. 5). Block by block; the matrix of distances is never stored.
 *
 * @throws {UserError} when a class has a single sample, there is a single class, or all features are the same.
 */
export async function measureDistances(features: LabelledFeatures, onStep: OnStep): Promise<ScaledDistances> {
	const {labels} = features;
	const count = countOf(features);
	const sizes = checkedSizes(features);
	const [intra, inter] = [running(count), running(count)];
	let maximum = 0;
	const starts = Array.from({length: Math.ceil(count / blockSize)}, (_, index) => index * blockSize);
	for (const [done, rowStart] of starts.entries()) {
		for (const columnStart of starts.slice(done)) {
			for (const [first, second] of pairsOf(rowStart, columnStart, count)) {
				const distance = Math.sqrt(squaredDistance(features, first, features, second));
				const kind = labels[first] === labels[second] ? intra : inter;
				add(kind, first, distance);
				add(kind, second, distance);
				maximum = Math.max(maximum, distance);
			}
		}

		await onStep(done + 1, starts.length, 'block');
	}

	if (maximum === 0) {
		throw new UserError('features-equal', `All ${count} samples have the same features, so that no distance can be scaled by the largest one`, {
			hint: 'The target model does not tell its training images apart: its training diverged. Lower "target.learningRate".',
		});
	}

	const scaled = (values: Float64Array, others: (size: number) => number) => Array.from(values, (value, index) => value / others(sizes.get(labels[index]!)!) / maximum);
	return {
		meanIntra: scaled(intra.sum, size => size - 1),
		meanInter: scaled(inter.sum, size => count - size),
		nearestIntra: scaled(intra.nearest, () => 1),
		nearestInter: scaled(inter.nearest, () => 1),
		labels: [...labels],
		maximum,
	};
}

function running(count: number): Running {
	return {sum: new Float64Array(count), nearest: new Float64Array(count).fill(Infinity)};
}

function add({sum, nearest}: Running, index: number, distance: number): void {
	sum[index]! += distance;
	nearest[index] = Math.min(nearest[index]!, distance);
}

/** The pairs of a row and a column block, each unordered pair once. */
function * pairsOf(rowStart: number, columnStart: number, count: number): Generator<readonly [number, number]> {
	for (let first = rowStart; first < Math.min(rowStart + blockSize, count); first++) {
		for (let second = Math.max(columnStart, first + 1); second < Math.min(columnStart + blockSize, count); second++) {
			yield [first, second];
		}
	}
}

/** Class → number of its samples, where every distance exists. */
function checkedSizes(features: LabelledFeatures): ReadonlyMap<number, number> {
	const sizes = new Map([...samplesByClass(features)].map(([label, {length}]) => [label, length]));
	const [single] = [...sizes].find(([, size]) => size === 1) ?? [];
	if (single !== undefined) {
		throw new UserError('single-sample', `Distances inside classes need two samples of each, but class ${single} has one`, {hint: 'Raise "subsample.perClass".'});
	}

	if (sizes.size < 2) {
		throw new UserError('single-class', `Distances between classes need two classes, got ${sizes.size}`, {hint: 'Raise "dataset.private.identities".'});
	}

	return sizes;
}
