import * as plot from '@observablehq/plot';
import {parseHTML} from 'linkedom';
import {html, raw, type Html} from './html.ts';

/** What is used of a browser's document. The project is not compiled against a browser's types, so the libraries' own do not resolve. */
type DrawnSvg = {
	readonly innerHTML: string;
	readonly querySelector: (selector: string) => {readonly remove: () => void} | null;
};

/** Size of a drawing in CSS pixels, and what it shows, for readers who do not see it. */
export type DrawingFrame = {readonly label: string; readonly width: number; readonly height: number};

/**
 * Draws what the plotting library is told, without a browser and with equal markup for equal data.
 * @returns markup without scripts, styles, identifiers or addresses
 */
export function draw({label, width, height}: DrawingFrame, options: object): Html {
	const {document} = parseHTML('<!doctype html><html><body></body></html>') as unknown as {readonly document: object};
	const svg = plot.plot({...options, width, height, document}) as unknown as DrawnSvg;
	// The page's own style sheet does what this one would, once for all figures.
	svg.querySelector('style')?.remove();
	// The library's document does not escape `<` in attributes, so the words are set here.
	return html`<svg class="figure" role="img" aria-label="${label}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" text-anchor="middle" fill="currentColor">${raw(svg.innerHTML)}</svg>`;
}
