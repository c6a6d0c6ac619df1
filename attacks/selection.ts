import type {LatentSet} from '../artifacts/latents.ts';
import {UserError} from '../engine/error.ts';
import type {AttackContext, ImageGenerator, TargetModel} from './networks.ts';
import {best, gather, choicesByClass} from './ranking.ts';
import {meanConfidences, type ScoringState} from './scoring.ts';
import {classViewsOf, type ViewOptions, viewsOf} from './views.ts';

/** How results are chosen. */
export type SelectionOptions = ViewOptions & {
	/** Latents kept for each class. */
	readonly keepPerClass: number;
	/** Whether each image has random views of its own, or all images of a class share theirs, as in the authors' code; `image` when absent. */
	readonly draws?: 'image' | 'class' | undefined;
	/** Images at a time; changes results by rounding only. */
	readonly batchSize: number;
};

/**
 * Attack stage 3 (Struppek et al. 2024, Sec. 2): for every class the latents whose images the target model recognises most robustly, that is with the
 * highest mean confidence over strong random views. Of equal confidences the earlier latent counts as better.
 *
 * @throws {UserError} when a class has fewer than `keepPerClass` latents.
 */
export async function selectMostRobust(optimized: LatentSet, generator: ImageGenerator, targetModel: TargetModel, options: SelectionOptions, {stream, onStep, resume, log}: AttackContext<ScoringState>): Promise<LatentSet> { // eslint-disable-line max-params -- the data flow of every attack stage
	const {keepPerClass, batchSize, draws = 'image', views} = options;
	const {targetClasses} = optimized;
	for (const [targetClass, {length}] of choicesByClass(targetClasses, optimized.scores)) {
		if (length < keepPerClass) {
			throw new UserError('too-few-candidates', `Selection keeps ${keepPerClass} latents per class, but class ${targetClass} has ${length}`, {
				hint: 'Raise "sampling.perClass" or lower "selection.keepPerClass".',
			});
		}
	}

	const scores = await meanConfidences(optimized, {
		generator,
		targetModel,
		noise: stream.split('noise'),
		views: draws === 'class' && views !== 'mirrored' ? classViewsOf({...options, views}, targetClasses, stream) : viewsOf(options, stream),
		batchSize,
		targetClasses,
		onStep,
		resume,
		log,
	});
	return gather(optimized, [...choicesByClass(targetClasses, scores).values()].flatMap(candidates => best(candidates, keepPerClass)));
}
