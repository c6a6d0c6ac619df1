import {hasReached} from '../losses/epochs.ts';

/** How the learning rate changes from epoch to epoch. */
export type LearningRateSchedule = {
	/** Of the first epoch. */
	readonly learningRate: number;
	/** `multi-step` when absent. */
	readonly learningRateSchedule?: 'multi-step' | 'cosine' | 'constant' | undefined;
	/** `multi-step`: shares of the epochs, 0 to 1, after each of which the rate falls to a tenth. */
	readonly learningRateDrops: readonly number[];
	/** `cosine`: what the rate comes down to, 0 when absent. */
	readonly learningRateMinimum?: number | undefined;
};

/**
 * The learning rate of an epoch, as PyTorch's `MultiStepLR` and `CosineAnnealingLR` give it when they are stepped at the end of each epoch. The cosine
 * lies over all epochs, so the last one is still a little above the minimum: min + (lr − min)·(1 + cos(π·epoch/numEpochs))/2.
 *
 * @param epoch - 0 to numEpochs − 1.
 */
export function learningRateAt(epoch: number, numEpochs: number, schedule: LearningRateSchedule): number {
	const {learningRate, learningRateSchedule: kind = 'multi-step', learningRateDrops, learningRateMinimum: minimum = 0} = schedule;
	switch (kind) {
		case 'constant': {
			return learningRate;
		}

		case 'multi-step': {
			return learningRate * (0.1 ** learningRateDrops.filter(drop => hasReached(epoch, drop, numEpochs)).length);
		}

		case 'cosine': {
			return minimum + ((learningRate - minimum) * (1 + Math.cos(Math.PI * epoch / numEpochs)) / 2);
		}
	}
}
