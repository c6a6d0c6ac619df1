import {Type, type Static} from '@sinclair/typebox';
import type {AttackMetrics} from '../artifacts/records.ts';
import {UserError} from '../engine/error.ts';
import type {VariantResult} from './comparison.ts';

/** The variants a comparison looks at: names and smoothing factors; the pipeline fills it in. */
export const comparedVariants = Type.Array(Type.Object({name: Type.String(), alpha: Type.Number()}));

/** Variants with their numbers. */
export function variantResults(variants: ReadonlyArray<{readonly name: string; readonly alpha: number}>, metrics: Readonly<Record<string, AttackMetrics>>): VariantResult[] {
	return variants.map(({name, alpha}) => ({name, alpha, metrics: metrics[name]!}));
}

/** Which variants are compared. */
export const chosenVariants = Type.Object({
	variants: Type.Optional(Type.Array(Type.String(), {minItems: 1, description: 'Names of the variants that are compared and analysed; all when absent.'})),
});

/**
 * The variants that are compared. Says what only the comparison would find out, after everything else.
 * @throws {UserError} when a name is that of no variant, or the baseline is not among them
 */
export function chooseVariants<Variant extends {readonly name: string}>(all: readonly Variant[], {baseline, variants = all.map(({name}) => name)}: Static<typeof chosenVariants> & {readonly baseline: string}): readonly Variant[] {
	const known = all.map(({name}) => name);
	const unknown = variants.find(name => !known.includes(name));
	if (unknown !== undefined) {
		throw new UserError('unknown-variant', `"comparison.variants" names "${unknown}", which is no variant`, {hint: `The variants are ${known.join(', ')}.`});
	}

	if (!variants.includes(baseline)) {
		throw new UserError('unknown-baseline', `"comparison.baseline" is "${baseline}", which is ${known.includes(baseline) ? 'not among "comparison.variants"' : 'no variant'}`, {
			hint: `Set it to one of the variants: ${variants.join(', ')}.`,
		});
	}

	return all.filter(({name}) => variants.includes(name));
}
