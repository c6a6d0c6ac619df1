import type {ImageSet} from '../artifacts/image-set.ts';
import {firstNames} from '../datasets/problems.ts';
import {UserError} from '../engine/error.ts';

/**
 * Says before a training that a class could not be learnt.
 * @throws {UserError} when there are no images, or a class has none, naming it
 */
export function checkClasses({labels, identities}: Pick<ImageSet, 'labels' | 'identities'>): void {
	const present = new Set(labels);
	const missing = identities.flatMap((name, label) => (present.has(label) ? [] : [`${label} ("${name}")`]));
	if (missing.length > 0) {
		throw new UserError('class-without-images', `${missing.length} of ${identities.length} classes have no image to train on`, {
			facts: {classes: firstNames(missing), images: labels.length},
			hint: 'Every class needs at least one image: ask for fewer people, or add images of these.',
		});
	}
}
