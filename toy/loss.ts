/** A loss and its gradient. */
export type LossAndGradient = {
	/** Mean over the points. */
	readonly loss: number;
	/** With respect to the logits, [numClasses, count] like them. */
	readonly gradient: Float64Array;
};

/**
 * Cross-entropy with smoothed labels of either sign (Struppek et al. 2024, Eq. 3), as in `losses/label-smoothing.ts` but without tensors:
 * the targets are 1 − α + α/C for the true class and α/C for the others. With α = 0 it is the plain cross-entropy.
 *
 * @param logits - [numClasses, count]: all of class 0 first.
 * @param labels - [count], 0 to numClasses − 1.
 * @param alpha - the smoothing factor α, at most 1.
 */
export function smoothedCrossEntropy(logits: Float64Array, labels: ArrayLike<number>, alpha: number): LossAndGradient {
	const count = labels.length;
	const uniform = alpha / (logits.length / count);
	const gradient = new Float64Array(logits.length);
	let loss = 0;
	for (let point = 0; point < count; point++) {
		const normalizer = logSumExp(logits, point, count);
		for (let at = point, label = 0; at < logits.length; at += count, label++) {
			const logProbability = logits[at]! - normalizer;
			const target = labels[point] === label ? 1 - alpha + uniform : uniform;
			loss -= target * logProbability;
			gradient[at] = (Math.exp(logProbability) - target) / count;
		}
	}

	return {loss: loss / count, gradient};
}

/** Probabilities of the classes of one point. */
export function softmax(logits: Float64Array): Float64Array {
	const normalizer = logSumExp(logits, 0, 1);
	return logits.map(logit => Math.exp(logit - normalizer));
}

/** The logarithm of the sum of exp(logit) over the classes of a point; the largest is taken out first, so that nothing overflows. */
function logSumExp(logits: Float64Array, point: number, count: number): number {
	let largest = logits[point]!;
	for (let at = point + count; at < logits.length; at += count) {
		largest = Math.max(largest, logits[at]!);
	}

	let sum = 0;
	for (let at = point; at < logits.length; at += count) {
		sum += Math.exp(logits[at]! - largest);
	}

	return largest + Math.log(sum);
}
