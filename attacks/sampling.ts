import type {LatentPool, LatentSet} from '../artifacts/latents.ts';
import {UserError} from '../engine/error.ts';
import type {RandomStream} from '../tensors/random.ts';
import type {AttackContext, ImageGenerator, TargetModel} from './networks.ts';
import {best, gather} from './ranking.ts';
import {meanConfidences, type ScoringState} from './scoring.ts';
import {type ViewOptions, viewsOf} from './views.ts';

/** How starts are chosen. */
export type SamplingOptions = ViewOptions & {
	/** Latents kept for each class. */
	readonly perClass: number;
	/** Images at a time; changes results by rounding only. */
	readonly batchSize: number;
	/**
	 * Which image of a latent is scored where only some layers are truncated: `official`, that of the pool, whose last layers are not, as in the authors'
	 * code; `initial`, the one that optimization starts from, all of whose layers read the kept vector. `official` when absent.
	 */
	readonly scoredImage?: 'official' | 'initial' | undefined;
};

/** Standard normal latents, shared by all classes and all target models. @param stream - a stream of NumPy's numbers gives the pool of the authors' code. */
export function drawLatentPool({size, latentSize}: {readonly size: number; readonly latentSize: number}, stream: Pick<RandomStream, 'normals'>): LatentPool {
	return {latents: stream.normals(size * latentSize), latentSize};
}

/**
 * Attack stage 1 (Struppek et al. 2024, Sec. 2): for every class the latents of the pool whose images the target model is most confident
 * about, over all views. One latent may serve several classes; of equal confidences the one earlier in the pool counts as better. Here alone images are
 * clamped to their range.
 *
 * @throws {UserError} when the pool is smaller than `perClass`.
 */
export async function selectInitialLatents(pool: LatentPool, generator: ImageGenerator, targetModel: TargetModel, options: SamplingOptions, {stream, onStep, resume, log}: AttackContext<ScoringState>): Promise<LatentSet> { // eslint-disable-line max-params -- the data flow of every attack stage
	const {perClass, batchSize, scoredImage = 'official'} = options;
	const size = pool.latents.length / pool.latentSize;
	if (size < perClass) {
		throw new UserError('pool-too-small', `Sampling keeps ${perClass} latents per class, but the pool has ${size}`, {
			hint: 'Raise "latentPool.size" or lower "sampling.perClass".',
		});
	}

	const {upper, ...kept} = pool;
	const confidences = await meanConfidences(scoredImage === 'official' ? pool : kept, {
		generator, targetModel, noise: stream.split('noise'), views: viewsOf(options, stream), batchSize, isClamped: true, onStep, resume, log,
	});
	const numClasses = confidences.length / size;
	const choices = Array.from({length: numClasses}, (_, targetClass) =>
		best(Array.from({length: size}, (_, index) => ({index, targetClass, score: confidences[(index * numClasses) + targetClass]!})), perClass));
	return gather(pool, choices.flat());
}
