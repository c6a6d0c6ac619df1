import {imageAt, type ImageSet} from '../artifacts/image-set.ts';
import type {Bytes} from '../artifacts/safetensors.ts';

/** The images at `indices`, in that order, with all identities of the set. The pixels of a set in memory are copied; those on the disk stay there. */
export function selectImages(set: ImageSet, indices: readonly number[]): ImageSet {
	const {images, shape: [, height, width, channels], labels, identities} = set;
	return {
		images: images instanceof Uint8Array ? copyImages(set, indices) : lazily(set, indices),
		shape: [indices.length, height, width, channels],
		labels: Int32Array.from(indices, index => labels[index]!),
		identities,
	};
}

function copyImages(set: ImageSet, indices: readonly number[]): Uint8Array {
	const [, height, width, channels] = set.shape;
	const size = height * width * channels;
	const copied = new Uint8Array(indices.length * size);
	for (const [place, index] of indices.entries()) {
		copied.set(imageAt(set, index), place * size);
	}

	return copied;
}

/** Reads the images that a part of the bytes touches. */
function lazily(set: ImageSet, indices: readonly number[]): Bytes {
	const [, height, width, channels] = set.shape;
	const size = height * width * channels;
	return {
		length: indices.length * size,
		subarray(start, end) {
			const first = Math.floor(start / size);
			const touched = copyImages(set, indices.slice(first, Math.ceil(end / size)));
			return touched.subarray(start - (first * size), end - (first * size));
		},
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
