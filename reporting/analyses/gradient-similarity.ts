import * as plot from '@observablehq/plot';
import {lateSteps, meanSimilarity, meanSimilarityWithZeros, zeroShare, type AttackLoss, type GradientSimilarity, type SimilarityCurve} from '../../artifacts/analyses.ts';
import type {Cell, Table} from '../../artifacts/table.ts';
import {spreadOf} from '../../metrics/spread.ts';
import {signedText} from '../cell.ts';
import {htmlDocument, section} from '../document.ts';
import {draw} from '../drawing.ts';
import {html, type Html} from '../html.ts';
import {paperLink} from '../paper.ts';
import type {Provenance} from '../report.ts';
import {legend} from '../sections/curves.ts';
import {factList, provenanceSection} from '../sections/provenance.ts';
import {resultTable} from '../sections/result-table.ts';
import {swatch, type VariantLook} from '../variant-look.ts';
import type {Compared} from './compared.ts';

type Similarities = ReadonlyArray<Compared<GradientSimilarity>>;

const lossNames = {poincare: 'Poincaré loss', 'cross-entropy': 'cross-entropy'} as const satisfies Record<AttackLoss, string>;

/** One row per loss and variant: cosines over all steps and late ones, and how many gradients had no direction. */
export function similarityTable(variants: Similarities): Table {
	return {
		title: 'Cosine between the image gradients of consecutive steps',
		columns: [
			{name: 'variant', format: 'text'},
			{name: 'α', format: 'number'},
			{name: 'loss', format: 'text'},
			{name: 'all steps', format: 'fixed3'},
			{name: 'sd over latents', format: 'fixed3'},
			{name: `last ${lateSteps} steps`, format: 'fixed3'},
			{name: 'zero gradients', format: 'percent'},
			{name: `last ${lateSteps}, zeros as 0`, format: 'fixed3'},
		],
		rows: curvesByLoss(variants).flatMap(({loss, curves}) => curves.map(({variant: {name, alpha, value}, curve}): Cell[] => [
			name, alpha, lossNames[loss], meanSimilarity(curve) ?? '–', meanDeviation(curve) ?? '–', meanSimilarity(curve, lateSteps) ?? '–', zeroShare(curve, value.samples), meanSimilarityWithZeros(curve, value.samples, lateSteps),
		])),
		notes: ['Sd over latents: standard deviation of the cosine, averaged over the steps. Zero gradients: pairs of steps that are left out because one of the gradients is exactly zero, where the softmax in 32 bits has reached 0 or 1, and has no direction; the last column counts them as cosine 0, as PyTorch does.'],
	};
}

/** How far latents differ, averaged over the steps that tell. */
function meanDeviation({deviation}: SimilarityCurve): number | undefined {
	const known = deviation.filter(value => value !== null);
	return known.length === 0 ? undefined : spreadOf(known).mean;
}

/** One row per variant, loss and step, in full precision; empty where a step has no value. */
export function similarityCsvTable(variants: Similarities): Table {
	return {
		title: 'Gradient similarity',
		columns: [
			{name: 'variant', format: 'text'},
			{name: 'α', format: 'number'},
			{name: 'loss', format: 'text'},
			...['step', 'cosine', 'cosine sd', 'samples', 'zero gradients'].map(name => ({name, format: 'number'} as const)),
		],
		rows: variants.flatMap(({name, alpha, value: {samples, curves}}) => curves.flatMap(({loss, mean, deviation, zeroGradients}) =>
			mean.map((cosine, index): Cell[] => [name, alpha, loss, index + 2, cosine ?? '', deviation[index] ?? '', samples - zeroGradients[index]!, zeroGradients[index]!]))),
		notes: [],
	};
}

/** Gradient similarity as one HTML page that needs no network. Equal results give equal bytes. */
export function similarityPage(variants: Similarities, provenance: Provenance): string {
	const first = variants[0]?.value;
	return htmlDocument({title: 'Gradient similarity', question: 'How steady is the direction in which the attack changes an image, and how does label smoothing disturb it?'}, {
		header: factList([
			['target models', variants.length],
			['latents', first?.samples],
			['optimizer steps', (first?.curves[0]?.mean.length ?? 0) + 1],
			['seed', provenance.seed],
			['backend', provenance.backend],
		]),
		main: html`
			${similaritySection(variants)}
			${section('Where the numbers come from', provenanceSection(provenance))}
		`,
	});
}

/** Figures and table. */
export function similaritySection(variants: Similarities): Html {
	const losses = curvesByLoss(variants);
	const vanishing = losses.filter(({curves}) => curves.some(({curve}) => curve.zeroGradients.some(count => count > 0)));
	return section('Gradients of consecutive steps', html`
		<p>In the form of Fig. 6 (b) and Eq. 4 of <a href="${paperLink}" rel="noreferrer">the paper</a>: random latents with random target classes are optimized; each step’s gradient with respect to the image is compared with that of the step before. Bands are standard deviations over latents. The paper finds gradients that agree for α ≥ 0, and disagree late in the attack for α &lt; 0.</p>
		${legend(variants.map(({name}) => name), new Map(variants.map(({name, look}) => [name, look])))}
		<div class="figures two">${losses.map(({loss, curves}) => html`
			<figure><figcaption>${lossNames[loss]}</figcaption>${similarityFigure(loss, curves)}</figure>
		`)}${vanishing.map(({loss, curves}) => html`
			<figure><figcaption>${lossNames[loss]}: gradients that are exactly zero, left out above</figcaption>${zeroFigure(loss, curves)}</figure>
		`)}</div>
		${resultTable(similarityTable(variants), {baselineOf: () => -1, rowMark: row => swatch(variants[row % variants.length]!.look)})}
	`);
}

type VariantCurve = {readonly variant: Compared<GradientSimilarity>; readonly curve: SimilarityCurve};

function curvesByLoss(variants: Similarities): ReadonlyArray<{readonly loss: AttackLoss; readonly curves: readonly VariantCurve[]}> {
	const losses = [...new Set(variants.flatMap(({value}) => value.curves.map(({loss}) => loss)))];
	return losses.map(loss => ({
		loss,
		curves: variants.flatMap(variant => variant.value.curves.filter(curve => curve.loss === loss).map(curve => ({variant, curve}))),
	}));
}

/** Size and margins of the figures, and their axis of steps. */
const frame = {width: 520, height: 280};
const layout = {
	marginLeft: 48, marginBottom: 36, marginTop: 10, marginRight: 10,
	x: {label: 'step', labelArrow: 'none', ticks: 6, tickFormat: (step: number) => (Number.isInteger(step) ? String(step) : '')},
};

function similarityFigure(loss: AttackLoss, curves: readonly VariantCurve[]): Html {
	const lines = curves.map(({variant: {look}, curve: {mean, deviation}}) => ({
		look,
		// Steps without a value are gaps.
		points: mean.map((cosine, index) => ({
			step: index + 2,
			cosine: cosine ?? Number.NaN,
			low: Math.max(-1, (cosine ?? Number.NaN) - (deviation[index] ?? 0)),
			high: Math.min(1, (cosine ?? Number.NaN) + (deviation[index] ?? 0)),
		})),
	}));
	return draw({label: `Cosine between the gradients of consecutive steps, ${lossNames[loss]}, one line per variant`, ...frame}, {
		...layout,
		y: {label: null, grid: true, ticks: 6, tickFormat: (value: number) => signedText(Number(value.toPrecision(3)))},
		marks: [
			plot.ruleY([0], {stroke: 'currentColor', strokeOpacity: 0.5}),
			...lines.map(({look, points}) => plot.areaY(points, {x: 'step', y1: 'low', y2: 'high', fill: look.colour, fillOpacity: 0.13})),
			...lines.map(({look, points}) => plot.lineY(points, {x: 'step', y: 'cosine', strokeWidth: 2, ...strokeOf(look)})),
		],
	});
}

function zeroFigure(loss: AttackLoss, curves: readonly VariantCurve[]): Html {
	return draw({label: `Share of latents whose gradient is exactly zero, ${lossNames[loss]}, one line per variant`, ...frame}, {
		...layout,
		y: {label: null, grid: true, domain: [0, 1], ticks: 5, tickFormat: (value: number) => `${Number((100 * value).toPrecision(3))} %`},
		marks: [
			plot.ruleY([0], {stroke: 'currentColor', strokeOpacity: 0.5}),
			...curves.map(({variant: {look, value: {samples}}, curve: {zeroGradients}}) =>
				plot.lineY(zeroGradients.map((count, index) => ({step: index + 2, share: count / samples})), {x: 'step', y: 'share', strokeWidth: 2, ...strokeOf(look)})),
		],
	});
}

function strokeOf({colour, dash}: VariantLook): object {
	return {stroke: colour, ...(dash === undefined ? {} : {strokeDasharray: dash})};
}
