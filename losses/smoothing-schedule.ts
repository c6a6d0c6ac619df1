import {hasReached} from './epochs.ts';

/** When negative smoothing sets in, as fractions of the number of epochs, 0 to 1. */
export type SmoothingSchedule = {
	/** Before it the factor is 0. */
	readonly holdUntil: number;
	/** From it on the factor is α. */
	readonly fullFrom: number;
	/** How the factor gets from 0 to α; `official` when absent. */
	readonly ramp?: SmoothingRamp | undefined;
};

/**
 * `official` climbs along the line that would reach α at the end of the training, and jumps to α where that is due; `linear` climbs to α without
 * a jump; `constant` is α from the first epoch on, whatever the fractions say.
 */
export type SmoothingRamp = 'official' | 'linear' | 'constant';

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
export function smoothingFactor(alpha: number, epoch: number, numEpochs: number, {holdUntil, fullFrom, ramp = 'official'}: SmoothingSchedule): number {
	if (alpha >= 0 || ramp === 'constant' || hasReached(epoch, fullFrom, numEpochs)) {
		return alpha;
	}

	if (!hasReached(epoch, holdUntil, numEpochs)) {
		return 0;
	}

	const start = holdUntil * numEpochs;
	const end = (ramp === 'linear' ? fullFrom : 1) * numEpochs;
	return alpha * Math.min(1, (epoch + 1 - start) / (end - start));
}
