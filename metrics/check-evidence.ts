import type {Predictions} from '../artifacts/predictions.ts';
import {firstNames} from '../datasets/problems.ts';
import {UserError} from '../engine/error.ts';

/**
 * Says before anything is measured that there is nothing to compare reconstructions with.
 *
 * @throws {UserError} when a target class has no training image, naming it
 */
export function checkReferences(selected: Pick<Predictions, 'labels'>, train: Pick<Predictions, 'labels'>): void {
	const known = new Set(train.labels);
	const missing = [...new Set(selected.labels)].filter(label => !known.has(label)).toSorted((a, b) => a - b);
	if (missing.length > 0) {
		throw new UserError('class-without-references', `${missing.length === 1 ? 'A target class has' : `${missing.length} target classes have`} no training image to compare reconstructions with`, {
			facts: {classes: firstNames(missing.map(String)), expected: `classes of the ${train.labels.length} training images`},
			hint: 'The attack aims at classes the training images do not show.',
		});
	}
}
