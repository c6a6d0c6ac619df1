import type {ToyNetwork, ToyPoints} from '../../artifacts/toy.ts';
import {drawBlobs} from '../../toy/blobs.ts';
import {initialNetwork} from '../../toy/layers.ts';
import {fixture} from './tensors.ts';

/** What scikit-learn and PyTorch make of the toy example. */
export type ToyGolden = {
	/** Steps whose losses are listed. */
	readonly checkpoints: readonly number[];
	/** The first ones, row-major. */
	readonly points: readonly number[];
	readonly labels: readonly number[];
	/** Sums of all x and of all y. */
	readonly columnSums: readonly [number, number];
	/** Weights before training, by the names of PyTorch. */
	readonly initial: Readonly<Record<'0.weight' | '0.bias' | '3.weight' | '3.bias' | '6.weight', readonly number[]>>;
	readonly float64: readonly Float64Golden[];
	readonly float32: readonly RunGolden[];
};

type RunGolden = {
	readonly alpha: number;
	readonly losses: readonly number[];
	readonly inversion: {
		readonly steps: number;
		readonly confidence: number;
		readonly distance: number;
		readonly end: readonly number[];
		/** The places 0, 1, 10 and 50 of the path. */
		readonly path: ReadonlyArray<readonly number[]>;
	};
};

type Float64Golden = RunGolden & {
	/** Of the first step. */
	readonly firstGradient: readonly number[];
	readonly runningMeans: readonly number[];
	readonly runningVariances: readonly number[];
	/** At all places whose coordinates are −15, 0 or 15, from the lower left one on. */
	readonly confidences: readonly number[];
};

export const golden = fixture<ToyGolden>('toy-example.json');

/** Blobs of the paper. */
export const paperBlobs = {numpySeed: 17, samples: 500, centres: [[0, -10], [-10, 10], [10, 10]] as Array<[number, number]>, deviation: 1.6};

/** How the paper trains, but for the factor. */
export const paperTraining = {steps: 5000, learningRate: 0.001, momentum: 0.9};

/** How the paper attacks. */
export const paperAttack = {start: [-3, -10] as [number, number], targetClass: 2, learningRate: 0.1, confidence: 0.95, maxSteps: 10_000};

export const paperPoints = (): ToyPoints => drawBlobs(paperBlobs);

export const paperNetwork = (): ToyNetwork => initialNetwork([2, 20, 20, 3], 42);

/** A network with other weights, scales and running statistics than a new one has. */
export function unevenNetwork(widths: readonly number[]): ToyNetwork {
	const network = initialNetwork(widths, 5);
	const wave = (value: number, index: number) => value + (0.3 * Math.sin(index));
	return {widths, weights: network.weights.map((value, index) => wave(value, index)), means: network.means.map((value, index) => wave(value, index)), variances: network.variances.map((value, index) => wave(value, index))};
}

/** The numeric derivative with respect to every number of a list: central differences. */
export function finiteDifferences(f: (values: Float64Array) => number, values: ArrayLike<number>, delta: number): Float64Array {
	return Float64Array.from(values, (_, index) => {
		const at = (change: number) => {
			const moved = Float64Array.from(values);
			moved[index]! += change;
			return f(moved);
		};

		return (at(delta) - at(-delta)) / (2 * delta);
	});
}

/** Nobody listens to the steps. */
export const idle = async () => {}; // eslint-disable-line @typescript-eslint/no-empty-function -- it does nothing
