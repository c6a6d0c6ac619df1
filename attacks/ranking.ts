import type {LatentPool, LatentSet} from '../artifacts/latents.ts';

/** A latent of a set, chosen for a target class. */
export type Choice = {
	readonly index: number;
	readonly targetClass: number;
	readonly score: number;
};

/** The `count` candidates of highest score, best first; of equal scores the earlier candidate first. */
export function best(candidates: readonly Choice[], count: number): readonly Choice[] {
	// Sorting is stable.
	return candidates.toSorted((a, b) => b.score - a.score).slice(0, count);
}

/** The chosen latents as a set, in the order of the choices. */
export function gather({latents, latentSize}: LatentPool, choices: readonly Choice[]): LatentSet {
	const gathered = new Float32Array(choices.length * latentSize);
	for (const [position, {index}] of choices.entries()) {
		gathered.set(latents.subarray(index * latentSize, (index + 1) * latentSize), position * latentSize);
	}

	return {
		latents: gathered,
		latentSize,
		targetClasses: Int32Array.from(choices, ({targetClass}) => targetClass),
		scores: Float32Array.from(choices, ({score}) => score),
	};
}

/** The latents of a set with new scores, by target class in ascending order. */
export function choicesByClass(targetClasses: Int32Array, scores: Float32Array): ReadonlyMap<number, readonly Choice[]> {
	const classes = new Map([...new Set(targetClasses)].toSorted((a, b) => a - b).map(targetClass => [targetClass, [] as Choice[]]));
	for (const [index, targetClass] of targetClasses.entries()) {
		classes.get(targetClass)!.push({index, targetClass, score: scores[index]!});
	}

	return classes;
}
