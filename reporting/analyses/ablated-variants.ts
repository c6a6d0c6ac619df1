import {UserError} from '../../engine/error.ts';

/** A variant by what it changes: key path → value, as in the params file. */
type Patched = {readonly patch: Readonly<Record<string, unknown>>};

/**
 * The variants that belong together in tables of stage ablations: those in which a stage of the attack looks at a model of its own, and those that differ from them
 * in smoothing factors and selection alone.
 */
export function ablatedVariants<Variant extends Patched>(variants: readonly Variant[]): readonly Variant[] {
	const ablated = new Set(variants.filter(({patch}) => Object.keys(patch).some(path => stageModel.test(path))).map(variant => otherParams(variant)));
	return variants.filter(variant => ablated.has(otherParams(variant)));
}

/** Key paths of the model that a stage of the attack looks at. */
const stageModel = /^(?:sampling|optimization|selection)\.target(?:\.|$)/;

/** Key paths of what else the runs of one table may differ in. */
const comparedPaths = new Set(['target.alpha', 'selection.keepPerClass']);

/** What a variant changes besides; equal texts for equal changes. */
function otherParams({patch}: Patched): string {
	return Object.entries(patch).filter(([path]) => !stageModel.test(path) && !comparedPaths.has(path))
		.map(([path, value]) => `${path} = ${JSON.stringify(value)}`).toSorted((a, b) => (a < b ? -1 : 1)).join(', ');
}

/** @throws {UserError} when variants of one table differ in more than they may */
export function checkOtherParams(variants: readonly Patched[]): void {
	const found = [...new Set(variants.map(variant => otherParams(variant)))];
	if (found.length > 1) {
		throw new UserError('mixed-ablations', 'Variants whose attack stages look at other models must share all other params', {
			facts: {expected: found[0] === '' ? 'no other change' : found[0]!, got: found.slice(1).map(text => (text === '' ? 'no other change' : text)).join('; ')},
			hint: 'Change them for all of these variants, or give the others a params file of their own.',
		});
	}
}
