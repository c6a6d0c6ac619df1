/** A share of the epochs is met in spite of rounding: 0.55 of 100 is 55.00000000000001 in float64. */
const rounding = 1e-9;

/** Whether an epoch, 0 to numEpochs − 1, is at or behind a share of all epochs, 0 to 1. */
export function hasReached(epoch: number, share: number, numEpochs: number): boolean {
	return epoch >= (share * numEpochs) - rounding;
}
