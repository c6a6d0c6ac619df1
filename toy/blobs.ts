import type {Place, ToyPoints} from '../artifacts/toy.ts';
import {numpyStream} from '../tensors/numpy-random.ts';

/** Round clouds of points, one per class. */
export type BlobOptions = {
	/** Seed of NumPy's legacy generator, 0 to 2³² − 1. */
	readonly numpySeed: number;
	/** Points of all classes together; where they cannot be shared equally, the first classes get one more. */
	readonly samples: number;
	/** Middle of each class. */
	readonly centres: readonly Place[];
	/** Standard deviation of both coordinates. */
	readonly deviation: number;
};

/** Points around the centres, shuffled: the same as scikit-learn's `make_blobs(samples, centers=centres, cluster_std=deviation, random_state=numpySeed)`, rounded to float32. */
export function drawBlobs({numpySeed, samples, centres, deviation}: BlobOptions): ToyPoints {
	const stream = numpyStream(numpySeed);
	const drawn = centres.flatMap((centre, label) => {
		const count = Math.floor(samples / centres.length) + (label < samples % centres.length ? 1 : 0);
		return Array.from({length: count}, () => ({label, place: centre.map(coordinate => coordinate + (deviation * stream.normal()))}));
	});
	const shuffled = stream.shuffle(drawn);
	return {
		points: Float32Array.from(shuffled.flatMap(({place}) => place)),
		labels: Int32Array.from(shuffled, ({label}) => label),
	};
}
