import {countOf, squaredDistance, type Features} from './features.ts';

/** How far the entropy of a row may be from that of the wanted perplexity, in nats; scikit-learn's tolerance. */
const entropyTolerance = 1e-5;

/** Most bisections of a row's precision; scikit-learn's limit. */
const maxBisections = 100;

/** Smallest affinity, so that its logarithm exists. */
const smallest = Number.EPSILON;

/**
 * Input affinities of t-SNE (van der Maaten and Hinton 2008, Eq. 1 and the symmetrisation below it): p_ij = (p_j|i + p_i|j) / 2n, where p_j|i is a
 * Gaussian around sample i whose width gives the wanted perplexity. As in scikit-learn, none is below the machine epsilon.
 *
 * @param perplexity - Effective number of neighbours, at least 1 and below the number of samples.
 * @returns [n(n − 1)/2]; the pairs (0, 1), (0, 2), …, (1, 2), …; they sum to ½.
 */
export function jointAffinities(features: Features, perplexity: number): Float64Array {
	const count = countOf(features);
	const affinities = new Float64Array(count * (count - 1) / 2);
	const distances = new Float64Array(count);
	for (let sample = 0; sample < count; sample++) {
		for (let other = 0; other < count; other++) {
			distances[other] = squaredDistance(features, sample, features, other);
		}

		const row = conditionalAffinities(distances, sample, Math.log(perplexity));
		for (let other = 0; other < count; other++) {
			if (other !== sample) {
				affinities[pairIndex(Math.min(sample, other), Math.max(sample, other), count)]! += row[other]! / (2 * count);
			}
		}
	}

	return affinities.map(affinity => Math.max(affinity, smallest));
}

/** Where the pair of a lower and a higher sample stands. */
function pairIndex(lower: number, higher: number, count: number): number {
	return (lower * count) - (lower * (lower + 1) / 2) + higher - lower - 1;
}

/** The affinities p_j|i of one sample to all others, by bisection of the precision β of its Gaussian. Its own entry is 0. */
function conditionalAffinities(squaredDistances: Float64Array, sample: number, wantedEntropy: number): Float64Array {
	// Subtracting the smallest distance changes no affinity, and keeps at least one exponential at 1 when features are large.
	const nearest = smallestOther(squaredDistances, sample);
	const row = new Float64Array(squaredDistances.length);
	let [low, beta, high] = [0, 1, Infinity];
	for (let bisection = 0; bisection < maxBisections; bisection++) {
		const difference = fillRow(row, {squaredDistances, sample, nearest, beta}) - wantedEntropy;
		if (Math.abs(difference) <= entropyTolerance) {
			break;
		}

		if (difference > 0) {
			low = beta;
			beta = high === Infinity ? beta * 2 : (beta + high) / 2;
		} else {
			high = beta;
			beta = (beta + low) / 2;
		}
	}

	return row;
}

function smallestOther(squaredDistances: Float64Array, sample: number): number {
	let least = Infinity;
	for (const [other, distance] of squaredDistances.entries()) {
		least = other === sample ? least : Math.min(least, distance);
	}

	return least;
}

type RowOptions = {readonly squaredDistances: Float64Array; readonly sample: number; readonly nearest: number; readonly beta: number};

/** Writes the affinities for a precision. @returns their entropy in nats */
function fillRow(row: Float64Array, {squaredDistances, sample, nearest, beta}: RowOptions): number {
	let sum = 0;
	let weighted = 0;
	for (const [other, distance] of squaredDistances.entries()) {
		const excess = distance - nearest;
		const affinity = other === sample ? 0 : Math.exp(-beta * excess);
		row[other] = affinity;
		sum += affinity;
		weighted += affinity * excess;
	}

	row.set(row.map(affinity => affinity / sum));
	return Math.log(sum) + (beta * weighted / sum);
}
