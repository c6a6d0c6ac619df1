import {UserError} from '../engine/error.ts';
import type {AttackMetrics} from '../artifacts/records.ts';
import type {Table} from '../artifacts/table.ts';
import {checkTable, signedText} from './cell.ts';
import {metricColumns, tableColumn} from './metric-columns.ts';

/** A variant of the experiment with what its attack extracted. */
export type VariantResult = {
	readonly name: string;
	/** Label smoothing factor of the target model. */
	readonly alpha: number;
	readonly metrics: AttackMetrics;
};

/** What variants are compared with. */
export type ComparisonOptions = {
	/** Name of the variant that the others are compared with, usually the one without smoothing. */
	readonly baseline: string;
};

/**
 * The paper's Table 2 for our variants: one row each, from the largest smoothing factor to the smallest. Accuracies and ξ are fractions.
 * @throws {UserError} when no variant has the baseline's name.
 * @throws {RangeError} when two variants share a name or a number is not finite.
 */
export function compareVariants(variants: readonly VariantResult[], {baseline}: ComparisonOptions): Table {
	const ordered = byDecreasingAlpha(variants);
	const {name, alpha} = findBaseline(ordered, baseline);
	const table: Table = {
		title: 'Attack on the variants',
		columns: [{name: 'variant', format: 'text'}, {name: 'α', format: 'number'}, ...metricColumns.map(column => tableColumn(column))],
		rows: ordered.map(variant => [variant.name, variant.alpha, ...metricColumns.map(({metric}) => variant.metrics[metric])]),
		notes: [
			`Compared with "${name}" (α = ${signedText(alpha)}).`,
			'The attack is stronger when Acc@1, Acc@5 and ξ are higher, and when δ and FID are lower. Test Acc and ECE describe the target model.',
		],
	};
	checkTable(table);
	return table;
}

/**
 * The variants from the largest smoothing factor to the smallest; equal factors keep their order.
 * @throws {RangeError} when two variants share a name or a factor is not finite.
 */
export function byDecreasingAlpha<Variant extends {readonly name: string; readonly alpha: number}>(variants: readonly Variant[]): Variant[] {
	const names = new Set<string>();
	for (const {name, alpha} of variants) {
		if (names.has(name)) {
			throw new RangeError(`Expected variants of different names, got "${name}" twice`);
		}

		if (!Number.isFinite(alpha)) {
			throw new RangeError(`Variant "${name}": expected a finite smoothing factor, got ${alpha}`);
		}

		names.add(name);
	}

	return variants.toSorted((a, b) => b.alpha - a.alpha);
}

/** @throws {UserError} when no variant has the name. */
export function findBaseline<Variant extends {readonly name: string}>(variants: readonly Variant[], baseline: string): Variant {
	const found = variants.find(({name}) => name === baseline);
	if (!found) {
		throw new UserError('unknown-baseline', `There is no variant "${baseline}" to compare with`, {
			facts: {variants: variants.map(({name}) => name).join(', ') || 'none'},
			hint: 'Name one of the variants as the baseline.',
		});
	}

	return found;
}
