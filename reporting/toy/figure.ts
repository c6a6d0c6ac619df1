import * as plot from '@observablehq/plot';
import type {Place, ToyInversion, ToyPoints} from '../../artifacts/toy.ts';
import {draw} from '../drawing.ts';
import {html, type Html} from '../html.ts';
import {dotOptions, endLook, legendSymbol, lookOfClass, outline, pathColour, startLook} from './symbols.ts';

/** What the panel of one network shows. */
export type ToyPanel = {
	/** What it shows, for readers who do not see it. */
	readonly label: string;
	readonly points: ToyPoints;
	readonly inversion: ToyInversion;
	/** Largest probability, row-major [resolution, resolution], from the lower left corner. */
	readonly confidence: Float64Array;
};

/** What all panels have in common. */
export type ToyAxes = {
	/** Largest absolute coordinate. */
	readonly extent: number;
	/** Steps in which the confidence from 0 to 1 is shown. */
	readonly levels: number;
};

/** From the least confidence that three classes allow to the highest. */
const confidenceDomain = [1 / 3, 1] as const;
const confidenceRange = ['#eef1f6', '#4d5a73'];

const panelSize = {width: 372, height: 372, marginLeft: 34, marginRight: 8, marginTop: 8, marginBottom: 30};
const rampWidth = 112;

/** Steps of a path that are closer than this share of the axis are drawn as one. */
const closest = 1 / 600;

/**
 * Confidence in steps, training points, and the path of the inverted point with its start, its end and, dotted, the way to the nearest training point
 * of the target class (paper Fig. 1). What lies outside the axes is not drawn. Colours are the same on light and dark pages, as in a picture.
 */
export function toyPanel({label, points, inversion: {path, nearest}, confidence}: ToyPanel, {extent, levels}: ToyAxes): Html {
	const axis = {domain: [-extent, extent], ticks: 5, label: null};
	const isInside = (place: Place) => place.every(coordinate => Math.abs(coordinate) <= extent);
	const inside = (...places: readonly Place[]) => places.filter(place => isInside(place));
	const [start, end] = [path[0]!, path.at(-1)!];
	// Gaps where the path leaves the axes.
	const line = thinned(path, 2 * extent * closest).map(place => (isInside(place) ? place : [Number.NaN, Number.NaN]));
	const distance = inside(end, nearest);
	const {width, height, ...margins} = panelSize;
	return draw({label, width, height}, {
		...margins,
		x: axis,
		y: axis,
		color: {type: 'identity'},
		marks: [
			...confidenceMarks(confidence, {extent, levels}),
			...classesOf(points).map(({label, places}) => plot.dot(inside(...places), dotOptions(lookOfClass(label)))),
			plot.line(line, {stroke: outline, strokeWidth: 4.5, strokeLinecap: 'round'}),
			plot.line(line, {stroke: pathColour, strokeWidth: 2.25, strokeLinecap: 'round'}),
			...(distance.length === 2 ? [plot.line(distance, {stroke: outline, strokeWidth: 1.5, strokeDasharray: '1.5 2.5'})] : []),
			plot.dot(inside(start), dotOptions(startLook)),
			plot.dot(inside(end), dotOptions(endLook)),
		],
	});
}

/** What the marks of the panels mean. */
export function toyLegend(numClasses: number, {targetClass, levels}: Pick<ToyAxes, 'levels'> & {readonly targetClass: number}): Html {
	const line = (stroke: Html) => html`<svg class="swatch" width="26" height="16" viewBox="0 0 26 16" aria-hidden="true">${stroke}</svg>`;
	return html`
		<ul class="legend">
		${Array.from({length: numClasses}, (_, label) => html`<li>${legendSymbol(lookOfClass(label))}class ${label}${label === targetClass && ' (target)'}</li>`)}
		<li>${legendSymbol(startLook)}start</li>
		<li>${line(html`<path d="M3,8H23" stroke="${outline}" stroke-width="5" stroke-linecap="round"/><path d="M3,8H23" stroke="${pathColour}" stroke-width="2.5" stroke-linecap="round"/>`)}path of the inverted point</li>
		<li>${legendSymbol(endLook)}end</li>
		<li>${line(html`<path d="M3,8H23" stroke="currentColor" stroke-width="1.5" stroke-dasharray="1.5 2.5"/>`)}to the nearest training point of the target class</li>
		<li>${confidenceRamp(levels)}confidence from 1/3 to 1</li>
		</ul>
	`;
}

function confidenceMarks(confidence: Float64Array, {extent, levels}: ToyAxes): plot.Markish[] {
	const colourOf = confidenceColours();
	const resolution = Math.sqrt(confidence.length);
	const frame = {x1: -extent, y1: -extent, x2: extent, y2: extent};
	return [
		plot.rect([frame], {x1: 'x1', y1: 'y1', x2: 'x2', y2: 'y2', fill: colourOf(0)}),
		plot.contour(confidence, {
			...frame,
			width: resolution,
			height: resolution,
			interpolate: 'none',
			value: (value: number) => value,
			thresholds: thresholdsOf(levels),
			fill: ({value}: {readonly value: number}) => colourOf(value),
			stroke: 'none',
		}),
	];
}

function confidenceRamp(levels: number): Html {
	const colourOf = confidenceColours();
	const [least, most] = confidenceDomain;
	const place = (value: number) => (rampWidth * (value - least) / (most - least)).toFixed(2);
	const steps = [0, ...thresholdsOf(levels)].filter(from => from + (1 / levels) > least)
		.map(from => html`<path d="M${place(Math.max(least, from))},2V14H${place(from + (1 / levels))}V2Z" fill="${colourOf(from)}"/>`);
	return html`<svg class="swatch" width="${rampWidth}" height="16" viewBox="0 0 ${rampWidth} 16" shape-rendering="crispEdges" aria-hidden="true">${steps}</svg>`;
}

function thresholdsOf(levels: number): number[] {
	return Array.from({length: levels - 1}, (_, level) => (level + 1) / levels);
}

/** Colours of confidences, by the lower end of their step. */
function confidenceColours(): (confidence: number) => string {
	const scale = plot.scale({color: {type: 'linear', domain: confidenceDomain, range: confidenceRange, clamp: true}});
	return confidence => String(scale?.apply(confidence));
}

function classesOf({points, labels}: ToyPoints): ReadonlyArray<{readonly label: number; readonly places: readonly Place[]}> {
	const all = Array.from(labels, (label, index) => ({label, place: [points[2 * index]!, points[(2 * index) + 1]!] as const}));
	return [...new Set(labels)].toSorted((a, b) => a - b)
		.map(label => ({label, places: all.filter(point => point.label === label).map(({place}) => place)}));
}

/** The first and the last place, and of those between them what is not too close to the one before. */
function thinned(path: readonly Place[], least: number): readonly Place[] {
	const kept: Place[] = [];
	for (const [index, place] of path.entries()) {
		const last = kept.at(-1);
		if (last === undefined || index === path.length - 1 || Math.hypot(place[0] - last[0], place[1] - last[1]) >= least) {
			kept.push(place);
		}
	}

	return kept;
}
