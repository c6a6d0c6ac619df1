import type {ImageSet} from '../../artifacts/image-set.ts';

/** Identities `a`, `b`, …, with as many images each as told; an image is two pixels that say whose and which it is. */
export function identitySet(imagesPerIdentity: readonly number[]): ImageSet {
	const entries = imagesPerIdentity.flatMap((count, label) => Array.from({length: count}, (_, shot) => [label, shot] as const));
	return {
		images: Uint8Array.from(entries.flat()),
		shape: [entries.length, 1, 2, 1],
		labels: Int32Array.from(entries, ([label]) => label),
		identities: imagesPerIdentity.map((_, label) => nameOf(label)),
	};
}

/** All pixels of a set, wherever they are. */
export function allPixels({images}: Pick<ImageSet, 'images'>): Uint8Array {
	return images.subarray(0, images.length);
}

/** What the pixels of each image say, such as `b#03`. */
export function pixelsOf(set: ImageSet): string[] {
	const images = allPixels(set);
	const [count] = set.shape;
	return Array.from({length: count}, (_, index) => `${nameOf(images[2 * index]!)}#${String(images[(2 * index) + 1]!).padStart(2, '0')}`);
}

/** In alphabetical order also beyond the 26th. */
function nameOf(label: number): string {
	return label < 25 ? String.fromCodePoint(97 + label) : `z${nameOf(label - 25)}`;
}
