import * as plot from '@observablehq/plot';
import type {Projection, ScaledDistances} from '../../artifacts/analyses.ts';
import {kernelDensity} from '../../metrics/density.ts';
import {signedText} from '../cell.ts';
import {draw} from '../drawing.ts';
import {html, type Html} from '../html.ts';
import {swatch} from '../variant-look.ts';
import type {Compared} from './compared.ts';

const scatterSize = {width: 340, height: 340};

/** One picture per variant: its samples in the plane, a colour and a shape per class. */
export function projectionFigures(variants: ReadonlyArray<Compared<Projection>>): Html {
	return html`<div class="figures">${variants.map(({name, alpha, look, value}) => html`
		<figure><figcaption>${swatch(look)}<bdi>${name}</bdi> <span class="quiet">α = ${signedText(alpha)}, divergence ${value.divergence.toFixed(2)}</span></figcaption>${scatter(name, value)}</figure>
	`)}</div>`;
}

function scatter(name: string, {x, y, labels}: Projection): Html {
	const classes = [...new Set(labels)].toSorted((a, b) => a - b);
	const rank = new Map(classes.map((label, index) => [label, index]));
	const points = labels.map((label, index) => ({x: x[index], y: y[index], rank: rank.get(label)!}));
	return draw({label: `t-SNE of the penultimate activations of ${name}: ${labels.length} training images of ${classes.length} people`, ...scatterSize}, {
		margin: 8,
		x: {axis: null, ...squareDomain(x, y).x},
		y: {axis: null, ...squareDomain(x, y).y},
		symbol: {type: 'identity'},
		marks: [
			plot.frame({stroke: 'currentColor', strokeOpacity: 0.25}),
			plot.dot(points, {
				x: 'x', y: 'y', r: 2.6, fill: ({rank: index}: {rank: number}) => hueOf(index), fillOpacity: 0.85,
				symbol: ({rank: index}: {rank: number}) => symbols[index % symbols.length],
			}),
		],
	});
}

const symbols = ['circle', 'square', 'triangle', 'diamond', 'star'];

/** Hues a golden angle apart, so that neighbours in the order of classes differ most, in a lightness that light and dark pages both show. */
function hueOf(index: number): string {
	return `hsl(${((index * 137.508) % 360).toFixed(0)} 62% 52%)`;
}

/** Equal units on both axes, with all points inside. */
function squareDomain(x: readonly number[], y: readonly number[]): {readonly x: {domain: [number, number]}; readonly y: {domain: [number, number]}} {
	const rangeOf = (values: readonly number[]) => {
		const ordered = values.toSorted((a, b) => a - b);
		return [ordered[0]!, ordered.at(-1)!] as const;
	};

	const [left, right] = rangeOf(x);
	const [bottom, top] = rangeOf(y);
	const half = 0.53 * Math.max(right - left, top - bottom, Number.MIN_VALUE);
	const around = (middle: number): {domain: [number, number]} => ({domain: [middle - half, middle + half]});
	return {x: around((left + right) / 2), y: around((bottom + top) / 2)};
}

/** Room for the two violins of a variant, and its name below; few variants get more. */
const variantWidth = 120;

const violinSize = {width: 760, height: 314};

/** Half the width of the widest violin, where the axis has a place per violin. */
const violinHalf = 0.44;

/**
 * Distances inside classes and between them, two violins per variant: the left half shows averages, the right half nearest neighbours (paper Fig. 5).
 * Every half has the same greatest width; a line marks its mean.
 */
export function violinFigure(variants: ReadonlyArray<Compared<ScaledDistances>>): Html {
	const violins = variants.flatMap(({look, value}) => [
		{look, left: value.meanIntra, right: value.nearestIntra, name: 'intra'},
		{look, left: value.meanInter, right: value.nearestInter, name: 'inter'},
	]);
	// A gap between variants, none inside.
	const place = (index: number) => index + (0.5 * Math.floor(index / 2));
	const last = place(violins.length - 1);
	const label = `Split violins of maximum-scaled distances inside and between classes for ${variants.map(({name}) => name).join(', ')}; left halves averages, right halves nearest neighbours`;
	return draw({label, ...violinSize, width: Math.max(violinSize.width, variantWidth * variants.length)}, {
		marginLeft: 44, marginBottom: 58, marginTop: 10, marginRight: 10,
		x: {domain: [-0.6, last + 0.6], axis: null},
		y: {domain: [0, 1], grid: true, ticks: 5, label: null, tickFormat: String},
		marks: [
			...violins.flatMap(({look, left, right}, index) => [
				...halfViolin(left, {at: place(index), side: -1, colour: look.colour, opacity: 0.75}),
				...halfViolin(right, {at: place(index), side: 1, colour: look.colour, opacity: 0.35}),
			]),
			plot.ruleY([0], {stroke: 'currentColor', strokeOpacity: 0.5}),
			plot.text(violins.map(({name}, index) => ({x: place(index), name})), {x: 'x', text: 'name', frameAnchor: 'bottom', dy: 16}),
			plot.text(variants.map(({name, alpha}, index) => ({x: place(2 * index) + 0.5, name: `${name}\nα = ${signedText(alpha)}`})), {x: 'x', text: 'name', frameAnchor: 'bottom', lineAnchor: 'top', dy: 28, fontWeight: 600}),
		],
	});
}

type HalfOptions = {readonly at: number; readonly side: 1 | -1; readonly colour: string; readonly opacity: number};

function halfViolin(values: readonly number[], {at, side, colour, opacity}: HalfOptions): plot.Markish[] {
	const {at: places, density} = kernelDensity(values);
	const widest = density.toSorted((a, b) => b - a)[0]!;
	const outline = places.map((y, index) => ({y, x: at + (side * violinHalf * density[index]! / widest)}));
	const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
	return [
		plot.areaX(outline, {y: 'y', x1: at, x2: 'x', fill: colour, fillOpacity: opacity}),
		plot.lineX(outline, {y: 'y', x: 'x', stroke: colour, strokeWidth: 1}),
		plot.link([{x1: at, x2: at + (side * violinHalf * 0.75)}], {x1: 'x1', x2: 'x2', y1: mean, y2: mean, stroke: 'currentColor', strokeWidth: 2}),
	];
}
