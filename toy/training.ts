import type {History} from '../artifacts/records.ts';
import type {ToyNetwork, ToyPoints} from '../artifacts/toy.ts';
import {UserError} from '../engine/error.ts';
import type {Resumable} from '../engine/stage.ts';
import {lossAndGradient, type Pass} from './backpropagation.ts';

/** How a toy network is trained. */
export type ToyTraining = {
	/** Smoothing factor α, the same in all steps. */
	readonly alpha: number;
	/** Steps of gradient descent, each over all points. */
	readonly steps: number;
	readonly learningRate: number;
	/** Share of the previous update that is kept, in [0, 1). */
	readonly momentum: number;
};

/** Where a training is after a step. */
export type ToyTrainingState = {
	/** Steps that are finished. */
	readonly step: number;
	readonly network: ToyNetwork;
	/** One number per weight. */
	readonly velocity: Float64Array;
	readonly losses: readonly number[];
};

/** A trained network, and the loss before every update. */
export type TrainedToy = {readonly network: ToyNetwork; readonly history: History};

/** Share of the statistics of a batch in the running ones, PyTorch's default. */
const normMomentum = 0.1;

/**
 * Trains by gradient descent over all points with momentum, as `torch.optim.SGD` computes it: v ← momentum·v + g, θ ← θ − learningRate·v.
 * @throws {UserError} when the loss stops being finite.
 */
export async function trainToy(initial: ToyNetwork, points: ToyPoints, {alpha, steps, learningRate, momentum}: ToyTraining, {onStep, resume}: Resumable<ToyTrainingState>): Promise<TrainedToy> {
	const {network, velocity, losses: earlier, step: start} = structuredClone(resume ?? {network: initial, velocity: new Float64Array(initial.weights.length), losses: [], step: 0});
	const losses = [...earlier];
	for (let step = start; step < steps; step++) {
		const pass = lossAndGradient(network, points, alpha);
		if (!Number.isFinite(pass.loss)) {
			throw new UserError('toy-training-diverged', `The loss of the toy network became ${pass.loss} in step ${step + 1} of ${steps}`, {
				facts: {alpha, learningRate, momentum},
				hint: 'Lower "toy.training.learningRate", or bring the factor nearer to 0.',
			});
		}

		losses.push(pass.loss);
		update(network, pass, velocity, {learningRate, momentum});
		await onStep(step + 1, steps, 'step', () => structuredClone({step: step + 1, network, velocity, losses}));
	}

	return {network, history: {unit: 'step', columns: {loss: losses}}};
}

function update({weights, means, variances}: ToyNetwork, pass: Pass, velocity: Float64Array, {learningRate, momentum}: Pick<ToyTraining, 'learningRate' | 'momentum'>): void {
	for (const [index, slope] of pass.gradient.entries()) {
		const step = (momentum * velocity[index]!) + slope;
		velocity[index] = step;
		weights[index]! -= learningRate * step;
	}

	for (const [index, mean] of pass.means.entries()) {
		means[index]! += normMomentum * (mean - means[index]!);
		variances[index]! += normMomentum * (pass.variances[index]! - variances[index]!);
	}
}
