import {Type, type Static} from '@sinclair/typebox';
import {byDecreasingAlpha, findBaseline} from '../comparison.ts';
import type {Provenance} from '../report.ts';
import {variantLooks, type VariantLook} from '../variant-look.ts';
import {comparedVariants} from '../variants.ts';

/** What every page of an analysis gets from the pipeline. */
export const pageParams = {
	baseline: Type.String({description: 'Name of the variant the others are compared with.'}),
	variants: comparedVariants,
	seed: Type.Integer(),
	params: Type.Unknown(),
};

export type PageParams = Static<ReturnType<typeof Type.Object<typeof pageParams>>>;

/** A variant with what was measured of its target model. */
export type Compared<Value> = {readonly name: string; readonly alpha: number; readonly look: VariantLook; readonly value: Value};

/**
 * The variants from the largest smoothing factor to the smallest, with their results and looks.
 * @throws {UserError} when no variant has the baseline's name.
 */
export function comparedBy<Value>({variants, baseline}: Pick<PageParams, 'variants' | 'baseline'>, values: Readonly<Record<string, Value>>): ReadonlyArray<Compared<Value>> {
	const ordered = byDecreasingAlpha(variants);
	const looks = variantLooks(ordered, findBaseline(ordered, baseline));
	return ordered.map(({name, alpha}) => ({name, alpha, look: looks.get(name)!, value: values[name]!}));
}

/** Where the numbers of the page of an analysis come from. */
export function provenanceOf({seed, params}: Pick<PageParams, 'seed' | 'params'>, backend: Readonly<Record<string, string>>, digests: Readonly<Record<string, string | Readonly<Record<string, string>>>>): Provenance {
	return {
		seed,
		params,
		backend: [...new Set(Object.values(backend))].join(', '),
		inputs: Object.entries(digests).filter(([artifact]) => artifact !== 'backend')
			.flatMap(([artifact, byVariant]) => Object.entries(byVariant).map(([variant, digest]) => ({variant, artifact, digest: String(digest)}))),
	};
}
