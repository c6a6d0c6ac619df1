import {html, type Html} from './html.ts';

/** How the page shows a variant wherever it appears: by colour and, for readers who do not see it, by dashes. */
export type VariantLook = {
	/** CSS custom property that holds the colour in the current theme. */
	readonly colour: string;
	/** SVG dash pattern; absent for a solid line. */
	readonly dash?: string;
};

/** Colours of light and dark pages. Warm ones for more smoothing than the baseline, cool ones for less. */
export const palette = {
	base: ['#475569', '#cbd5e1'],
	warm1: ['#c2410c', '#fb923c'],
	warm2: ['#a16207', '#facc15'],
	warm3: ['#be185d', '#f472b6'],
	cool1: ['#1d4ed8', '#60a5fa'],
	cool2: ['#0e7490', '#22d3ee'],
	cool3: ['#6d28d9', '#a78bfa'],
} as const satisfies Record<string, readonly [light: string, dark: string]>;

const dashes = {warm: ['7 3', '7 3 2 3', '12 3'], cool: ['2 3', '2 3 7 3', '1 4']} as const;

/** A look for each variant, by name. Beyond three variants on one side of the baseline, colours come again with other dashes; more than nine repeat looks. */
export function variantLooks(
	variants: ReadonlyArray<{readonly name: string; readonly alpha: number}>,
	baseline: {readonly name: string; readonly alpha: number},
): ReadonlyMap<string, VariantLook> {
	const used = {warm: 0, cool: 0};
	return new Map(variants.map(({name, alpha}): [string, VariantLook] => {
		if (name === baseline.name) {
			return [name, {colour: 'var(--base)'}];
		}

		const family = alpha >= baseline.alpha ? 'warm' : 'cool';
		const count = dashes[family].length;
		const index = used[family] % count;
		const round = Math.floor(used[family] / count);
		used[family]++;
		return [name, {colour: `var(--${family}${index + 1})`, dash: dashes[family][(index + round) % count]!}];
	}));
}

/** A short piece of the variant's line, for legends and headings. */
export function swatch({colour, dash}: VariantLook): Html {
	return html`<svg class="swatch" width="26" height="8" aria-hidden="true"><line x1="1" y1="4" x2="25" y2="4" stroke="${colour}" stroke-width="2.5"${dash !== undefined && html` stroke-dasharray="${dash}"`}/></svg>`;
}
