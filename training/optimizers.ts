import {adam, type AdamState} from '../tensors/adam.ts';
import {type Optimizer, withWeightDecay} from '../tensors/optimizer.ts';
import {sgd, type SgdState} from '../tensors/sgd.ts';

/** How weights follow their gradients. */
export type OptimizerChoice = {
	/** `adam` has β = 0.9 and 0.999 and ε = 1e−8; `adam` when absent. */
	readonly optimizer?: 'adam' | 'sgd' | undefined;
	/** Share of the last step that SGD repeats, 0 when absent. */
	readonly momentum?: number | undefined;
	/** Factor of the L2 penalty on every weight, 0 when absent. */
	readonly weightDecay?: number | undefined;
};

/** The state of either optimizer. */
export type OptimizerState = AdamState | SgdState;

/**
 * A new optimizer, as PyTorch computes it.
 * @param start the state to go on from, of an optimizer of the same choice
 */
export function createOptimizer({optimizer: kind = 'adam', momentum = 0, weightDecay = 0}: OptimizerChoice, start?: OptimizerState): Optimizer<OptimizerState> {
	const optimizer: Optimizer<OptimizerState> = kind === 'sgd'
		? sgd({momentum}, start && 'velocities' in start ? start : undefined)
		: adam({beta1: 0.9, beta2: 0.999, epsilon: 1e-8}, start && 'moments' in start ? start : undefined);
	return weightDecay === 0 ? optimizer : withWeightDecay(optimizer, weightDecay);
}
