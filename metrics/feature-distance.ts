import {UserError} from '../engine/error.ts';
import {
	type LabelledFeatures, requireSameSize, samplesByClass, squaredDistance,
} from './features.ts';

/** The nearest reference of each sample. */
export type Nearest = {
	/** [count]; index of the reference of the same class at the smallest distance, the first of several. */
	readonly indices: Int32Array;
	/** [count]; that distance, squared L2. */
	readonly squaredDistances: Float64Array;
};

/**
 * Feature distance δ: mean over samples of the L2 distance to the nearest reference of the same class (Struppek et al. 2024, section 4.1).
 * Samples are reconstructions with their target classes; references are the training images of the target model.
 *
 * @param options.squared - Whether distances are squared before averaging. The paper's tables hold squared distances although
 * its text says L2 distance; the default is what the text says.
 * @throws {UserError} when a class of the samples has no reference, or the feature sizes differ.
 */
export function featureDistance(samples: LabelledFeatures, references: LabelledFeatures, {squared = false} = {}): number {
	const {squaredDistances} = nearestReferences(samples, references);
	return squaredDistances.reduce((sum, distance) => sum + (squared ? distance : Math.sqrt(distance)), 0) / squaredDistances.length;
}

/**
 * For each sample the nearest reference of the same class.
 *
 * @throws {UserError} when there are no samples, a class of the samples has no reference, or the feature sizes differ.
 */
export function nearestReferences(samples: LabelledFeatures, references: LabelledFeatures): Nearest {
	requireSameSize(samples, references);
	const referencesOf = samplesByClass(references);
	const count = samples.labels.length;
	if (count === 0) {
		throw new UserError('no-samples', 'Expected samples to measure, got none', {hint: 'The stages of the attack must keep at least one latent for at least one class.'});
	}

	const indices = new Int32Array(count);
	const squaredDistances = new Float64Array(count).fill(Infinity);
	for (const [label, members] of samplesByClass(samples)) {
		const candidates = referencesOf.get(label);
		if (!candidates) {
			throw new UserError('class-without-references', `Expected reference features for class ${label}, got none`, {
				hint: 'The attack has a target class of which there is no training image.',
			});
		}

		for (const sample of members) {
			for (const reference of candidates) {
				const distance = squaredDistance(samples, sample, references, reference);
				if (distance < squaredDistances[sample]!) {
					squaredDistances[sample] = distance;
					indices[sample] = reference;
				}
			}
		}
	}

	return {indices, squaredDistances};
}
