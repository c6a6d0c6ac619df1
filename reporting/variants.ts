import {Type} from '@sinclair/typebox';
import type {AttackMetrics} from '../artifacts/records.ts';
import type {VariantResult} from './comparison.ts';

/** The variants a comparison looks at: names and smoothing factors; the pipeline fills it in. */
export const comparedVariants = Type.Array(Type.Object({name: Type.String(), alpha: Type.Number()}));

/** Variants with their numbers. */
export function variantResults(variants: ReadonlyArray<{readonly name: string; readonly alpha: number}>, metrics: Readonly<Record<string, AttackMetrics>>): VariantResult[] {
	return variants.map(({name, alpha}) => ({name, alpha, metrics: metrics[name]!}));
}
