import {formatCell, headerOf, signedText} from './cell.ts';
import {
	byDecreasingAlpha, findBaseline, type ComparisonOptions, type VariantResult,
} from './comparison.ts';
import {attackColumns, type AttackMetricColumn} from './metric-columns.ts';
import {paperAlpha, paperDatasets, paperValue} from './paper.ts';

/** Whether the attack extracts more than from the baseline. */
export type Direction = 'stronger' | 'weaker' | 'unchanged';

/** How a change of the experiment changes one metric of the attack. */
export type MetricEffect = {
	readonly column: AttackMetricColumn;
	readonly from: number;
	readonly to: number;
	readonly direction: Direction;
	/** The directions that the paper reports for changes of the same kind, with the data set of each; empty when it has no such comparison. */
	readonly paper: ReadonlyArray<{readonly dataset: string; readonly direction: Direction}>;
};

/** How a variant changes one metric of the attack. The paper's direction is that for a factor of the same sign, one per data set; none for a baseline with smoothing, or a variant without. */
export type Effect = MetricEffect & {readonly variant: string; readonly alpha: number};

/**
 * Every metric of the attack for every variant but the baseline, from the largest smoothing factor to the smallest.
 * @throws {UserError} when no variant has the baseline's name.
 * @throws {RangeError} when two variants share a name or a number is not finite.
 */
export function attackEffects(variants: readonly VariantResult[], {baseline}: ComparisonOptions): Effect[] {
	const ordered = byDecreasingAlpha(variants);
	const base = findBaseline(ordered, baseline);
	return ordered.filter(({name}) => name !== baseline).flatMap(({name, alpha, metrics}) => attackColumns.map(column => {
		const from = finite(base.metrics[column.metric], base.name, column);
		const to = finite(metrics[column.metric], name, column);
		return {
			variant: name, alpha, column, from, to,
			direction: directionOf(from, to, column),
			paper: base.alpha === 0 && alpha !== 0 ? paperDirections(alpha, column) : [],
		};
	}));
}

/** What `attackEffects` found, one line per effect, such as `positive (α = 0.1): Acc@1 81.8 → 86.7 %, attack stronger, as in the paper`. */
export function effectSummary(effects: readonly Effect[]): string[] {
	return effects.map(effect => {
		const {variant, alpha, column, from, to, direction} = effect;
		const change = `${formatCell(from, column)} → ${formatCell(to, column)}${column.format === 'percent' ? ' %' : ''}`;
		return `${variant} (α = ${signedText(alpha)}): ${column.name} ${change}, ${attackWords(direction)}${agreementClause(effect)}`;
	});
}

/** One line per variant, such as `positive (α = 0.1): the attack is stronger by 7 of 8 metrics; 6 of them as in the paper`. */
export function effectCounts(effects: readonly Effect[]): string[] {
	return effectsByVariant(effects).map(({variant, effects: own}) => {
		const stronger = own.filter(({direction}) => direction === 'stronger').length;
		const weaker = own.filter(({direction}) => direction === 'weaker').length;
		const [word, count] = stronger >= weaker ? ['stronger', stronger] : ['weaker', weaker];
		const comparable = own.filter(effect => agreementWithPaper(effect) !== 'unknown');
		const agreeing = comparable.filter(effect => agreementWithPaper(effect) !== 'none').length;
		const paper = comparable.length > 0 ? `; ${agreeing} of ${comparable.length} directions as in the paper` : '';
		return `${variant} (α = ${signedText(own[0]!.alpha)}): the attack is ${word} by ${count} of ${own.length} metrics${paper}.`;
	});
}

/** The effects of each variant, in the order of their first one. */
export function effectsByVariant(effects: readonly Effect[]): ReadonlyArray<{readonly variant: string; readonly effects: readonly Effect[]}> {
	return [...new Set(effects.map(({variant}) => variant))].map(variant => ({variant, effects: effects.filter(effect => effect.variant === variant)}));
}

/** How an effect compares with the paper: with all, some or none of its data sets; `unknown` when it has no such comparison. */
export function agreementWithPaper({direction, paper}: Pick<MetricEffect, 'direction' | 'paper'>): 'all' | 'some' | 'none' | 'unknown' {
	const agreeing = paper.filter(result => result.direction === direction).length;
	if (paper.length === 0) {
		return 'unknown';
	}

	if (agreeing === 0) {
		return 'none';
	}

	return agreeing === paper.length ? 'all' : 'some';
}

/** How many effects of those that the paper has too go where it says for one data set at least, such as `6 of 7`; a dash when it has none of them. */
export function agreementCount(effects: ReadonlyArray<Pick<MetricEffect, 'direction' | 'paper'>>): string {
	const agreements = effects.map(effect => agreementWithPaper(effect)).filter(agreement => agreement !== 'unknown');
	return agreements.length === 0 ? '–' : `${agreements.filter(agreement => agreement !== 'none').length} of ${agreements.length}`;
}

/** The direction in words. */
export function attackWords(direction: Direction): string {
	return direction === 'unchanged' ? 'unchanged' : `attack ${direction}`;
}

/** Where a change of a metric moves the attack. */
export function directionOf(from: number, to: number, {strongerAttack}: Pick<AttackMetricColumn, 'strongerAttack'>): Direction {
	if (from === to) {
		return 'unchanged';
	}

	return (to > from) === (strongerAttack === 'higher') ? 'stronger' : 'weaker';
}

function paperDirections(alpha: number, column: AttackMetricColumn): Effect['paper'] {
	return paperDatasets.flatMap(dataset => {
		const from = paperValue(dataset, 0, column);
		const to = paperValue(dataset, paperAlpha(alpha), column);
		return from === undefined || to === undefined ? [] : [{dataset, direction: directionOf(from, to, column)}];
	});
}

function agreementClause(effect: Effect): string {
	const [agreeing, others] = [true, false].map(wanted =>
		effect.paper.filter(({direction}) => (direction === effect.direction) === wanted).map(({dataset}) => dataset).join(' and '));
	switch (agreementWithPaper(effect)) {
		case 'all': {
			return ', as in the paper';
		}

		case 'some': {
			return `, as in the paper on ${agreeing}, unlike on ${others}`;
		}

		case 'none': {
			return ', unlike in the paper';
		}

		case 'unknown': {
			return '';
		}
	}
}

function finite(value: number, variant: string, column: AttackMetricColumn): number {
	if (!Number.isFinite(value)) {
		throw new RangeError(`Variant "${variant}", ${headerOf(column)}: expected a finite number, got ${value}`);
	}

	return value;
}
