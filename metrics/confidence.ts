import {numClassesOf, softmaxOf} from './logits.ts';

/**
 * Softmax of each sample's own class, 0–1.
 *
 * @param logits - Row-major [count, numClasses].
 * @param labels - [count].
 * @throws {UserError} when logits and labels do not fit each other or a logit is NaN.
 */
export function confidences(logits: Float32Array, labels: Int32Array): Float32Array {
	const numClasses = numClassesOf(logits, labels);
	return Float32Array.from(labels, (classIndex, index) => softmaxOf(logits, index * numClasses, {numClasses, classIndex}));
}

/** Mean softmax of the samples' own classes, 0–1: with the evaluation model's logits of reconstructions, how surely it sees the target class. */
export function meanConfidence(logits: Float32Array, labels: Int32Array): number {
	return confidences(logits, labels).reduce((sum, confidence) => sum + confidence, 0) / labels.length;
}
