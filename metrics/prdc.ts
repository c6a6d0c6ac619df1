import {UserError} from '../engine/error.ts';
import {
	type LabelledFeatures, requireSameSize, samplesByClass, squaredDistance,
} from './features.ts';

/** How well generated samples match real ones; precision, recall and coverage are 0–1, density may exceed 1. */
export type Prdc = {
	/** Share of generated samples inside the ball of some real sample: fidelity. */
	readonly precision: number;
	/** Share of real samples inside the ball of some generated sample: diversity. */
	readonly recall: number;
	/** Mean number of real balls around a generated sample, divided by k: fidelity, less touchy about outliers. */
	readonly density: number;
	/** Share of real samples with a generated sample in their ball: diversity, less touchy about outliers. */
	readonly coverage: number;
};

/** How the four numbers are computed. */
export type PrdcOptions = {
	/** Which nearest neighbour of the own set the ball of a sample reaches to, 1 or more. */
	readonly k?: number;
	readonly definition?: PrdcDefinition;
};

/**
 * `standard`: as the papers say. `official`: as the attack's published code computes them, but for its mistake of treating class 0 as "no class". There,
 * precision and recall look only at the ball of the nearest sample, and the density is divided by the number of real samples.
 */
export type PrdcDefinition = 'standard' | 'official';

/**
 * Precision and recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020), each computed per class and averaged over
 * the classes of the generated samples. The ball of a sample reaches to its k-th nearest neighbour of its own set, border included, so
 * that equal sets have coverage 1 even where samples coincide.
 *
 * @throws {UserError} when a class has k or fewer samples in one of the sets, or the feature sizes differ.
 */
export function prdc(real: LabelledFeatures, generated: LabelledFeatures, {k = 3, definition = 'standard'}: PrdcOptions = {}): Prdc {
	requireSameSize(real, generated);
	const short = shortClasses(real, generated, k);
	if (short.length > 0) {
		const {label, set, count} = short[0]!;
		throw new UserError('too-few-samples', `Expected more than ${k} ${set} samples of class ${label}, got ${count}`, {
			facts: {classes: short.length},
			hint: 'Choose fewer neighbours ("metrics.neighbours"), or more images of each class ("selection.keepPerClass", "subsample.perClass").',
		});
	}

	const realByClass = samplesByClass(real);
	const perClass = [...samplesByClass(generated)].map(([label, indices]) =>
		prdcOfClass({features: real, indices: realByClass.get(label)!}, {features: generated, indices}, {k, definition}));
	if (perClass.length === 0) {
		throw new UserError('no-samples', 'Expected generated samples to measure, got none');
	}

	const mean = (name: keyof Prdc) => perClass.reduce((sum, values) => sum + values[name], 0) / perClass.length;
	return {
		precision: mean('precision'), recall: mean('recall'), density: mean('density'), coverage: mean('coverage'),
	};
}

/** A class with too few samples for balls. */
export type ShortClass = {readonly label: number; readonly set: 'real' | 'generated'; readonly count: number};

/** The classes of the generated samples that have k or fewer samples in one of the sets. */
export function shortClasses(real: LabelledFeatures, generated: LabelledFeatures, k: number): readonly ShortClass[] {
	const realByClass = samplesByClass(real);
	return [...samplesByClass(generated)].flatMap(([label, {length}]) => [
		{label, set: 'real' as const, count: realByClass.get(label)?.length ?? 0},
		{label, set: 'generated' as const, count: length},
	]).filter(({count}) => count <= k);
}

type Members = {readonly features: LabelledFeatures; readonly indices: readonly number[]};

function prdcOfClass(real: Members, generated: Members, {k, definition}: Required<PrdcOptions>): Prdc {
	const realRadii = squaredRadii(real, k);
	const generatedRadii = squaredRadii(generated, k);
	// One row per real, one column per generated sample.
	const distances = real.indices.map(a => generated.indices.map(b => squaredDistance(real.features, a, generated.features, b)));
	const columns = generated.indices.map((_, column) => distances.map(row => row[column]!));
	const balls = columns.map(column => countOf(column, (distance, index) => distance <= realRadii[index]!)).reduce((sum, count) => sum + count, 0);
	const isOfficial = definition === 'official';
	const isInside = (neighbours: readonly number[], radii: readonly number[]) => (isOfficial
		? isInNearest(neighbours, radii)
		: neighbours.some((distance, index) => distance <= radii[index]!));
	return {
		precision: share(columns, column => isInside(column, realRadii)),
		recall: share(distances, row => isInside(row, generatedRadii)),
		density: balls / (k * (isOfficial ? real : generated).indices.length),
		coverage: share(distances, (row, index) => row.some(distance => distance <= realRadii[index]!)),
	};
}

/** Whether a sample lies in the ball of the nearest one; of several equally near ones, the first counts. */
function isInNearest(distances: readonly number[], radii: readonly number[]): boolean {
	const nearest = Math.min(...distances);
	return nearest <= radii[distances.indexOf(nearest)]!;
}

/** Squared distance of each member to its k-th nearest other member. */
function squaredRadii({features, indices}: Members, k: number): number[] {
	// Index k, because the nearest is the sample itself.
	return indices.map(a => indices.map(b => squaredDistance(features, a, features, b)).toSorted((a, b) => a - b)[k]!);
}

function share<Item>(items: readonly Item[], holds: (item: Item, index: number) => boolean): number {
	return countOf(items, holds) / items.length;
}

function countOf<Item>(items: readonly Item[], holds: (item: Item, index: number) => boolean): number {
	return items.filter((item, index) => holds(item, index)).length;
}
