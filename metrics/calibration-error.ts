import type {CalibrationBin} from '../artifacts/analyses.ts';
import {argMax, numClassesOf, softmaxOf} from './logits.ts';

/** How predictions are compared. */
export type CalibrationOptions = {
	/** Number of equal bins on [0, 1). */
	readonly bins?: number;
	/** `l2`: root of the weighted mean square of the bins' gaps, as in the tables of the paper. `l1`: their weighted mean. */
	readonly norm?: 'l1' | 'l2';
};

/**
 * Expected calibration error of the top prediction, ECE (Struppek et al. 2024, appendix C): 10 bins, L2 norm.
 *
 * @param logits - Row-major [count, numClasses].
 * @param labels - [count].
 * @returns 0–1.
 * @throws {RangeError} when logits and labels do not fit each other or a logit is NaN.
 */
export function calibrationError(logits: Float32Array, labels: Int32Array, options: CalibrationOptions = {}): number {
	const {confidences, correct} = topPredictions(logits, labels);
	return binnedCalibrationError(confidences, correct, options);
}

/** The same from confidences and whether each prediction was correct, over the bins of `calibrationBins`; empty ones count nothing. */
export function binnedCalibrationError(confidences: Float32Array, correct: readonly boolean[], {bins = 10, norm = 'l2'}: CalibrationOptions = {}): number {
	const filled = binSums(confidences, correct, bins).filter(({count}) => count > 0);
	const mean = (measure: (gap: number) => number) =>
		filled.reduce((total, sum) => total + (sum.count / confidences.length * measure((sum.correct - sum.confidence) / sum.count)), 0);
	return norm === 'l1' ? mean(Math.abs) : Math.sqrt(mean(gap => gap ** 2));
}

/** Confidence of each sample's top prediction, and whether it is correct. @throws {RangeError} as `calibrationError` does. */
export function topPredictions(logits: Float32Array, labels: Int32Array): {readonly confidences: Float32Array; readonly correct: readonly boolean[]} {
	const numClasses = numClassesOf(logits, labels);
	const predictions = Int32Array.from(labels, (_, index) => argMax(logits, index * numClasses, numClasses));
	return {
		confidences: Float32Array.from(predictions, (classIndex, index) => softmaxOf(logits, index * numClasses, {numClasses, classIndex})),
		correct: Array.from(predictions, (prediction, index) => prediction === labels[index]),
	};
}

/**
 * What the bins hold: a reliability diagram. Bin b holds confidences in [b/bins, (b + 1)/bins), its borders rounded to float32; a confidence of
 * exactly 1 goes to a bin of its own, as in torchmetrics, which the paper used: frequent under negative label smoothing.
 *
 * @returns `bins` + 1 bins in ascending order.
 */
export function calibrationBins(confidences: Float32Array, correct: readonly boolean[], bins: number): CalibrationBin[] {
	return binSums(confidences, correct, bins).map(({count, ...sum}, index) => ({
		lower: index / bins,
		upper: Math.min(1, (index + 1) / bins),
		count,
		confidence: count === 0 ? null : sum.confidence / count,
		accuracy: count === 0 ? null : sum.correct / count,
	}));
}

function binSums(confidences: Float32Array, correct: readonly boolean[], bins: number): Array<{count: number; confidence: number; correct: number}> {
	const sums = Array.from({length: bins + 1}, () => ({count: 0, confidence: 0, correct: 0}));
	for (const [index, confidence] of confidences.entries()) {
		const sum = sums[binOf(confidence, bins)]!;
		sum.count++;
		sum.confidence += confidence;
		sum.correct += correct[index] ? 1 : 0;
	}

	return sums;
}

function binOf(confidence: number, bins: number): number {
	let bin = Math.min(bins, Math.floor(confidence * bins));
	// The product may round across a border.
	while (bin < bins && confidence >= Math.fround((bin + 1) / bins)) {
		bin++;
	}

	while (bin > 0 && confidence < Math.fround(bin / bins)) {
		bin--;
	}

	return bin;
}
