import type * as tf from '@tensorflow/tfjs-core';
import {crossEntropyLoss} from '../losses/cross-entropy.ts';
import {maxMarginLoss} from '../losses/max-margin.ts';
import {poincareLoss} from '../losses/poincare.ts';

/** What the attack may minimise, by the names of the params; logits [n, numClasses] and target classes [n] to one loss per sample. */
export const attackLosses = {
	poincare: poincareLoss,
	'cross-entropy': crossEntropyLoss,
	'max-margin': maxMarginLoss,
} satisfies Record<string, (logits: tf.Tensor2D, targetClasses: tf.Tensor1D) => tf.Tensor1D>;

/** Name of a loss of the attack. */
export type AttackLossName = keyof typeof attackLosses;

/** Why the loss of a sample has no finite value, from its logits; undefined when they do not tell. */
export function describeLogits(logits: ArrayLike<number>): string | undefined {
	const values = Array.from(logits);
	const wrong = values.findIndex(value => !Number.isFinite(value));
	if (wrong !== -1) {
		return `${values[wrong]} for class ${wrong}`;
	}

	const filled = values.flatMap((value, classIndex) => (value === 0 ? [] : [classIndex]));
	if (filled.length === 0) {
		return 'all 0, which have no direction (‖o‖₁ = 0)';
	}

	return filled.length === 1 ? `0 but for class ${filled[0]}: a one-hot vector lies on the border, infinitely far from everything` : undefined;
}
