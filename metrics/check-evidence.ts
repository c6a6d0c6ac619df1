import type {ImageSet} from '../artifacts/image-set.ts';
import {firstNames} from '../datasets/problems.ts';
import {UserError} from '../engine/error.ts';

/** The images an attack is judged by. */
export type JudgedImages = Readonly<Record<'images' | 'candidates' | 'initialImages' | 'train' | 'test', ImageSet>>;

const names = {
	images: 'selected reconstructions', candidates: 'reconstructions of optimized latents', initialImages: 'images of initial latents', train: 'training images', test: 'test images',
} as const;

/**
 * Says what is missing before anything is measured.
 *
 * @throws {UserError} when a set has no images, or a target class has no training image, naming it
 */
export function checkEvidence(evidence: JudgedImages): void {
	for (const name of ['images', 'candidates', 'initialImages', 'train', 'test'] as const) {
		if (evidence[name].labels.length === 0) {
			throw new UserError('no-samples', `There are no ${names[name]} to measure`, {
				hint: 'Every stage must hand on at least one image: look at "sampling.perClass", "selection.keepPerClass", "subsample.perClass" and "dataset.testPerIdentity".',
			});
		}
	}

	const {train, images} = evidence;
	const known = new Set(train.labels);
	const missing = [...new Set(images.labels)].filter(label => !known.has(label)).toSorted((a, b) => a - b);
	if (missing.length > 0) {
		const named = missing.map(label => (train.identities[label] === undefined ? String(label) : `${label} ("${train.identities[label]}")`));
		throw new UserError('class-without-references', `${missing.length === 1 ? 'A target class has' : `${missing.length} target classes have`} no training image to compare reconstructions with`, {
			facts: {classes: firstNames(named), expected: `classes of the ${train.labels.length} training images`},
			hint: 'The attack aims at classes the training images do not show.',
		});
	}
}
