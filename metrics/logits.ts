import {UserError} from '../engine/error.ts';

/**
 * Number of classes of a [count, numClasses] block of logits.
 *
 * @throws {UserError} when the block has no samples or its length does not fit the labels, when a label is not one of its classes,
 * or when a logit is NaN.
 */
export function numClassesOf(logits: Float32Array, labels: Int32Array): number {
	const numClasses = logits.length / labels.length;
	if (labels.length === 0 || logits.length === 0 || !Number.isInteger(numClasses)) {
		throw new UserError('logits-shape', `Expected logits of shape [count, numClasses] for ${labels.length} labels, got ${logits.length} numbers`, labels.length === 0 ? {hint: 'There are no images to measure.'} : {});
	}

	const wrong = labels.findIndex(label => label < 0 || label >= numClasses);
	if (wrong !== -1) {
		throw new UserError('label-out-of-range', `Expected labels from 0 to ${numClasses - 1}, got ${labels[wrong]} for sample ${wrong}`, {
			hint: 'The model was trained on fewer classes than the images have.',
		});
	}

	const missing = logits.findIndex(logit => Number.isNaN(logit));
	if (missing !== -1) {
		throw new UserError('logits-nan', `Expected numbers as logits, got NaN for class ${missing % numClasses} of sample ${Math.floor(missing / numClasses)}`, {
			hint: 'The training of the model diverged: lower its learning rate, or bring alpha nearer to 0.',
		});
	}

	return numClasses;
}

/** Index of the largest of `numClasses` logits from `start` on; the first of several equal ones. */
export function argMax(logits: Float32Array, start: number, numClasses: number): number {
	let best = 0;
	for (let index = 1; index < numClasses; index++) {
		if (logits[start + index]! > logits[start + best]!) {
			best = index;
		}
	}

	return best;
}

/**
 * Softmax of one class among `numClasses` logits from `start` on. The sum and the quotient are rounded to float32, so that the saturated models of
 * negative smoothing reach exactly 1 just where they do in the tensor libraries, which calibration errors count apart.
 */
export function softmaxOf(logits: Float32Array, start: number, {numClasses, classIndex}: {readonly numClasses: number; readonly classIndex: number}): number {
	const largest = logits[start + argMax(logits, start, numClasses)]!;
	let sum = 0;
	for (let index = 0; index < numClasses; index++) {
		sum += Math.exp(logits[start + index]! - largest);
	}

	return Math.fround(Math.exp(logits[start + classIndex]! - largest) / Math.fround(sum));
}
