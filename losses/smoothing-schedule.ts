/** When negative smoothing sets in, as fractions of the number of epochs, 0 to 1. */
export type SmoothingSchedule = {
	/** Before it the factor is 0. */
	readonly holdUntil: number;
	/** From it on the factor is α; in between it climbs along the line that would reach α at the end of the training. */
	readonly fullFrom: number;
};

/** The schedule of the authors' code for 100 epochs: it climbs to half of α and then jumps to α. */
export const officialSchedule: SmoothingSchedule = {holdUntil: 0.5, fullFrom: 0.75};

/** The same shape, started earlier, because a small data set gives few updates after the ramp. */
export const smallSchedule: SmoothingSchedule = {holdUntil: 0.15, fullFrom: 0.35};

/**
 * The smoothing factor of an epoch. Positive factors are used at full strength from the start; only negative ones are held back and raised
 * gradually (Struppek et al. 2024, section 4.1).
 *
 * @param alpha - the factor α at full strength.
 * @param epoch - 0 to numEpochs − 1.
 */
export function smoothingFactor(alpha: number, epoch: number, numEpochs: number, {holdUntil, fullFrom}: SmoothingSchedule): number {
	if (alpha >= 0 || epoch >= fullFrom * numEpochs) {
		return alpha;
	}

	const start = holdUntil * numEpochs;
	return epoch < start ? 0 : alpha * (epoch + 1 - start) / (numEpochs - start);
}
