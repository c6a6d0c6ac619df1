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

/**
 * Precision and recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020), each computed per class and averaged over
 * the classes of the generated samples. The ball of a sample reaches to its k-th nearest neighbour of its own set, border included, so
 * that equal sets have coverage 1 even where samples coincide.
 *
 * The attack's published code departs from those papers, and we do not follow it: it treats class 0 as "no class", looks for the nearest
 * real sample only, and divides the density by the number of real samples.
 *
 * @throws {RangeError} when a class has k or fewer samples in one of the sets, or the feature sizes differ.
 */
export function prdc(real: LabelledFeatures, generated: LabelledFeatures, {k = 3} = {}): Prdc {
	requireSameSize(real, generated);
	const realByClass = samplesByClass(real);
	const perClass = [...samplesByClass(generated)].map(([label, generatedIndices]) => {
		const realIndices = realByClass.get(label) ?? [];
		for (const [name, {length}] of [['real', realIndices], ['generated', generatedIndices]] as const) {
			if (length <= k) {
				throw new RangeError(`Expected more than ${k} ${name} samples of class ${label}, got ${length}`);
			}
		}

		return prdcOfClass({features: real, indices: realIndices}, {features: generated, indices: generatedIndices}, k);
	});
	const mean = (name: keyof Prdc) => perClass.reduce((sum, values) => sum + values[name], 0) / perClass.length;
	return {
		precision: mean('precision'), recall: mean('recall'), density: mean('density'), coverage: mean('coverage'),
	};
}

type Members = {readonly features: LabelledFeatures; readonly indices: readonly number[]};

function prdcOfClass(real: Members, generated: Members, k: number): Prdc {
	const realRadii = squaredRadii(real, k);
	const generatedRadii = squaredRadii(generated, k);
	// One row per real, one column per generated sample.
	const distances = real.indices.map(a => generated.indices.map(b => squaredDistance(real.features, a, generated.features, b)));
	const ballsAround = generated.indices.map((_, column) => countOf(distances, (row, index) => row[column]! <= realRadii[index]!));
	return {
		precision: share(ballsAround, balls => balls > 0),
		recall: share(distances, row => row.some((distance, column) => distance <= generatedRadii[column]!)),
		density: ballsAround.reduce((sum, balls) => sum + balls, 0) / (k * ballsAround.length),
		coverage: share(distances, (row, index) => row.some(distance => distance <= realRadii[index]!)),
	};
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
