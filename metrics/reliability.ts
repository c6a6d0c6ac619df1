import type {Reliability} from '../artifacts/analyses.ts';
import {binnedCalibrationError, calibrationBins, topPredictions} from './calibration-error.ts';

/**
 * The reliability diagram of a classifier: mean confidence and accuracy of its top predictions per interval of confidence, and the calibration
 * error over them (L2 norm, Struppek et al. 2024, appendix C).
 *
 * @param logits - Row-major [count, numClasses].
 * @param labels - [count].
 * @throws {RangeError} when logits and labels do not fit each other or a logit is NaN.
 */
export function measureReliability(logits: Float32Array, labels: Int32Array, {bins}: {readonly bins: number}): Reliability {
	const {confidences, correct} = topPredictions(logits, labels);
	return {
		bins: calibrationBins(confidences, correct, bins),
		ece: binnedCalibrationError(confidences, correct, {bins}),
		accuracy: correct.filter(Boolean).length / correct.length,
		confidence: confidences.reduce((sum, value) => sum + value, 0) / confidences.length,
	};
}
