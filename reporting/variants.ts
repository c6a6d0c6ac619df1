import {Type} from '@sinclair/typebox';
import type {AttackMetrics} from '../artifacts/records.ts';
import {UserError} from '../engine/error.ts';
import type {VariantResult} from './comparison.ts';

/** The variants a comparison looks at: names and smoothing factors; the pipeline fills it in. */
export const comparedVariants = Type.Array(Type.Object({name: Type.String(), alpha: Type.Number()}));

/** Variants with their numbers. */
export function variantResults(variants: ReadonlyArray<{readonly name: string; readonly alpha: number}>, metrics: Readonly<Record<string, AttackMetrics>>): VariantResult[] {
	return variants.map(({name, alpha}) => ({name, alpha, metrics: metrics[name]!}));
}

/** Says what only the comparison would find out, after everything else. @throws {UserError} when no variant has the baseline's name. */
export function checkBaseline(variants: ReadonlyArray<{readonly name: string}>, baseline: string): void {
	if (variants.every(({name}) => name !== baseline)) {
		throw new UserError('unknown-baseline', `"comparison.baseline" is "${baseline}", which is no variant`, {
			hint: `Set it to one of the variants: ${variants.map(({name}) => name).join(', ')}.`,
		});
	}
}
