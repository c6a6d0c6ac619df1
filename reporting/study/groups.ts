import {alphaPath, defensePath, samplesPath, type SweepPoint} from '../sensitivity/analysis.ts';

/** A variant of a study, and what it changes. */
export type StudiedVariant = {
	readonly name: string;
	/** Smoothing factor of the target model. */
	readonly alpha: number;
	/** Training images of each person. */
	readonly samples: number;
	readonly seed: number;
	/** Key path → value, as in the params file. */
	readonly patch: Readonly<Record<string, unknown>>;
};

/** Variants that differ in the same params, so that they can be read like a sweep. */
export type StudyGroup = {
	readonly title: string;
	/** What the group asks, in a sentence. */
	readonly question: string;
	/** Key paths of the params that differ. */
	readonly paths: readonly string[];
	readonly points: readonly SweepPoint[];
};

/**
 * The groups of a study that have something to compare: smoothing factors (paper Table 2), defences (Table 3), and samples per class with smoothing
 * factors (Table 4). A variant may stand in several: no smoothing is what all of them compare with.
 */
export function studyGroups(variants: readonly StudiedVariant[]): readonly StudyGroup[] {
	const smoothing = variants.filter(({patch}) => changesOnly(patch, [alphaPath]));
	const defended = variants.filter(({patch}) => defensePath in patch && changesOnly(patch, [alphaPath, defensePath]));
	const sampled = variants.filter(({patch}) => samplesPath in patch && changesOnly(patch, [alphaPath, samplesPath]));
	const studiedAlphas = new Set(sampled.map(({alpha}) => alpha));
	return [
		{
			title: 'Smoothing factors',
			question: 'What does the attack extract from models that were trained with smoothed labels of either sign?',
			paths: [alphaPath],
			points: smoothing.map(variant => pointOf(variant, [variant.alpha])).toSorted((a, b) => a.alpha - b.alpha),
		},
		{
			title: 'Defences',
			question: 'How does negative smoothing compare with defences that were made against model inversion?',
			paths: [defensePath],
			points: defended.length === 0
				? []
				: [
					...smoothing.filter(({alpha}) => alpha === 0).map(variant => pointOf(variant, [{kind: 'none'}])),
					...smoothing.filter(({alpha}) => alpha < 0).map(variant => pointOf(variant, [{kind: 'label-smoothing', alpha: variant.alpha}])),
					...defended.map(variant => pointOf(variant, [variant.patch[defensePath]])),
				],
		},
		{
			title: 'Samples per class',
			question: 'Does smoothing change more when there is less to learn from?',
			paths: [samplesPath, alphaPath],
			points: [...sampled, ...smoothing.filter(({alpha}) => studiedAlphas.has(alpha))]
				.toSorted((a, b) => a.samples - b.samples || a.alpha - b.alpha)
				.map(variant => pointOf(variant, [variant.samples, variant.alpha])),
		},
	].filter(({points}) => points.length > 1);
}

function changesOnly(patch: StudiedVariant['patch'], paths: readonly string[]): boolean {
	return Object.keys(patch).every(path => paths.includes(path));
}

function pointOf({name, seed, alpha}: StudiedVariant, values: readonly unknown[]): SweepPoint {
	return {name, values, seed, alpha};
}
