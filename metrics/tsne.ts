import {UserError} from '../engine/error.ts';
import type {Resumable} from '../engine/stage.ts';
import type {RandomStream} from '../tensors/random.ts';
import {jointAffinities} from './affinities.ts';
import {countOf, type Features} from './features.ts';

/** How samples are laid out in the plane; the defaults of scikit-learn 0.24.2 are 30, 12, 200 and 1,000. */
export type TsneOptions = {
	/** Effective number of neighbours of a sample, at least 1 and below the number of samples. */
	readonly perplexity: number;
	/** Factor on the affinities in the first 250 iterations, which draws groups together. */
	readonly earlyExaggeration: number;
	/** Step size of the gradient descent. */
	readonly learningRate: number;
	/** Steps of the gradient descent, including the exaggerated ones. */
	readonly iterations: number;
};

/** A layout: [count] coordinates each, and how far it is from the affinities (Kullback–Leibler divergence, 0 or more). */
export type Layout = {readonly x: Float64Array; readonly y: Float64Array; readonly divergence: number};

/** Where the descent is after an iteration: all that decides how it goes on. */
export type TsneState = {
	readonly iteration: number;
	/** [count, 2] each, row-major. */
	readonly points: Float64Array;
	readonly update: Float64Array;
	readonly gains: Float64Array;
};

/** Iterations with exaggerated affinities and low momentum, as in scikit-learn. */
const exaggeratedIterations = 250;
const momentums = {exaggerated: 0.5, plain: 0.8};
const minGain = 0.01;
/** Standard deviation of the first layout. */
const initialSpread = 1e-4;

/**
 * Exact t-SNE (van der Maaten and Hinton 2008) with the schedule of scikit-learn: random start, gradient descent with momentum and gains, exaggerated
 * affinities at first. It makes all its iterations and never stops early. Time and memory grow with the square of the number of samples.
 *
 * @throws {UserError} when the perplexity is not below the number of samples.
 */
export async function layOut(features: Features, options: TsneOptions, {stream, onStep, resume}: Resumable<TsneState> & {readonly stream: RandomStream}): Promise<Layout> {
	const count = countOf(features);
	if (options.perplexity >= count) {
		throw new UserError('perplexity-too-large', `A perplexity of ${options.perplexity} needs more than ${options.perplexity} samples, got ${count}`, {
			hint: 'Lower "tsne.perplexity", or show more classes ("tsne.classes") or more images of each ("subsample.perClass").',
		});
	}

	const affinities = jointAffinities(features, options.perplexity);
	const start = resume?.points ?? stream.normals(2 * count).map(value => value * initialSpread);
	return descend(affinities, Float64Array.from(start), options, {onStep, resume});
}

/** The gradient descent of `layOut` from a given start, [count, 2] row-major. */
export async function descend(affinities: Float64Array, start: Float64Array, {earlyExaggeration, learningRate, iterations}: Omit<TsneOptions, 'perplexity'>, {onStep, resume}: Resumable<TsneState>): Promise<Layout> {
	const points = Float64Array.from(resume?.points ?? start);
	const update = Float64Array.from(resume?.update ?? new Float64Array(points.length));
	const gains = Float64Array.from(resume?.gains ?? new Float64Array(points.length).fill(1));
	const gradient = new Float64Array(points.length);
	const kernel = new Float64Array(affinities.length);
	for (let iteration = resume?.iteration ?? 0; iteration < iterations; iteration++) {
		const isExaggerated = iteration < exaggeratedIterations;
		if (iteration === exaggeratedIterations) {
			// Scikit-learn starts a new descent here.
			update.fill(0);
			gains.fill(1);
		}

		fillGradient(gradient, {points, kernel, affinities, exaggeration: isExaggerated ? earlyExaggeration : 1});
		for (const [index, slope] of gradient.entries()) {
			gains[index] = Math.max(minGain, update[index]! * slope < 0 ? gains[index]! + 0.2 : gains[index]! * 0.8);
			update[index] = (update[index]! * (isExaggerated ? momentums.exaggerated : momentums.plain)) - (learningRate * gains[index] * slope);
			points[index]! += update[index];
		}

		await onStep(iteration + 1, iterations, 'iteration', () => structuredClone({iteration: iteration + 1, points, update, gains}));
	}

	return {
		x: points.filter((_, index) => index % 2 === 0),
		y: points.filter((_, index) => index % 2 === 1),
		divergence: divergenceOf(affinities, kernel, fillKernel(kernel, points)),
	};
}

type GradientOptions = {readonly points: Float64Array; readonly kernel: Float64Array; readonly affinities: Float64Array; readonly exaggeration: number};

/** ∂KL/∂y_i = 4 Σ_j (p_ij − q_ij)(y_i − y_j) / (1 + ‖y_i − y_j‖²) (van der Maaten and Hinton 2008, Eq. 5). */
function fillGradient(gradient: Float64Array, {points, kernel, affinities, exaggeration}: GradientOptions): void {
	const total = fillKernel(kernel, points);
	gradient.fill(0);
	for (let first = 0, pair = 0; first < points.length; first += 2) {
		for (let second = first + 2; second < points.length; second += 2, pair++) {
			const force = 4 * ((exaggeration * affinities[pair]!) - Math.max(kernel[pair]! / total, Number.EPSILON)) * kernel[pair]!;
			const pullX = force * (points[first]! - points[second]!);
			const pullY = force * (points[first + 1]! - points[second + 1]!);
			gradient[first]! += pullX;
			gradient[first + 1]! += pullY;
			gradient[second]! -= pullX;
			gradient[second + 1]! -= pullY;
		}
	}
}

/** Writes 1 / (1 + ‖y_i − y_j‖²) of every pair. @returns their sum over ordered pairs, by which they become the q_ij */
function fillKernel(kernel: Float64Array, points: Float64Array): number {
	let sum = 0;
	for (let first = 0, pair = 0; first < points.length; first += 2) {
		for (let second = first + 2; second < points.length; second += 2, pair++) {
			kernel[pair] = 1 / (1 + ((points[first]! - points[second]!) ** 2) + ((points[first + 1]! - points[second + 1]!) ** 2));
			sum += kernel[pair]!;
		}
	}

	return 2 * sum;
}

function divergenceOf(affinities: Float64Array, kernel: Float64Array, total: number): number {
	let divergence = 0;
	for (const [pair, affinity] of affinities.entries()) {
		divergence += affinity * Math.log(affinity / Math.max(kernel[pair]! / total, Number.EPSILON));
	}

	return 2 * divergence;
}
