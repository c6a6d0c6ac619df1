import type {Place, ToyInversion, ToyPoints} from '../artifacts/toy.ts';
import {UserError} from '../engine/error.ts';
import type {OnStep} from '../engine/stage.ts';
import type {ToyClassifier} from './classifier.ts';

/** How a toy network is inverted. */
export type ToyAttack = {
	readonly start: Place;
	readonly targetClass: number;
	readonly learningRate: number;
	/** Above this probability of the target class the attack ends, 0 to 1. */
	readonly confidence: number;
	/** Updates after which it gives up. */
	readonly maxSteps: number;
};

/**
 * Moves a point by gradient descent on the cross-entropy of the target class until the network is confident (Struppek et al. 2024, Fig. 1).
 * As in the authors' code, a step computes the confidence, updates the point and only then looks at that confidence: the end lies one update
 * further than the point that was confident, and the distance is measured from there.
 *
 * @param points - with at least one of the target class.
 * @throws {UserError} when the point leaves the finite numbers.
 */
export async function invertToy(classifier: ToyClassifier, points: ToyPoints, attack: ToyAttack, onStep: OnStep): Promise<ToyInversion> {
	const {start, targetClass, learningRate, confidence: wanted, maxSteps} = attack;
	const path = [start];
	let confidence = 0;
	let steps: number | null = null;
	for (let step = 0; step < maxSteps && steps === null; step++) {
		const [x, y] = path.at(-1)!;
		const {loss, gradient: [dx, dy]} = classifier.loss([x, y], targetClass);
		confidence = Math.exp(-loss);
		const next: Place = [x - (learningRate * dx), y - (learningRate * dy)];
		if (!next.every(coordinate => Number.isFinite(coordinate))) {
			throw new UserError('toy-inversion-diverged', `The inverted point became (${next.join(', ')}) in step ${step + 1}`, {
				facts: {learningRate},
				hint: 'Lower "toy.inversion.learningRate".',
			});
		}

		path.push(next);
		if (confidence > wanted) {
			steps = step;
		}

		await onStep(step + 1, maxSteps);
	}

	return {path, steps, confidence, ...nearestOf(points, targetClass, path.at(-1)!)};
}

function nearestOf({points, labels}: ToyPoints, targetClass: number, [x, y]: Place): Pick<ToyInversion, 'distance' | 'nearest'> {
	const candidates = [...labels.keys()].filter(index => labels[index] === targetClass)
		.map((index): Place => [points[2 * index]!, points[(2 * index) + 1]!]);
	const distances = candidates.map(candidate => Math.hypot(candidate[0] - x, candidate[1] - y));
	const distance = Math.min(...distances);
	return {distance, nearest: candidates[distances.indexOf(distance)]!};
}
