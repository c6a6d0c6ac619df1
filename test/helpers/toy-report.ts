import type {Place} from '../../artifacts/toy.ts';
import type {ToyOutcome} from '../../reporting/toy/paper.ts';
import {paperAttack, paperBlobs, paperTraining} from './toy.ts';

/** The paper's params. */
export const toySettings = {data: paperBlobs, training: {pytorchSeed: 42, widths: [20, 20], ...paperTraining}, inversion: paperAttack};

const start: Place = [-3, -10];

/** Four attacks: as in the paper but for a step of the second, and one that gave up. */
export const toyOutcomes: readonly ToyOutcome[] = [
	{alpha: 0, trainingLoss: 0.002_058_81, steps: 763, confidence: 0.9501, distance: 3.230_46, path: [start, [5.619_85, 5.311_08]], nearest: [6, 8.5]},
	{alpha: 0.05, trainingLoss: 0.169_802, steps: 3112, confidence: 0.9501, distance: 0.644_99, path: [start, [8.0654, 7.5646]], nearest: [8, 8.2]},
	{alpha: -0.05, trainingLoss: -1.728_04, steps: 53, confidence: 0.9511, distance: 6.748_22, path: [start, [1.333_04, 3.750_07]], nearest: [6, 8.5]},
	{alpha: 0.3, trainingLoss: 0.9, steps: null, confidence: 0.4, distance: 9, path: [start, [-2.5, -5], [-2, -0.000_01]], nearest: [6, 8.5]},
];
