import {formatCell, signedText} from '../cell.ts';
import {
	agreementWithPaper, attackWords, effectsByVariant, type Effect,
} from '../effects.ts';
import {html, type Html} from '../html.ts';
import {swatch, type VariantLook} from '../variant-look.ts';
import {columnHeading, directionMark} from './result-table.ts';

/** What the summary needs besides the effects. */
export type SummaryOptions = {
	readonly looks: ReadonlyMap<string, VariantLook>;
	/** Name of the variant that the others are compared with. */
	readonly baseline: string;
};

/** One card per variant: how its attack accuracy moved, on how many metrics, and whether the paper found the same. */
export function summaryCards(effects: readonly Effect[], {looks, baseline}: SummaryOptions): Html {
	return html`<div class="cards">${effectsByVariant(effects).map(({variant, effects: own}) => {
		const {alpha, column, from, to, direction} = own[0]!;
		return html`
			<article class="card">
			<h3>${lookOf(looks, variant)}<bdi>${variant}</bdi> <span class="quiet">α = ${signedText(alpha)}</span></h3>
			<p class="headline ${direction}">${columnHeading({name: column.name, format: 'text'})} ${formatCell(from, column)} → <strong>${formatCell(to, column)}</strong> %${directionMark(direction, baseline)}</p>
			<p>${directionCounts(own)}.${paperCounts(own)}</p>
			</article>
		`;
	})}</div>`;
}

/** Every effect in full: change, direction, and the paper's directions beside it. */
export function effectTable(effects: readonly Effect[], {looks, baseline}: SummaryOptions): Html {
	const datasets = [...new Set(effects.flatMap(({paper}) => paper.map(({dataset}) => dataset)))];
	return html`
		<div class="scroll" tabindex="0" role="region" aria-label="Direction of every effect"><table class="effects">
		<caption><span>Direction of every effect, compared with <bdi>${baseline}</bdi></span></caption>
		<thead><tr><th scope="col" class="text">variant</th><th scope="col" class="text">metric</th><th scope="col">change</th><th scope="col" class="text">here</th>${datasets.map(dataset => html`<th scope="col" class="text">paper, ${dataset}</th>`)}<th scope="col" class="text">as in the paper</th></tr></thead>
		${effectsByVariant(effects).map(({variant, effects: own}) => html`<tbody>${own.map((effect, index) => html`
			<tr>${index === 0 && html`<th scope="rowgroup" rowspan="${own.length}">${lookOf(looks, variant)}<bdi>${variant}</bdi></th>`}<th scope="row">${columnHeading(effect.column)}</th>
			<td>${formatCell(effect.from, effect.column)} → ${formatCell(effect.to, effect.column)}</td>
			<td class="text ${effect.direction}">${directionMark(effect.direction, baseline)} ${effect.direction}</td>
			${datasets.map(dataset => html`<td class="text">${effect.paper.find(result => result.dataset === dataset)?.direction ?? '–'}</td>`)}
			<td class="text">${agreementWords[agreementWithPaper(effect)]}</td></tr>
		`)}</tbody>`)}
		</table></div>
	`;
}

const agreementWords = {
	all: 'yes', some: 'in part', none: 'no', unknown: '–',
} as const;

function lookOf(looks: ReadonlyMap<string, VariantLook>, variant: string): Html | undefined {
	const look = looks.get(variant);
	return look && swatch(look);
}

function directionCounts(effects: readonly Effect[]): string {
	const counts = (['stronger', 'weaker', 'unchanged'] as const)
		.map(direction => ({direction, count: effects.filter(effect => effect.direction === direction).length}))
		.filter(({count}) => count > 0)
		.map(({direction, count}) => `${attackWords(direction)} on ${count}`);
	const text = `${counts.join(', ')} of ${effects.length} metrics`;
	return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function paperCounts(effects: readonly Effect[]): string {
	const agreements = effects.map(effect => agreementWithPaper(effect));
	const count = (wanted: string) => agreements.filter(agreement => agreement === wanted).length;
	const counts = ([['all', 'same direction'], ['some', 'same on one data set only'], ['none', 'different']] as const)
		.filter(([agreement]) => count(agreement) > 0)
		.map(([agreement, words]) => `${words} on ${count(agreement)}`);
	return counts.length === 0 ? '' : ` Compared with the paper: ${counts.join(', ')}.`;
}
