import type {ImageSet} from '../artifacts/image-set.ts';

/**
 * The images at `indices`, in that order, with all identities of the set. Pixels are copied.
 */
export function selectImages({images, shape: [, height, width, channels], labels, identities}: ImageSet, indices: readonly number[]): ImageSet {
	const length = height * width * channels;
	const selected = new Uint8Array(indices.length * length);
	for (const [place, index] of indices.entries()) {
		selected.set(images.subarray(index * length, (index + 1) * length), place * length);
	}

	return {
		images: selected,
		shape: [indices.length, height, width, channels],
		labels: Int32Array.from(indices, index => labels[index]!),
		identities,
	};
}

/**
 * All images of the given classes, in the order of the set. Class `classes[k]` of the set becomes class k.
 */
export function selectIdentities(set: ImageSet, classes: readonly number[]): ImageSet {
	const newLabels = new Map(classes.map((label, place) => [label, place]));
	const indices = [...set.labels.keys()].filter(index => newLabels.has(set.labels[index]!));
	const selected = selectImages(set, indices);
	return {
		...selected,
		labels: selected.labels.map(label => newLabels.get(label)!),
		identities: classes.map(label => set.identities[label]!),
	};
}

/** For each class the indices of its images, in the order of the set. */
export function indicesByClass({labels, identities}: ImageSet): number[][] {
	const indices: number[][] = identities.map(() => []);
	for (const [index, label] of labels.entries()) {
		indices[label]!.push(index);
	}

	return indices;
}
