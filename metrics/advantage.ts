/** Whether a larger number means that the attack extracted more (accuracies) or less (distances, FID). */
export type StrongerAttack = 'higher' | 'lower';

/**
 * What a training choice gives the attacker relative to the hard-label model: (m − m₀)/m₀, with the sign turned for metrics where lower means
 * a stronger attack. Above 0 the attacker gains (Struppek et al. 2024, Fig. 2; the formula is not stated there, this is our reading).
 *
 * @returns undefined when the baseline is 0 and a relative change has no meaning.
 */
export function relativeAdvantage(value: number, baseline: number, strongerAttack: StrongerAttack): number | undefined {
	return baseline === 0 ? undefined : absoluteAdvantage(value, baseline, strongerAttack) / baseline;
}

/** The same as a plain difference, in the metric's own unit. */
export function absoluteAdvantage(value: number, baseline: number, strongerAttack: StrongerAttack): number {
	return strongerAttack === 'higher' ? value - baseline : baseline - value;
}

/** Whether an advantage is a share of the baseline or a difference. */
export type AdvantageKind = 'relative' | 'absolute';

/** An advantage of either kind; undefined when it is relative to 0. */
export function advantageOf(kind: AdvantageKind, {value, baseline}: {readonly value: number; readonly baseline: number}, strongerAttack: StrongerAttack): number | undefined {
	return kind === 'relative' ? relativeAdvantage(value, baseline, strongerAttack) : absoluteAdvantage(value, baseline, strongerAttack);
}
