import type {Place} from '../../artifacts/toy.ts';
import {html, type Html} from '../html.ts';

/** How a kind of point is drawn: a circle, or a polygon by its corners in units of the radius. */
export type Look = {
	readonly shape: 'circle' | readonly Place[];
	readonly fill: string;
	/** Pixels. */
	readonly radius: number;
	readonly strokeWidth: number;
};

/** What the plotting library draws where it has no symbol of its own; its types leave this open. */
type Polygon = {readonly draw: (context: Pen, size: number) => void};

type Pen = Readonly<Record<'moveTo' | 'lineTo', (x: number, y: number) => void>> & {readonly closePath: () => void};

/** Options of the plotting library's dots. */
export type DotOptions = {readonly symbol: 'circle' | Polygon; readonly r: number; readonly fill: string; readonly stroke: string; readonly strokeWidth: number};

/** Around every symbol and below the path, so that they stand out from all confidences. */
export const outline = '#0b1120';

/** Below which it is yellow. */
export const pathColour = '#ffe14d';

const square: readonly Place[] = [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]];

/** Looks of the classes, the first three as in the paper: green circles, blue squares, orange pentagons. Further classes repeat them. */
const classLooks: readonly Look[] = [
	{shape: 'circle', fill: '#1fa055', radius: 2.4, strokeWidth: 0.5},
	{shape: square, fill: '#2f7de1', radius: 2.4, strokeWidth: 0.5},
	{shape: corners(5), fill: '#f5872a', radius: 2.8, strokeWidth: 0.5},
];

/** Where the inverted point starts, and where it ends. */
export const startLook: Look = {shape: 'circle', fill: '#ffffff', radius: 4.5, strokeWidth: 1.5};
export const endLook: Look = {shape: corners(10, 0.42), fill: pathColour, radius: 7.5, strokeWidth: 1.25};

export function lookOfClass(label: number): Look {
	return classLooks[label % classLooks.length]!;
}

/** The look as options of the plotting library's dots. */
export function dotOptions({shape, fill, radius, strokeWidth}: Look): DotOptions {
	return {symbol: shape === 'circle' ? shape : polygon(shape), r: radius, fill, stroke: outline, strokeWidth};
}

/** The look as a picture beside a word. */
export function legendSymbol({shape, fill, radius, strokeWidth}: Look): Html {
	const scale = Math.max(radius, 4.5);
	const drawn = shape === 'circle'
		? html`<circle r="${scale}"/>`
		: html`<polygon points="${shape.map(place => place.map(coordinate => (coordinate * scale).toFixed(2)).join(',')).join(' ')}"/>`;
	return html`<svg class="swatch" width="16" height="16" viewBox="-8 -8 16 16" aria-hidden="true"><g fill="${fill}" stroke="${outline}" stroke-width="${strokeWidth}">${drawn}</g></svg>`;
}

/** Corners of a regular polygon, the first at the top. @param inner - radius of every second corner, for stars */
function corners(count: number, inner = 1): readonly Place[] {
	return Array.from({length: count}, (_, corner): Place => {
		const angle = (2 * Math.PI * corner / count) - (Math.PI / 2);
		const radius = corner % 2 === 0 ? 1 : inner;
		return [radius * Math.cos(angle), radius * Math.sin(angle)];
	});
}

function polygon(shape: readonly Place[]): Polygon {
	return {
		draw(context, size) {
			// The library says the area of a circle of the wanted radius.
			const radius = Math.sqrt(size / Math.PI);
			for (const [index, [x, y]] of shape.entries()) {
				context[index === 0 ? 'moveTo' : 'lineTo'](x * radius, y * radius);
			}

			context.closePath();
		},
	};
}
