import {numClassesOf} from './logits.ts';

/**
 * Share of samples whose label is among the `k` classes of largest logit: the attack accuracy Acc@k when the logits are the
 * evaluation model's and the labels the target classes, the knowledge extraction score when they are the surrogate's (k = 1).
 * Of equal logits the class of lower index counts as larger, as in arg max.
 *
 * @param logits - Row-major [count, numClasses].
 * @param labels - [count].
 * @returns 0–1; one number over all samples, not a mean of classes.
 * @throws {UserError} when logits and labels do not fit each other or a logit is NaN.
 */
export function accuracy(logits: Float32Array, labels: Int32Array, {k = 1} = {}): number {
	const numClasses = numClassesOf(logits, labels);
	const correct = labels.reduce((count, label, index) => count + (rankOf(logits.subarray(index * numClasses, (index + 1) * numClasses), label) < k ? 1 : 0), 0);
	return correct / labels.length;
}

/** Number of classes ahead of a class. */
function rankOf(logits: Float32Array, classIndex: number): number {
	const own = logits[classIndex]!;
	return logits.reduce((ahead, logit, index) => ahead + (logit > own || (logit === own && index < classIndex) ? 1 : 0), 0);
}
