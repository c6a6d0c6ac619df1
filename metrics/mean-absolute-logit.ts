import {UserError} from '../engine/error.ts';

/**
 * Mean absolute value of all logits: tells how far negative label smoothing, whose loss has no lower bound, drove a model.
 *
 * @throws {UserError} when there are none.
 */
export function meanAbsoluteLogit(logits: Float32Array): number {
	if (logits.length === 0) {
		throw new UserError('no-samples', 'Expected logits, got none', {hint: 'There are no images to measure.'});
	}

	return logits.reduce((sum, logit) => sum + Math.abs(logit), 0) / logits.length;
}
