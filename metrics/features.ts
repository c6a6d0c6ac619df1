import {UserError} from '../engine/error.ts';

/** One feature vector per sample, such as a model's penultimate activations. */
export type Features = {
	/** Row-major [count, size]. */
	readonly values: Float32Array;
	/** Length of one vector. */
	readonly size: number;
};

/** Features with the class of each sample. */
export type LabelledFeatures = Features & {
	/** [count]. */
	readonly labels: Int32Array;
};

/** The features among what a model says of images. */
export function labelledFeaturesOf({features, labels}: {readonly features: Float32Array; readonly labels: Int32Array}): LabelledFeatures {
	return {values: features, size: features.length / labels.length, labels};
}

/** Number of samples. @throws {UserError} when the values are not whole vectors. */
export function countOf({values, size}: Features): number {
	const count = values.length / size;
	if (!Number.isInteger(count)) {
		throw new UserError('features-shape', `Expected feature vectors of ${size} numbers, got ${values.length} numbers`);
	}

	return count;
}

/** @throws {UserError} when two sets of features cannot be compared: their sizes differ, or a feature is not finite. */
export function requireSameSize(first: Features, second: Features): void {
	if (first.size !== second.size) {
		throw new UserError('features-shape', `Expected features of one size, got ${first.size} and ${second.size}`);
	}

	for (const {values, size} of [first, second]) {
		const wrong = values.findIndex(value => !Number.isFinite(value));
		if (wrong !== -1) {
			throw new UserError('features-not-finite', `Expected features that are finite numbers, got ${values[wrong]} for feature ${wrong % size} of sample ${Math.floor(wrong / size)}`, {
				hint: 'The training of the evaluation or embedding model diverged: lower its learning rate.',
			});
		}
	}
}

/** Squared L2 distance between two samples, in float64. */
export function squaredDistance(first: Features, firstIndex: number, second: Features, secondIndex: number): number {
	const {size} = first;
	let sum = 0;
	for (let index = 0; index < size; index++) {
		sum += (first.values[(firstIndex * size) + index]! - second.values[(secondIndex * size) + index]!) ** 2;
	}

	return sum;
}

/** Class index → indices of its samples, classes in ascending order. @throws {UserError} when there is not one label per sample. */
export function samplesByClass(features: LabelledFeatures): ReadonlyMap<number, readonly number[]> {
	requireLabels(features);
	const classes = new Map([...new Set(features.labels)].toSorted((a, b) => a - b).map(label => [label, [] as number[]]));
	for (const [index, label] of features.labels.entries()) {
		classes.get(label)!.push(index);
	}

	return classes;
}

/** The samples whose class index is below `classes`, in their order. @throws {UserError} when there is not one label per sample. */
export function firstClasses(features: LabelledFeatures, classes: number): LabelledFeatures {
	const {values, size, labels} = features;
	requireLabels(features);
	return {
		values: values.filter((_, index) => labels[Math.floor(index / size)]! < classes),
		size,
		labels: labels.filter(label => label < classes),
	};
}

function requireLabels(features: LabelledFeatures): void {
	if (features.labels.length !== countOf(features)) {
		throw new UserError('features-shape', `Expected one label per feature vector, got ${features.labels.length} labels for ${countOf(features)}`);
	}
}
