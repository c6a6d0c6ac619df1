import type {ToyInversion, ToyResult} from '../../artifacts/toy.ts';
import {canonicalJson} from '../../engine/canonical-json.ts';
import paper from './paper.json' with {type: 'json'};

/** The params that decide the numbers, by section and name. */
export type ToySettings = Readonly<Record<'data' | 'training' | 'inversion', object>>;

/** What the attack on one network gave. */
export type ToyOutcome = ToyInversion & Pick<ToyResult, 'alpha' | 'trainingLoss'>;

/** Outcomes beside what the paper prints for them in Fig. 1, where the params are the paper's. */
export function besidePaper(outcomes: readonly ToyOutcome[], settings: ToySettings): readonly ToyResult[] {
	const isComparable = departures(settings).length === 0;
	return outcomes.map(outcome => {
		const row = isComparable ? paper.rows.find(({alpha}) => alpha === outcome.alpha) : undefined;
		return row
			? {...outcome, paper: {steps: row.steps, distance: row.distance}, agrees: isSame(outcome, row)}
			: {...outcome, paper: null, agrees: null};
	});
}

/** The params that are not the paper's, such as `inversion.start`. */
export function departures(settings: ToySettings): readonly string[] {
	return Object.entries(paper.settings).flatMap(([section, numbers]) => Object.entries(numbers)
		.filter(([name, value]) => canonicalJson(settings[section as keyof ToySettings][name as never]) !== canonicalJson(value))
		.map(([name]) => `${section}.${name}`));
}

/** Half of the last digit of the paper's distances, and what the float32 arithmetic of the authors' code may add: it moves these distances by less than 0.0001. */
const tolerance = 0.005 + 0.0001;

function isSame({steps, distance}: ToyInversion, row: (typeof paper.rows)[number]): boolean {
	return steps === row.steps && (row.distance === null || Math.abs(distance - row.distance) <= tolerance);
}
